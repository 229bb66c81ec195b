/** Running written .tflite files in Google's interpreter: the one that was saved, or the result in every kind, one after the other. */
import { engine } from '../state/engine.ts';
import { exportFormats } from '../state/export-formats.ts';
import { exportsStore, keepFigures, type Written } from '../state/exports.ts';
import { figuresFrom } from '../state/format-figures.ts';
import { showProblem } from '../state/problems.ts';
import { session } from '../state/session.ts';
import { busily, showEvent, writeAs } from './export.ts';
import { ensureRun } from './run.ts';

/** What was written last. */
export async function deploy(): Promise<void> {
  const { written } = exportsStore.getState();
  if (written !== null) await busily((signal) => measure(written, signal));
}

/** The .tflite kinds that the result in view can be had in; empty until it is weighed. */
export function measurableKinds() {
  const { weighed, written } = exportsStore.getState();
  const kinds = exportFormats.flatMap(({ id, target }) => {
    const figure = weighed?.formats.get(id);
    return target.format === 'tflite' && figure !== undefined && !('refused' in figure) ? [id] : [];
  });
  // The one that stands saved comes last: its file is the one that the worker then holds.
  return kinds.sort((a, b) => Number(a === written?.format) - Number(b === written?.format));
}

/** Writes and measures every kind; one that LiteRT does not run is told and passed over. */
export async function deployAll(): Promise<void> {
  await busily(async (signal) => {
    const { model } = session.getState();
    const saved = exportsStore.getState().written?.format;
    const run = await ensureRun();
    for (const format of run === null ? [] : measurableKinds()) {
      try {
        const kept = await writeAs(format, run, signal);
        if (signal.aborted || session.getState().model !== model) break;
        if (format === saved) exportsStore.setState({ written: kept });
        await measure(kept, signal);
      } catch (thrown) {
        if (signal.aborted) break;
        showProblem('export', thrown);
      }
    }
    // Cut short, the worker holds another file than the one that stands saved, which then can be measured no more.
    if (signal.aborted && saved?.startsWith('tflite')) exportsStore.setState({ written: null });
  });
}

async function measure(written: Written, signal: AbortSignal): Promise<void> {
  const value = await engine().deploy(showEvent, signal);
  exportsStore.setState({ deployed: { written, value } });
  keepFigures(written.key, written.format, figuresFrom('litert', value.deployed, value.deployed['latency/median']));
}
