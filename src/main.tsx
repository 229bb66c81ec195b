/** Starts the page: paints first, then loads a sample. */
import '@fontsource-variable/inter/wght.css';
import './ui/styles/index.css';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { App } from './ui/App.tsx';
import { listenForShortcuts } from './ui/actions/index.ts';
import { watchLosses } from './ui/flows/export.ts';
import { followRecipe } from './ui/flows/follow.ts';
import { startWithSample } from './ui/flows/samples.ts';
import { followSearch } from './ui/flows/search.ts';
import { followTrial } from './ui/flows/trial.ts';
import { followWall } from './ui/flows/wall.ts';
import { startLanguage } from './ui/i18n/language.ts';
import { applyView } from './ui/state/view.ts';

applyView();
followRecipe();
followWall();
followTrial();
followSearch();
watchLosses();
listenForShortcuts();

async function paint(): Promise<void> {
  await startLanguage();
  const root = document.getElementById('root');
  if (root === null) return;
  createRoot(root).render(
    <StrictMode>
      <App />
    </StrictMode>,
  );
}

void paint();
void startWithSample();
