/**
 * Data in the worker: opened once, then arranged as the model is to be fed with it. What is not asked for is found: names and order of classes
 * from the files, scaling, crop and channel order by trying them on labelled samples.
 */
import {
  archiveContent,
  arrangeDataset,
  changesAspect,
  classesOf,
  classesToldApart,
  concreteInputs,
  createPredictor,
  createRng,
  findLabels,
  guessClassOrder,
  guessPreprocessing,
  isLabelsFile,
  type Model,
  openData,
  orderOf,
  preprocessings,
  suits,
  taskOf,
  thumbnails,
} from '../engine/index.ts';
import type { ClassSummary, DataChange, DataHandle, DataSummary, EngineApi, ModelHandle, OpenedData } from './api.ts';
import type { Device } from './device.ts';
import { dataNamed, modelNamed, type OpenedDataState, type Session, sourceOf } from './session.ts';

const never = new AbortController().signal;
const thumbnailCount = 24;
const context = { signal: never, report: () => {}, rng: createRng(0) };
const untouched: DataSummary['guess'] = [];

export interface DataDesk {
  readonly calls: Pick<EngineApi, 'archives' | 'openData' | 'arrangeData'>;
}

export function createDataDesk(session: Session, device: Device): DataDesk {
  let count = 0;

  const modelOf = (handle: ModelHandle | null): Model | null => (handle === null ? null : modelNamed(session, handle).model);

  /** Runs a model on the device for as long as a guess lasts. */
  const onDevice = <T>(
    model: Model,
    state: OpenedDataState,
    job: (predictor: Awaited<ReturnType<typeof createPredictor>>) => Promise<T>,
  ) =>
    device.use(never, async () => {
      const predictor = await createPredictor(model, { inputShapes: concreteInputs(model, state.source) });
      try {
        return await job(predictor);
      } finally {
        predictor.dispose();
      }
    });

  /** Tries how to feed the data; what is not varied stays. Throws DATA_SHAPE or DATA_LABELS where the data does not fit. */
  async function guess(state: OpenedDataState, model: Model | null, vary: { fit: boolean; channels: boolean }): Promise<void> {
    if (model === null) return;
    const rescales = model.nodes.some(({ op }) => op === 'Rescaling');
    const found = await onDevice(model, state, (predictor) =>
      guessPreprocessing(predictor, state.dataset, { rescales, vary, context }),
    );
    state.preprocessing = found.preprocessing;
    arrange(state, { fit: found.fit, channels: found.channels });
    state.guess = found.candidates;
    state.guessed = found.guessed;
  }

  /** Finds the order of classes from the answers; a scaling that was guessed may change with it. */
  async function guessOrder(state: OpenedDataState, model: Model): Promise<void> {
    const outputs = classesToldApart(model);
    if (outputs === null) return;
    const { channels } = state.dataset;
    const [shape = []] = concreteInputs(model, state.source);
    const others = state.guessed ? preprocessings.filter((one) => one !== state.preprocessing && suits(one, shape)) : [];
    const dataset = { ...state.source, ...(channels && { channels }), batch: state.dataset.batch };
    const found = await onDevice(model, state, (predictor) =>
      guessClassOrder(predictor, dataset, { preprocessings: [state.preprocessing, ...others], count: outputs, context }),
    );
    if (found === null) return;
    state.preprocessing = found.preprocessing;
    state.named = { ...state.named, order: found.order };
    arrange(state, {});
    if (state.guessed) await guess(state, model, { fit: false, channels: false });
  }

  function orderByName(state: OpenedDataState, handle: ModelHandle | null): void {
    const model = handle === null ? null : modelNamed(session, handle);
    state.named = orderOf(
      state.source,
      state.given,
      model?.labels ?? null,
      model === null ? null : classesToldApart(model.model),
    );
  }

  const calls: DataDesk['calls'] = {
    // An archive that can't be read is left to the model's reader, which says why.
    archives: (files) => Promise.all(files.map((file) => archiveContent(sourceOf(file)).catch(() => 'neither' as const))),
    async openData(files, { model: handle, handle: own = `data-${++count}` as DataHandle, name, labelColumn, ...wanted }) {
      const sources = files.map(sourceOf);
      const options = { ...(name && { name }), ...(labelColumn && { labelColumn }) };
      const data = sources.filter(({ path }) => !isLabelsFile(path));
      const source = await openData(data, options, context);
      const state: OpenedDataState = {
        source,
        given: await findLabels(sources),
        dataset: source,
        preprocessing: wanted.preprocessing ?? (source.kind === 'images' ? 'unit' : 'raw'),
        named: { order: null, labels: null },
        revision: 0,
        guess: untouched,
        guessed: false,
      };
      orderByName(state, handle);
      if (wanted.order) state.named = { ...state.named, order: wanted.order };
      arrange(state, { fit: wanted.fit ?? 'squash', channels: wanted.channels ?? 'rgb' });
      const vary = { fit: wanted.fit === undefined, channels: wanted.channels === undefined };
      if (wanted.preprocessing === undefined) await guess(state, modelOf(handle), vary);
      session.data.set(own, state);
      return describe(own, state, modelOf(handle));
    },
    async arrangeData(handle, modelHandle, change) {
      const state = dataNamed(session, handle);
      const model = modelOf(modelHandle);
      const before = { ...state };
      try {
        if (change.order === 'names') orderByName(state, modelHandle);
        else if (change.order && change.order !== 'guess') state.named = { ...state.named, order: change.order };
        await apply(state, model, change);
        if (change.order === 'guess' && model !== null) await guessOrder(state, model);
      } catch (thrown) {
        // What does not fit leaves everything as it was.
        Object.assign(state, before, { revision: state.revision + 1 });
        throw thrown;
      }
      return describe(handle, state, model);
    },
  };

  async function apply(state: OpenedDataState, model: Model | null, change: DataChange): Promise<void> {
    if (change.preprocessing === 'auto') {
      arrange(state, { fit: 'squash', channels: 'rgb' });
      return guess(state, model, { fit: true, channels: true });
    }
    if (change.preprocessing !== undefined) {
      state.preprocessing = change.preprocessing;
      state.guessed = false;
    }
    if (change.fit !== undefined || change.channels !== undefined) state.guessed = false;
    arrange(state, change);
  }

  return { calls };
}

