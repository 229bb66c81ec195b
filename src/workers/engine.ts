import {
  type BackendName,
  type Context,
  classesToldApart,
  concreteInputs,
  createAnswerCache,
  createPause,
  createRecipeCache,
  createRng,
  describeWeight,
  estimateRecipe,
  fileFigures,
  findLabels,
  type Labels,
  type Model,
  type ModelSummary,
  openModel,
  requireTeacher,
  runRecipe,
  searchRecipes,
  sizesByLayer,
  sketchModel,
  splitDataset,
  summarize,
  weighingFormat,
  withInputSize,
} from '../engine/index.ts';
import type { EngineApi, Estimate, ModelHandle } from './api.ts';
import { createChannelsDesk } from './channels.ts';
import { createDataDesk } from './data-desk.ts';
import { createDevice } from './device.ts';
import { createLiveDesk } from './live.ts';
import { previewRecipe, taughtBy } from './preview.ts';
import { createReporter, type Reporter } from './progress.ts';
import { createSession, dataNamed, modelNamed, type OpenedModelState, sourceOf } from './session.ts';
import { namedData, shareNamed } from './sharing.ts';
import { adoptSteps, bytesOfSteps, trainedSteps } from './trained.ts';
import { createWhyDesk } from './why.ts';
import { createWritingDesk } from './writing.ts';

const never = new AbortController().signal;
const searchSeed = 7;
const silent: Pick<Reporter, 'report'> = { report: () => {} };

const contextOf = (seed: number, signal = never, reporter = silent): Context => ({
  signal,
  report: reporter.report,
  rng: createRng(seed),
});

/** Names that lay beside the model and can't be its own are not used, and a note says so. */
function withLabelsNote(summary: ModelSummary, model: Model, labels: Labels | null): ModelSummary {
  const count = classesToldApart(model);
  if (labels === null || count === null || labels.names.length === count) return summary;
  const text = `"${labels.file}" holds ${labels.names.length} names, the model tells ${count} classes apart: the names are not used.`;
  return { ...summary, notes: [...summary.notes, { code: 'LABELS_COUNT', text }] };
}

const taughtNote = (teacher: Model) => {
  const text = `Who is imitated is "${teacher.name}", with ${summarize(teacher).parameters} parameters, not the model itself.`;
  return { layer: '', code: 'taught', text };
};

export function createEngine(): EngineApi {
  const session = createSession();
  const device = createDevice();
  const live = createLiveDesk(session, device);
  const data = createDataDesk(session, device);
  let count = 0;
  let stop = new AbortController();
  let pause = createPause();

  async function remember(model: Model, labels: Labels | null, handle: ModelHandle): Promise<OpenedModelState> {
    const state: OpenedModelState = {
      model,
      labels,
      sketches: sketchModel(model),
      before: await fileFigures(model, weighingFormat(model), 'float32', contextOf(0)),
      cache: createRecipeCache(),
      answers: createAnswerCache(),
      channelCells: new Map(),
      results: new Set(),
    };
    session.models.set(handle, state);
    return state;
  }

  const figuresOf = async (model: Model, context: Context): Promise<Estimate> => ({
    figures: await fileFigures(model, weighingFormat(model), 'encoded', context),
    layers: sizesByLayer(model),
    notes: [],
  });

  const freeResults = (state: OpenedModelState): void => {
    for (const result of state.results) session.models.delete(result);
  };

  return {
    async open(files, options) {
      const sources = files.map(sourceOf);
      const read = await openModel(sources, options, contextOf(0));
      const model = options.inputSize === undefined ? read : withInputSize(read, options.inputSize);
      const handle = options.handle ?? (`model-${++count}` as ModelHandle);
      // A file of names that can't be read is no reason to refuse the model beside it.
      const labels = await findLabels(sources).catch(() => null);
      const { before } = await remember(model, labels, handle);
      return { handle, summary: withLabelsNote(summarize(model), model, labels), before };
    },
    async chooseInputSize(handle, size) {
      const state = modelNamed(session, handle);
      const model = withInputSize(state.model, size);
      const summary = withLabelsNote(summarize(model), model, state.labels);
      freeResults(state);
      live.release(handle);
      const fresh = {
        cache: createRecipeCache(),
        answers: createAnswerCache(),
        channelCells: new Map(),
        results: new Set<ModelHandle>(),
      };
      const { training: _forgotten, ...kept } = state;
      session.models.set(handle, { ...kept, model, ...fresh });
      return { handle, summary, before: state.before };
    },
    async close(handle) {
      const state = session.models.get(handle);
      if (state !== undefined) freeResults(state);
      live.release(handle);
      session.models.delete(handle);
    },
    async teach(handle, files) {
      const state = modelNamed(session, handle);
      if (files.length === 0) {
        delete state.teacher;
        return null;
      }
      const teacher = await openModel(files.map(sourceOf), {}, contextOf(0));
      requireTeacher(state.model, teacher);
      state.teacher = teacher;
      return { name: teacher.name, parameters: summarize(teacher).parameters };
    },
    ...data.calls,
    async closeData(handle) {
      live.release(handle);
      session.data.delete(handle);
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
      const { model } = await previewRecipe(modelNamed(session, handle), recipe, signal);
      return figuresOf(model, contextOf(recipe.seed, signal));
    },
    async run({ model: handle, data, training: learning, recipe }, onEvent, signal) {
      const state = modelNamed(session, handle);
      const source = namedData(session, data);
      const { training, measured, notes } = shareNamed(recipe, source, namedData(session, learning));
      const reporter = createReporter(onEvent);
      stop = new AbortController();
      pause = createPause();
      const taught = taughtBy(state, recipe);
      const learns = training && { ...training, stop: stop.signal, pause };
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
            ...taught,
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
        trained: training === undefined ? [] : trainedSteps(state.cache, training.id, report.training ?? []),
        model,
        sketches: [],
        cache: createRecipeCache(),
        answers: createAnswerCache(),
        results: new Set(),
      });
      state.results.add(result);
      if (training !== undefined) state.training = training;
      const words = taught.teacher ? [taughtNote(taught.teacher)] : [];
      return { handle: result, report: { ...report, notes: [...notes, ...words, ...report.notes] } };
    },
    async trainedSteps(handle, limit) {
      const { trained = [] } = modelNamed(session, handle);
      const bytes = bytesOfSteps(trained);
      return bytes > limit ? { bytes: 0, steps: [] } : { bytes, steps: trained };
    },
    async adoptTrained({ model: handle, data, training: learning, recipe }, steps) {
      const state = modelNamed(session, handle);
      const { training } = shareNamed(recipe, namedData(session, data), namedData(session, learning));
      if (training === undefined) return;
      adoptSteps(state.cache, training.id, steps);
      state.training = training;
    },
    async stopTraining() {
      stop.abort();
    },
    async pauseTraining(paused) {
      if (paused) pause.pause();
      else pause.resume();
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
      const result = await previewRecipe(state, recipe, never);
      return describeWeight(state.model, result.model, weight);
    },
    ...live.calls,
    ...createChannelsDesk(session, device),
    ...createWhyDesk(session, device),
    ...createWritingDesk(session, device).calls,
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
