/** The engine as the page sees it: the calls of `EngineApi`, each a few lines over the engine's own door. */
import { transfer } from 'comlink';
import type { Format } from '../engine/format.ts';
import {
  applyRecipe,
  type BackendName,
  type Context,
  concreteInputs,
  createAnswerCache,
  createPredictor,
  createRecipeCache,
  createRng,
  describeWeight,
  estimateRecipe,
  fileFigures,
  formatById,
  guessPreprocessing,
  type Model,
  openData,
  openModel,
  runRecipe,
  StudioError,
  searchRecipes,
  shareData,
  sizesByLayer,
  sketchModel,
  splitDataset,
  splitIndices,
  summarize,
  taskOf,
  thumbnails,
  verifyTfjsLayers,
} from '../engine/index.ts';
import type { DataHandle, EngineApi, Estimate, ModelHandle, OpenedData } from './api.ts';
import { createDevice } from './device.ts';
import { createLiveDesk } from './live.ts';
import { createReporter, type Reporter } from './progress.ts';
import { createSession, dataNamed, modelNamed, type OpenedDataState, type OpenedModelState, sourceOf } from './session.ts';
import { createWhyDesk } from './why.ts';

const never = new AbortController().signal;
const thumbnailCount = 24;
const searchSeed = 7;
const silent: Pick<Reporter, 'report'> = { report: () => {} };

const contextOf = (seed: number, signal = never, reporter = silent): Context => ({
  signal,
  report: reporter.report,
  rng: createRng(seed),
});

/** What a preview needs to find what was trained before. */
const previewing = ({ training }: OpenedModelState, context: Context): Context =>
  training === undefined ? context : { ...context, training };

function formatNamed(id: string): Format {
  const format = formatById(id);
  if (format?.write !== undefined) return format;
  throw new StudioError({
    code: 'FORMAT_NO_WRITER',
    title: `The studio does not write "${id}".`,
    detail: format === undefined ? 'There is no such format.' : 'It only reads this format.',
    hint: 'Choose another format.',
  });
}

