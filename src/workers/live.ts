/**
 * Live answers in the worker: one pair of loaded models per opened model, data and device, kept while the slider moves. Recipes are
 * applied with the model's cache, so that only the step that changed is done.
 */
import { concreteInputs, createLive, type Live, rasterInput, thumbnails } from '../engine/index.ts';
import type { DataHandle, EngineApi, LiveAnswers, ModelHandle } from './api.ts';
import type { Device } from './device.ts';
import { previewRecipe } from './preview.ts';
import { dataNamed, modelNamed, type Session } from './session.ts';
import { namedData, shareNamed } from './sharing.ts';

type Seat = { readonly key: string; readonly count: number; readonly live: Live };

export interface LiveDesk {
  readonly calls: Pick<EngineApi, 'liveThumbnails' | 'rowOf' | 'live' | 'ask'>;
  /** Frees what is loaded for a model or data that is closed. */
  release(handle: ModelHandle | DataHandle): void;
}

export function createLiveDesk(session: Session, device: Device): LiveDesk {
  let seat: Seat | undefined;

  /** The loaded pair for a model and data, made anew where anything it rests on changed. Call it on the device. */
  async function seated(model: ModelHandle, data: DataHandle, count: number): Promise<Live> {
    const { dataset, preprocessing, revision } = dataNamed(session, data);
    const key = [model, data, preprocessing, revision, device.backend, count].join();
    if (seat?.key === key) return seat.live;
    seat?.live.dispose();
    seat = undefined;
    const { model: original } = modelNamed(session, model);
    const inputShapes = concreteInputs(original, dataset);
    const live = await createLive({ model: original, dataset, preprocessing, count, inputShapes });
    seat = { key, count, live };
    return live;
  }

  const resultOf = async (
    { model, data, recipe }: Parameters<EngineApi['live']>[0] | Parameters<EngineApi['ask']>[0],
    signal: AbortSignal,
  ) => {
    // Before the first run a step that calibrates glances at the data in view.
    const state = modelNamed(session, model);
    const training = state.training ?? shareNamed(recipe, namedData(session, data), null).training;
    const { model: result, untaught } = await previewRecipe({ ...state, ...(training && { training }) }, recipe, signal);
    return { result, ...(untaught && { told: { untaught: true as const } }) };
  };

  const calls: LiveDesk['calls'] = {
    async liveThumbnails(model, data, count) {
      const { dataset } = dataNamed(session, data);
      const [shape = []] = concreteInputs(modelNamed(session, model).model, dataset);
      return thumbnails(dataset, count, shape);
    },
    async rowOf(data, index) {
      const { dataset } = dataNamed(session, data);
      return dataset.sampleShape === null ? [] : [...(await dataset.batch(index, 1, dataset.sampleShape))];
    },
    async live(job, signal) {
      // The recipe is applied in the device's turn, so that a run that is asked for later does not overtake the answers.
      return device.use(signal, async () => {
        const made = job.result && session.models.get(job.result)?.model;
        const { result, told } = made ? { result: made } : await resultOf(job, signal);
        const live = await seated(job.model, job.data, job.count);
        const { indices, width } = live;
        const { labels, targets } = dataNamed(session, job.data).dataset;
        const answers: LiveAnswers = {
          indices,
          width,
          ...told,
          ...(await live.answer(result, { signal })),
          ...(labels ? { labels: Int32Array.from(indices, (index) => labels[index] ?? -1) } : {}),
          ...(targets
            ? { targets: rowsOf(targets, indices, targets.length / Math.max(1, dataNamed(session, job.data).dataset.size)) }
            : {}),
        };
        return answers;
      });
    },
    async ask(job, signal) {
      return device.use(signal, async () => {
        const { result, told } = await resultOf(job, signal);
        const { count = 1 } = seat ?? {};
        const live = await seated(job.model, job.data, count);
        const { input } = job;
        const { dataset } = dataNamed(session, job.data);
        const [shape = []] = concreteInputs(modelNamed(session, job.model).model, dataset);
        const raw = input.kind === 'picture' ? rasterInput(input, shape, dataset.fit) : Float32Array.from(input.values);
        const pair = await live.ask(result, raw);
        return { indices: [], width: pair.before.length, ...told, ...pair };
      });
    },
  };

  return {
    calls,
    release(handle) {
      if (seat?.key.split(',').includes(handle) !== true) return;
      seat.live.dispose();
      seat = undefined;
    },
  };
}

function rowsOf(values: Float32Array, indices: readonly number[], width: number): Float32Array {
  const rows = new Float32Array(indices.length * width);
  for (const [row, index] of indices.entries()) rows.set(values.subarray(index * width, (index + 1) * width), row * width);
  return rows;
}
