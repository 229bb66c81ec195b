/** Saving: run what is not run yet, write, let the file be opened and measured again, and only then download it. */
import type { OutputFile } from '../../engine/format.ts';
import type { DataHandle, ModelHandle, RunEvent, WriteSources, WrittenModel } from '../../workers/api.ts';
import { engine } from '../state/engine.ts';
import { type ExportFormat, offeredFormats, targetOf } from '../state/export-formats.ts';
import { exportsStore, keepFigures, type Written } from '../state/exports.ts';
import { figuresFrom } from '../state/format-figures.ts';
import { asFields, clearProblem, showProblem } from '../state/problems.ts';
import { recipeKey, recipeStore } from '../state/recipe.ts';
import { type Run, runOf, runsStore } from '../state/runs.ts';
import { session } from '../state/session.ts';
import { ensureRun, runSoon } from './run.ts';
import { trainingData } from './training-data.ts';

/** Weighs the newest result in every format, and a result that an edit returns to. Other data is other runs. */
export function watchExports(): void {
  recipeStore.subscribe(({ committed }, before) => {
    if (committed !== before.committed) weighAgain();
  });
  runsStore.subscribe(({ runs }, before) => {
    if (runs !== before.runs) weighAgain();
  });
  exportsStore.subscribe(({ int4, anyBatch }, before) => {
    if (int4 === before.int4 && anyBatch === before.anyBatch) return;
    weighed = null;
    weighAgain();
  });
}

let weighing: AbortController | null = null;
/** The result that is weighed, or is about to be. */
let weighed: ModelHandle | null = null;

function weighAgain(): void {
  const run = runOf(runsStore.getState(), recipeKey(recipeStore.getState().committed));
  if (run?.handle && run.handle !== weighed) void weigh(run.handle, run.key);
}

async function weigh(handle: ModelHandle, key: string): Promise<void> {
  weighing?.abort();
  const controller = new AbortController();
  weighing = controller;
  weighed = handle;
  try {
    const offered = offeredFormats(session.getState().model?.summary.format);
    const choices = exportsStore.getState();
    const targets = offered.map(({ id }) => targetOf(id, { ...choices, ports: 'float32' }));
    // A file weighs the same whatever it is calibrated on: training data is not loaded for that.
    const list = await engine().weigh(sourcesOf(handle, null), targets, controller.signal);
    if (controller.signal.aborted) return;
    const formats = new Map(offered.flatMap(({ id }, i) => (list[i] === undefined ? [] : [[id, list[i]] as const])));
    exportsStore.setState({ weighed: { key, formats } });
  } catch (thrown) {
    if (weighed === handle) weighed = null;
    // A result that is gone is weighed when it has been run again.
    if (!controller.signal.aborted && asFields(thrown).code !== 'SESSION_CLOSED') showProblem('export', thrown);
  }
}

const sourcesOf = (model: ModelHandle, training: DataHandle | null): WriteSources => ({
  model,
  data: session.getState().data?.handle ?? null,
  training,
});

/** Saves the recipe's result, or with `repaired` the model as it was read, uncompressed. */
export async function save(what: 'compressed' | 'repaired'): Promise<void> {
  const { model } = session.getState();
  if (model === null) return;
  await busily(async (signal) => {
    const run = what === 'compressed' ? await ensureRun() : null;
    if (signal.aborted || (what === 'compressed' && run === null)) return;
    const kept = await writeAs(exportsStore.getState().format, run, signal);
    if (signal.aborted || session.getState().model !== model) return;
    exportsStore.setState({ written: kept });
    if (kept.format !== 'tflite-dynamic') keepFigures(kept.key, kept.format, figuresFrom('file', kept.verified.figures));
    await download(kept);
  });
}

/** Does work that can be cancelled, while nothing else is written. */
export async function busily(work: (signal: AbortSignal) => Promise<void>): Promise<void> {
  if (exportsStore.getState().busy !== null) return;
  const controller = new AbortController();
  const cancel = () => {
    controller.abort();
    runsStore.getState().running?.cancel();
  };
  clearProblem('export');
  exportsStore.setState({ busy: { event: null, cancel } });
  try {
    await work(controller.signal);
  } catch (thrown) {
    if (!controller.signal.aborted) showProblem('export', thrown);
  } finally {
    exportsStore.setState({ busy: null });
    runSoon();
  }
}

/** Writes the result of a run in a format as it is chosen now; the model as it was read where there is no run. */
export async function writeAs(format: ExportFormat, run: Run | null, signal: AbortSignal): Promise<Written> {
  const { model } = session.getState();
  const { ports, int4, anyBatch } = exportsStore.getState();
  const target = targetOf(format, { ports, int4, anyBatch });
  const training = target.tflite?.kind === 'int8' || target.tflite?.kind === 'int16x8' ? await trainingData() : null;
  const write = (handle: ModelHandle) => engine().write({ ...sourcesOf(handle, training), target }, showEvent, signal);
  const handle = run === null ? model?.handle : run.handle;
  if (model === null || !handle) throw new Error('There is nothing to write.');
  const written = await (run === null ? write(handle) : again(handle, write));
  const name = `${fileName(model.summary.name)}-${run === null ? 'repaired' : 'nutshell'}`;
  return { ...written, format, ports, key: run?.key ?? null, name };
}

/** Tells how far the writing or measuring is that is under way. */
export function showEvent(event: RunEvent): void {
  exportsStore.setState(({ busy }) => ({ busy: busy && { ...busy, event } }));
}

/** A worker that was started again has lost its results: then the recipe is run once more and written. */
async function again(handle: ModelHandle, write: (handle: ModelHandle) => Promise<WrittenModel>): Promise<WrittenModel> {
  try {
    return await write(handle);
  } catch (thrown) {
    if (asFields(thrown).code !== 'SESSION_CLOSED') throw thrown;
    runsStore.setState(({ runs }) => ({ runs: runs.map((run) => ({ ...run, handle: null })) }));
    const run = await ensureRun();
    if (run === null) throw thrown;
    return write(run.handle);
  }
}

const fileName = (name: string): string => name.replace(/[^\p{L}\p{N}._-]+/gu, '-').replace(/^-+|-+$/g, '') || 'model';

/** Downloads all files of what was written, as one zip where they are several. */
export async function download(written: Written): Promise<void> {
  const [only] = written.files;
  if (written.files.length === 1 && only !== undefined) {
    const ending = only.path.slice(only.path.lastIndexOf('.'));
    return downloadFile({ path: `${written.name}${ending}`, bytes: only.bytes });
  }
  const { zipSync } = await import('fflate');
  // A fixed time keeps the bytes of the archive the same for the same model.
  const entries = Object.fromEntries(written.files.map((file) => [file.path, file.bytes]));
  const archive = zipSync(entries, { mtime: new Date(1980, 0, 1) });
  downloadFile({ path: `${written.name}.zip`, bytes: archive });
}

/** Downloads one file. */
export function downloadFile(file: OutputFile): void {
  const url = URL.createObjectURL(new Blob([file.bytes]));
  const link = document.createElement('a');
  link.href = url;
  link.download = file.path.slice(file.path.lastIndexOf('/') + 1);
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}