/** Makes the view anew. */
function arrange(state: OpenedDataState, { fit, channels }: Pick<DataChange, 'fit' | 'channels'>): void {
  const { source, dataset, named } = state;
  const now = { fit: fit ?? dataset.fit ?? 'squash', channels: channels ?? dataset.channels ?? 'rgb' } as const;
  state.dataset = arrangeDataset(source, { ...now, ...named });
  state.revision++;
}

async function describe(handle: DataHandle, state: OpenedDataState, model: Model | null): Promise<OpenedData> {
  const { source, dataset, named, preprocessing, guess, guessed } = state;
  const shape = model === null ? dataset.sampleShape : concreteInputs(model, dataset)[0];
  const {
    name,
    kind,
    size,
    sampleShape,
    classNames = [],
    featureNames = [],
    fit = 'squash',
    channels = 'rgb',
    notes = [],
  } = dataset;
  const summary: DataSummary = {
    name,
    kind,
    size,
    sampleShape,
    task: taskOf(dataset),
    classNames,
    featureNames,
    preprocessing,
    fit,
    channels,
    choices: {
      preprocessings: preprocessings.filter((one) => shape == null || suits(one, shape)),
      fit: shape != null && changesAspect(source, shape),
      channels: kind === 'images' && shape?.length === 3 && (shape[2] ?? 0) >= 3,
    },
    classes: classSummaries(state),
    outputs: outputNames(state, model),
    order: named.order,
    labelsFrom: named.labels?.file ?? null,
    notes,
    guess,
    guessed,
  };
  return { handle, summary, thumbnails: shape ? await thumbnails(dataset, thumbnailCount, shape) : [] };
}

function classSummaries({ source, named }: OpenedDataState): ClassSummary[] {
  const names = classesOf(source);
  const counts = new Array<number>(names.length).fill(0);
  for (const label of source.labels ?? []) counts[label] = (counts[label] ?? 0) + 1;
  return names.map((name, number) => ({ name, count: counts[number] ?? 0, output: named.order?.outputs[number] ?? number }));
}

/** What the model itself calls its outputs, else their numbers. */
function outputNames({ named }: OpenedDataState, model: Model | null): string[] {
  const count = model === null ? 0 : (classesToldApart(model) ?? 0);
  return Array.from({ length: count }, (_, output) => named.labels?.names[output] ?? String(output));
}
