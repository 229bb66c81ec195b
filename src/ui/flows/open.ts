/** Opening a model and data. A failure leaves the session as it was; what is opened anew replaces what hung on the old one. */
import { isLabelsFile } from '../../engine/data/labels-name.ts';
import { StudioError } from '../../engine/errors.ts';
import type { Recipe } from '../../engine/recipe.ts';
import type { DataChange, DroppedFile, Feed, OpenedData, OpenedModel, SampleCard } from '../../workers/api.ts';
import { pageProblem } from '../i18n/engine-words.ts';
import { t } from '../i18n/translate.ts';
import { engine } from '../state/engine.ts';
import { offeredFormats } from '../state/export-formats.ts';
import { exportsStore, noExports } from '../state/exports.ts';
import { noSizes, sizesStore } from '../state/figures.ts';
import { asFields, clearProblem, problems, showProblem } from '../state/problems.ts';
import { freshRecipe, recipeStore } from '../state/recipe.ts';
import { type ModelSource, session } from '../state/session.ts';
import { selectLayer } from '../state/view.ts';
import { refreshDevice } from './device.ts';
import { isArchive, isZip, type Sorted, sortFiles } from './files.ts';
import { followDataSize, setInputSize } from './input-size.ts';
import { forgetRuns, runSoon } from './run.ts';
import { estimate, measureSizes, stopMeasuring } from './sizes.ts';

interface ModelOptions {
  readonly card?: SampleCard;
  readonly allowNonFinite?: boolean;
  /** Chosen before, for a model that takes inputs of any size. */
  readonly inputSize?: readonly number[];
  /** A turn taken before the files were at hand. */
  readonly turn?: number;
  /** The recipe that it is opened with; else 8 bits. */
  readonly recipe?: Recipe;
  /** Its own data follows: what is open is not offered to it. */
  readonly alone?: boolean;
}

/** Counts openings, so that an older one that ends late is dropped. */
let turn = 0;

/** Takes a turn: whatever began to open before is dropped from now on. */
export function takeTurn(): number {
  return ++turn;
}

/** Whether nothing else began to open since. */
export const isTurn = (mine: number): boolean => mine === turn;

/** The recipe of a link that came without its model: for the next model of the visitor's own. */
let promised: Recipe | undefined;

/** Keeps a recipe for the next model that is no sample. */
export function promiseRecipe(recipe: Recipe): void {
  promised = recipe;
}

/** Opens whatever was dropped: a model, data, the names of outputs, or several of them. */
export async function openDropped(files: readonly DroppedFile[]): Promise<void> {
  if (files.length === 0) return;
  const { model, data, labels } = await sortArchives(sortFiles(files));
  if (model.length > 0 && !(await openModel(model)) && !isArchive(model)) return;
  if (isArchive(model) && problems.getState().open !== undefined && session.getState().model !== null)
    await openArchiveAsData(model);
  if (data.length > 0) await openData([...data, ...labels]);
  else if (labels.length > 0) await openLabels(labels);
}

/** Archives of several are told apart by what is in them; a lone one is tried as a model first. */
async function sortArchives(sorted: Sorted): Promise<Sorted> {
  const archives = sorted.model.filter(isZip);
  if (archives.length === 0 || sorted.model.length + sorted.data.length === 1) return sorted;
  const contents = await engine().archives(archives);
  const data = archives.filter((_, at) => contents[at] === 'data' || contents[at] === 'both');
  const model = sorted.model.filter((file) => contents[archives.indexOf(file)] !== 'data');
  const named = model.every((file) => isLabelsFile(file.path));
  return named
    ? { model: [], data: [...sorted.data, ...data], labels: [...sorted.labels, ...model] }
    : { ...sorted, model, data: [...sorted.data, ...data] };
}

/** Opens the open data once more, with names for the model's outputs. */
export async function openLabels(labels: readonly DroppedFile[]): Promise<void> {
  const { dataFrom, data } = session.getState();
  const files = dataFrom?.files.filter((file) => !isLabelsFile(file.path)) ?? [];
  if (data === null) {
    showProblem('data', new StudioError(pageProblem('LABELS_ALONE', {}, labels.map(({ path }) => path).join(', '))));
    return;
  }
  await openData([...files, ...labels], { name: data.summary.name });
}

async function openArchiveAsData(files: readonly DroppedFile[]): Promise<void> {
  const asModel = problems.getState().open;
  await openData(files);
  const asData = problems.getState().data;
  clearProblem(asData === undefined ? 'open' : 'data');
  if (asData === undefined || asModel === undefined) return;
  // Neither reader took it: the model's reason is the one to tell.
  showProblem('open', asModel);
}

