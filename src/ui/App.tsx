/** The studio: one page, one grid. On a wide screen everything is in view; on a phone a segment at a time. */
import { useEffect, useRef } from 'react';
import { useLanguage } from './i18n/language.ts';
import { t } from './i18n/translate.ts';
import { DataPanel } from './panels/data-panel.tsx';
import { Dials } from './panels/dials.tsx';
import { DropZone } from './panels/drop-zone.tsx';
import { Figures, Hero } from './panels/hero.tsx';
import { Lower } from './panels/lower.tsx';
import { RunLine } from './panels/run-line.tsx';
import { RunsPanel } from './panels/runs-panel.tsx';
import { Footer, Segments } from './panels/segments.tsx';
import { SourcePanel } from './panels/source-panel.tsx';
import { StatusLine } from './panels/status-line.tsx';
import { TopBar } from './panels/top-bar.tsx';
import { lazyPart } from './parts/lazy-part.tsx';
import { ToastLine } from './parts/toast.tsx';
import { useSession } from './state/session.ts';
import { useShown } from './state/use-shown.ts';
import { useView, view } from './state/view.ts';

const RecipePanel = lazyPart(() => import('./panels/recipe-panel.tsx').then((module) => module.RecipePanel));
const Inspector = lazyPart(() => import('./panels/inspector.tsx').then((module) => module.Inspector));
const TryPanel = lazyPart(() => import('./panels/try-panel.tsx').then((module) => module.TryPanel));
const ExportPanel = lazyPart(() => import('./panels/export-panel.tsx').then((module) => module.ExportPanel));

export function App() {
  // The whole page is written again when the language changes.
  useLanguage((state) => state.language);
  const segment = useView((state) => state.segment);
  const drawer = useView((state) => state.drawer);
  return (
    <>
      <TopBar />
      <main className="studio" data-segment={segment}>
        <Hero />
        <div className="left">
          <div className="left-column">
            <SourcePanel />
            <Dials />
            <Segments />
            <RecipePanel />
          </div>
          <RunLine />
        </div>
        <div className="results">
          <RestOfFigures />
          <DataPanel />
          <RunsPanel />
        </div>
        <Lower />
        <Side open={drawer} />
      </main>
      <Footer />
      <StatusLine />
      <ToastLine />
      <DropZone />
    </>
  );
}

/** On a phone, the figures that do not fit beside the size. */
function RestOfFigures() {
  const shown = useShown();
  return <div className="rest only-small">{shown !== null && <Figures shown={shown} rest />}</div>;
}

/** The right column; on a middle-sized screen a drawer that Escape closes and that hands the focus back. */
function Side({ open }: { readonly open: boolean }) {
  const opened = useSession((state) => state.model !== null);
  const side = useRef<HTMLElement>(null);
  const opener = useRef<Element | null>(null);
  useEffect(() => {
    if (open) {
      opener.current = document.activeElement;
      side.current?.focus();
    } else if (opener.current instanceof HTMLElement) {
      opener.current.focus();
      opener.current = null;
    }
  }, [open]);
  useEffect(() => {
    if (!open) return;
    const close = (event: KeyboardEvent) => {
      if (event.key !== 'Escape' || event.defaultPrevented) return;
      event.preventDefault();
      view.setState({ drawer: false });
    };
    window.addEventListener('keydown', close, { capture: true });
    return () => window.removeEventListener('keydown', close, { capture: true });
  }, [open]);
  return (
    <section ref={side} id="side" className="side" data-open={open} tabIndex={-1} aria-label={t('side.title')}>
      <Inspector />
      {opened && <TryPanel />}
      {opened && <ExportPanel />}
    </section>
  );
}