export function createEngine(): EngineApi {
  const session = createSession();
  const device = createDevice();
  const live = createLiveDesk(session, device);
  let count = 0;
  let stop = new AbortController();

  async function remember(model: Model, handle: ModelHandle): Promise<OpenedModelState> {
    const state: OpenedModelState = {
      model,
      sketches: sketchModel(model),
      before: await fileFigures(model, formatNamed('tfjs-layers'), 'float32', contextOf(0)),
      cache: createRecipeCache(),
      answers: createAnswerCache(),
      results: new Set(),
    };
    session.models.set(handle, state);
    return state;
  }

  /** Scores every scaling on the model; without a model the usual one stays. Throws DATA_SHAPE or DATA_LABELS where the data does not fit. */
  async function guess(state: OpenedDataState, handle: ModelHandle | null): Promise<void> {
    if (handle === null) return;
    const { model } = modelNamed(session, handle);
    const rescales = model.nodes.some(({ op }) => op === 'Rescaling');
    const result = await device.use(never, async () => {
      const predictor = await createPredictor(model, { inputShapes: concreteInputs(model, state.dataset) });
      try {
        return await guessPreprocessing(predictor, state.dataset, { rescales, context: contextOf(0) });
      } finally {
        predictor.dispose();
      }
    });
    state.preprocessing = result.preprocessing;
    state.guess = result.candidates;
    state.guessed = result.guessed;
  }

  async function describeData(handle: DataHandle, state: OpenedDataState, model: ModelHandle | null): Promise<OpenedData> {
    const { dataset, preprocessing, guess: scores, guessed } = state;
    const shape = model === null ? dataset.sampleShape : concreteInputs(modelNamed(session, model).model, dataset)[0];
    const shown = shape ? await thumbnails(dataset, thumbnailCount, shape) : [];
    const { name, kind, size, sampleShape, classNames = [], featureNames = [] } = dataset;
    const summary = {
      name,
      kind,
      size,
      sampleShape,
      task: taskOf(dataset),
      classNames,
      featureNames,
      preprocessing,
      guess: scores,
      guessed,
    };
    return { handle, summary, thumbnails: shown };
  }

  const figuresOf = async (model: Model, context: Context): Promise<Estimate> => ({
    figures: await fileFigures(model, formatNamed('tfjs-layers'), 'encoded', context),
    layers: sizesByLayer(model),
    notes: [],
  });

  const freeResults = (state: OpenedModelState): void => {
    for (const result of state.results) session.models.delete(result);
  };

  return {
    async open(files, options) {
      const model = await openModel(files.map(sourceOf), options, contextOf(0));
      const handle = options.handle ?? (`model-${++count}` as ModelHandle);
      const { before } = await remember(model, handle);
      return { handle, summary: summarize(model), before };
    },
    async close(handle) {
      const state = session.models.get(handle);
      if (state !== undefined) freeResults(state);
      live.release(handle);
      session.models.delete(handle);
    },
    async openData(files, { model, preprocessing, handle = `data-${++count}` as DataHandle, ...options }) {
      const dataset = await openData(files.map(sourceOf), options, contextOf(0));
      const usual = dataset.kind === 'images' ? 'unit' : 'raw';
      const state: OpenedDataState = { dataset, preprocessing: preprocessing ?? usual, guess: [], guessed: false };
      if (preprocessing === undefined) await guess(state, model);
      session.data.set(handle, state);
      return describeData(handle, state, model);
    },
    async closeData(handle) {
      live.release(handle);
      session.data.delete(handle);
    },
    async setPreprocessing(handle, model, preprocessing) {
      const state = dataNamed(session, handle);
      if (preprocessing === 'auto') await guess(state, model);
      else state.preprocessing = preprocessing;
      return describeData(handle, state, model);
    },
    async estimate(handle, recipe) {
      const { model, sketches } = modelNamed(session, handle);
      const { payload, entropy, file, gzip, nonZero, layers, notes } = estimateRecipe(model, sketches, recipe);
      const figures = {
        'size/payload': { value: payload, unit: 'B', how: 'measured' },
        'size/entropy': { value: entropy, unit: 'B', how: 'estimated' },
        'size/file': { value: file, unit: 'B', how: 'estimated' },
        'size/gzip': { value: gzip, unit: 'B', how: 'estimated' },
        'parameters/nonzero': { value: nonZero, unit: '', how: 'estimated' },
      } as const;
      return { figures, layers, notes };
    },
    async measureSize(handle, recipe, signal) {
      const state = modelNamed(session, handle);
      const context = contextOf(recipe.seed, signal);
      const { model } = await applyRecipe(state.model, recipe, previewing(state, context), state.cache, { train: 'preview' });
      return figuresOf(model, context);
    },
    async run({ model: handle, data, training: learning, recipe }, onEvent, signal) {
      const state = modelNamed(session, handle);
      const source = data === null ? null : { ...dataNamed(session, data), id: data };
      // Both are scaled alike: the model knows one scaling.
      const own = learning === null ? null : { ...dataNamed(session, learning), id: learning };
      const scaled = own === null || source === null ? own : { ...own, preprocessing: source.preprocessing };
      const { training, measured, notes } = shareData(recipe, source, scaled);
      const reporter = createReporter(onEvent);
      stop = new AbortController();
      const learns = training && { ...training, stop: stop.signal };
      const { model, report } = await device.use(signal, () =>
        runRecipe({
          model: state.model,
          recipe,
          dataset: measured,
          preprocessing: source?.preprocessing ?? 'raw',
          environment: {
            engine: __NUTSHELL_VERSION__,
            backend: device.backend,
            agent: self.navigator.userAgent,
            isolated: self.crossOriginIsolated,
          },
          context: {
            ...contextOf(recipe.seed, signal, reporter),
            onTraining: reporter.training,
            ...(learns && { training: learns }),
          },
          cache: state.cache,
          answers: state.answers,
          before: state.before,
          onPartial: reporter.partial,
        }),
      );
      const result = `result-${++count}` as ModelHandle;
      const part = measured !== null && measured !== source?.dataset ? { measured } : {};
      session.models.set(result, {
        ...state,
        ...part,
        model,
        sketches: [],
        cache: createRecipeCache(),
        answers: createAnswerCache(),
        results: new Set(),
      });
      state.results.add(result);
      if (training !== undefined) state.training = training;
      return { handle: result, report: { ...report, notes: [...notes, ...report.notes] } };
    },
    async stopTraining() {
      stop.abort();
    },
    async search({ model: handle, data, goal }, onEvent, onPoint, signal) {
      const { model } = modelNamed(session, handle);
      const source = data === null ? null : dataNamed(session, data);
      return device.use(signal, () =>
        searchRecipes({
          model,
          dataset: source === null ? null : splitDataset(source.dataset).explore,
          preprocessing: source?.preprocessing ?? 'raw',
          goal,
          context: contextOf(searchSeed, signal, createReporter(onEvent)),
          onPoint,
        }),
      );
    },
    async histogram(handle, recipe, weight) {
      const state = modelNamed(session, handle);
      const context = previewing(state, contextOf(recipe.seed));
      const result = await applyRecipe(state.model, recipe, context, state.cache, { train: 'preview' });
      return describeWeight(state.model, result.model, weight);
    },
    ...live.calls,
    ...createWhyDesk(session, device),
    async losses(handle, format) {
      return formatNamed(format).cannotExpress?.(modelNamed(session, handle).model) ?? [];
    },
    async write({ model: handle, data, format: id }, onEvent, signal) {
      const { model, measured } = modelNamed(session, handle);
      const source = data === null ? null : dataNamed(session, data);
      const dataset = measured ?? source?.dataset ?? null;
      const format = formatNamed(id);
      const context = contextOf(0, signal, createReporter(onEvent));
      const files = (await format.write?.(model, { precision: 'encoded' }, context)) ?? [];
      // What was trained on a part of the data is measured on the rest, which no search was kept from.
      const parts = dataset && measured === undefined ? splitIndices(dataset) : null;
      const verified = await device.use(signal, () =>
        verifyTfjsLayers(
          {
            model,
            files,
            createPredictor,
            inputShapes: concreteInputs(model, dataset),
            read: format.read,
            dataset,
            preprocessing: source?.preprocessing ?? 'raw',
            ...(parts && { test: parts.test }),
          },
          context,
        ),
      );
      const written = { files, losses: format.cannotExpress?.(model) ?? [], verified };
      return transfer(
        written,
        files.map(({ bytes }) => bytes.buffer),
      );
    },
    async device() {
      return device.status();
    },
    chooseBackend: (choice) => device.choose(choice as 'auto' | BackendName),
    probeBackends: (handle) => {
      const { model } = modelNamed(session, handle);
      return device.probe(model, concreteInputs(model, null));
    },
  };
}