/** Opens a model; true where it took the place of the old one. */
export async function openModel(files: readonly DroppedFile[], options: ModelOptions = {}): Promise<boolean> {
  const mine = options.turn ?? takeTurn();
  if (mine !== turn) return false;
  session.setState({ opening: 'model' });
  clearProblem('open');
  try {
    const { allowNonFinite = false, inputSize } = options;
    const model = await engine().open(files, { allowNonFinite, ...(inputSize && { inputSize }) });
    if (mine !== turn) {
      void engine().close(model.handle);
      return false;
    }
    take(model, { files, allowNonFinite, ...(inputSize && { inputSize }) }, options);
    return true;
  } catch (thrown) {
    if (mine === turn) showProblem('open', thrown, remedyFor(thrown, files, options));
    return false;
  } finally {
    if (mine === turn) session.setState({ opening: null });
  }
}

function remedyFor(thrown: unknown, files: readonly DroppedFile[], options: ModelOptions) {
  if (!asFields(thrown).code.includes('FINITE')) return undefined;
  return {
    label: () => t('open.anyway'),
    perform: () => {
      const { turn: _over, ...rest } = options;
      void openModel(files, { ...rest, allowNonFinite: true });
    },
  };
}

function take(model: OpenedModel, modelFrom: ModelSource, options: ModelOptions): void {
  const { card = null, recipe = card === null ? promised : undefined } = options;
  const { model: old, data, dataFrom } = session.getState();
  if (card === null) promised = undefined;
  stopMeasuring();
  forgetRuns();
  if (old !== null) void engine().close(old.handle);
  if (data !== null) void engine().closeData(data.handle);
  // Data of the visitor's own is offered to the new model, which says why where it does not fit; a sample's goes where it fits.
  const fits =
    data !== null && (dataFrom?.sample === false || sameShape(data.summary.sampleShape, model.summary.inputs[0]?.shape));
  // The recipe stays with its model: overrides name layers, and 8 bits are where everybody starts.
  sizesStore.setState(noSizes);
  const offered = offeredFormats(model.summary.format);
  const [first] = offered;
  const known = offered.some(({ id }) => id === exportsStore.getState().format);
  exportsStore.setState({ ...noExports, ...(first && !known && { format: first.id }) });
  selectLayer(model.summary.layers.find((layer) => layer.weights.some((weight) => weight.kind === 'kernel'))?.name ?? null);
  session.setState({ model, card, modelFrom, data: null, teacher: null });
  clearProblem('recipe');
  clearProblem('run');
  clearProblem('export');
  clearProblem('data');
  recipeStore.setState(freshRecipe(recipe));
  estimate(recipeStore.getState().recipe);
  void measureSizes(recipeStore.getState().committed);
  void refreshDevice();
  if (card === null && fits && dataFrom !== null && !options.alone) void openData(dataFrom.files);
}

function sameShape(sample: readonly number[] | null, input: readonly (number | null)[] | undefined): boolean {
  if (sample === null || input === undefined || sample.length !== input.length) return false;
  return input.every((size, axis) => size === null || size === sample[axis]);
}

/** Opens data for the open model; how it is fed is found unless it is given. */
export async function openData(
  files: readonly DroppedFile[],
  options: Feed & { readonly name?: string } = {},
  sample = false,
): Promise<void> {
  const model = session.getState().model?.handle ?? null;
  await takeData(() => engine().openData(files, { model, ...options }));
  if (problems.getState().data === undefined) session.setState({ dataFrom: { files, sample } });
}

/** Feeds the open data to the model in another way, or finds a better one. */
export async function arrangeData(change: DataChange): Promise<void> {
  const { data, model } = session.getState();
  if (data !== null) await takeData(() => engine().arrangeData(data.handle, model?.handle ?? null, change));
}

/** Measures a model that takes inputs of any size at this one. */
export async function chooseInputSize(inputSize: readonly number[]): Promise<void> {
  if (!(await setInputSize(inputSize))) return;
  session.setState(({ modelFrom }) => ({ modelFrom: modelFrom && { ...modelFrom, inputSize } }));
  // Pictures are shown as the model sees them.
  if (session.getState().data !== null) await arrangeData({});
}

async function takeData(read: () => Promise<OpenedData>): Promise<void> {
  const model = session.getState().model?.handle;
  session.setState({ opening: 'data' });
  clearProblem('data');
  try {
    const data = await read();
    if (session.getState().model?.handle !== model) return void engine().closeData(data.handle);
    const old = session.getState().data?.handle;
    if (old !== undefined && old !== data.handle) void engine().closeData(old);
    forgetRuns();
    session.setState({ data });
    await followDataSize();
    runSoon(0);
  } catch (thrown) {
    if (session.getState().model?.handle === model) showProblem('data', thrown);
  } finally {
    if (session.getState().opening === 'data') session.setState({ opening: null });
  }
}

/** Goes on without data: sizes, time and agreement remain. */
export function dropData(): void {
  const { data } = session.getState();
  if (data !== null) void engine().closeData(data.handle);
  forgetRuns();
  session.setState({ data: null, dataFrom: null });
  clearProblem('data');
}
