/** Saving: run what is not run yet, write, let stock TF.js open and measure the file, and only then download it. */
import type { OutputFile } from '../../engine/format.ts';
import type { ModelHandle, WrittenModel } from '../../workers/api.ts';
import { engine } from '../state/engine.ts';
import { exportsStore, type Written } from '../state/exports.ts';
import { asFields, clearProblem, showProblem } from '../state/problems.ts';
import { recipeKey, recipeStore } from '../state/recipe.ts';
import { runOf, runsStore } from '../state/runs.ts';
import { session } from '../state/session.ts';
import { ensureRun, runSoon } from './run.ts';

/** Asks what the format can't hold of the newest result, and of a result that an edit returns to. */
export function watchLosses(): void {
  recipeStore.subscribe(({ committed }, before) => {
    if (committed === before.committed) return;
    const run = runOf(runsStore.getState(), recipeKey(committed));
    if (run?.handle) void readLosses(run.handle, run.key);
  });
  runsStore.subscribe(({ runs }, before) => {
    const run = runs.at(-1);
    if (run === undefined || runs === before.runs || run.handle === null) return;
    void readLosses(run.handle, run.key);
  });
}

async function readLosses(handle: ModelHandle, key: string): Promise<void> {
  try {
    const list = await engine().losses(handle, exportsStore.getState().format);
    exportsStore.setState({ losses: { key, list } });
  } catch (thrown) {
    showProblem('export', thrown);
  }
}

/** Saves the recipe's result, or with `repaired` the model as it was read, uncompressed. */
export async function save(what: 'compressed' | 'repaired'): Promise<void> {
  const { model, data } = session.getState();
  if (model === null || exportsStore.getState().busy !== null) return;
  const controller = new AbortController();
  const cancel = () => {
    controller.abort();
    runsStore.getState().running?.cancel();
  };
  clearProblem('export');
  exportsStore.setState({ busy: { event: null, cancel } });
  try {
    const run = what === 'compressed' ? await ensureRun() : null;
    if (controller.signal.aborted || (what === 'compressed' && run === null)) return;
    const { format } = exportsStore.getState();
    const write = (handle: ModelHandle) =>
      engine().write(
        { model: handle, original: model.handle, data: data?.handle ?? null, format },
        (event) => exportsStore.setState(({ busy }) => ({ busy: busy && { ...busy, event } })),
        controller.signal,
      );
    const written = await (run === null ? write(model.handle) : again(run.handle, write));
    if (controller.signal.aborted || session.getState().model !== model) return;
    const name = `${fileName(model.summary.name)}-${run === null ? 'repaired' : 'nutshell'}`;
    const kept: Written = { ...written, format, key: run?.key ?? null, name };
    exportsStore.setState({ written: kept });
    await download(kept);
  } catch (thrown) {
    if (!controller.signal.aborted) showProblem('export', thrown);
  } finally {
    exportsStore.setState({ busy: null });
    runSoon();
  }
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
  if (written.files.length === 1 && only !== undefined) return downloadFile(only);
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
