/**
 * See why, in the worker: where the error of a result comes in, whose answers changed, and what those samples look like. The result of
 * a run is taken where it is still kept; else the recipe is applied again through the model's cache.
 */
import {
  compareAnswers,
  concreteInputs,
  createRng,
  drawOutputs,
  type Model,
  measureErrorPath,
  StudioError,
  thumbnailsAt,
} from '../engine/index.ts';
import type { Comparison, EngineApi } from './api.ts';
import type { Device } from './device.ts';
import { previewRecipe } from './preview.ts';
import { createReporter, type Reporter } from './progress.ts';
import { modelNamed, type Session } from './session.ts';
import { namedData, shareNamed } from './sharing.ts';

type WhyCalls = Pick<EngineApi, 'errorPath' | 'compareAnswers' | 'samplesAt' | 'drawOutputs'>;

/** The result of an earlier visit's training is gone with the worker that held it. */
const notTrained = (): StudioError =>
  new StudioError({
    code: 'TRAIN_NOT_KEPT',
    title: 'The trained model of this run is no longer at hand.',
    detail: 'A reload keeps what the last four runs trained, up to 64 MiB each.',
    hint: 'Run the recipe again.',
  });

export function createWhyDesk(session: Session, device: Device): WhyCalls {
  async function resultOf({ model, result, recipe }: Comparison, signal: AbortSignal): Promise<Model> {
    const kept = result === null ? undefined : session.models.get(result);
    if (kept !== undefined) return kept.model;
    const preview = await previewRecipe(modelNamed(session, model), recipe, signal);
    if (preview.untrained) throw notTrained();
    return preview.model;
  }

  /** The samples that the run measured: those that a step of the recipe learned from or calibrated on are left out. */
  function comparedData({ data, training, recipe, result }: Comparison) {
    const source = namedData(session, data);
    const kept = result === null ? undefined : session.models.get(result)?.measured;
    const dataset = kept ?? shareNamed(recipe, source, namedData(session, training)).measured;
    return { dataset, preprocessing: source?.preprocessing ?? ('raw' as const) };
  }

  /** What all analyses are given: both models and the samples, in the device's turn. */
  function compared<T>(
    job: Comparison,
    signal: AbortSignal,
    { report }: Pick<Reporter, 'report'>,
    work: (given: Parameters<typeof measureErrorPath>[0]) => Promise<T>,
  ): Promise<T> {
    return device.use(signal, async () => {
      const result = await resultOf(job, signal);
      return work({
        original: modelNamed(session, job.model).model,
        result,
        ...comparedData(job),
        context: { signal, report, rng: createRng(job.recipe.seed) },
      });
    });
  }

  return {
    errorPath: (job, onEvent, signal) => compared(job, signal, createReporter(onEvent), measureErrorPath),
    compareAnswers: (job, onEvent, signal) => compared(job, signal, createReporter(onEvent), compareAnswers),
    async samplesAt(job, indices) {
      const { dataset } = comparedData(job);
      if (dataset === null) return { pictures: [], rows: [] };
      const [shape = []] = concreteInputs(modelNamed(session, job.model).model, dataset);
      const pictures = await thumbnailsAt(dataset, indices, shape);
      const { sampleShape } = dataset;
      if (pictures.length > 0 || sampleShape?.length !== 1) return { pictures, rows: [] };
      const rows: number[][] = [];
      for (const index of indices) rows.push([...(await dataset.batch(index, 1, sampleShape))]);
      return { pictures, rows };
    },
    drawOutputs: ({ indices, view, ...job }, signal) =>
      compared(job, signal, { report: () => {} }, (given) => drawOutputs({ ...given, indices, view })),
  };
}
