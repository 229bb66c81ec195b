/** Starts the page: paints first, then loads a sample. */
import '@fontsource-variable/inter/wght.css';
import './ui/styles/index.css';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { App } from './ui/App.tsx';
import { listenForShortcuts } from './ui/actions/index.ts';
import { followChannels } from './ui/flows/channels.ts';
import { watchExports } from './ui/flows/export.ts';
import { followRecipe } from './ui/flows/follow.ts';
import { followAddress } from './ui/flows/link.ts';
import { followSearch } from './ui/flows/search.ts';
import { start } from './ui/flows/start.ts';
import { followTrial } from './ui/flows/trial.ts';
import { followWall } from './ui/flows/wall.ts';
import { startLanguage } from './ui/i18n/language.ts';
import { engine } from './ui/state/engine.ts';
import { applyView } from './ui/state/view.ts';

applyView();
followRecipe();
followWall();
followTrial();
followSearch();
followChannels();
watchExports();
followAddress();
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

/** Loads the engine while the first model is fetched, once the page can be seen. */
function startEngine(): void {
  requestAnimationFrame(() => setTimeout(engine));
}

// Texts that are kept as they were said, such as a failure's, are said in the visitor's language from the first one on.
void paint().then(() => {
  startEngine();
  return start();
});
