/**
 * The training loop: seeded batches, gradients, one optimizer step each; after every epoch the statistics of batch normalization are
 * estimated anew and the weights, as they would be stored, are scored on samples held out of the training data. The best weights are
 * what comes out, those before training included where they count. An epoch draws its own random numbers from the seed and its number.
 */
import { type Context, checkpoint } from '../context.ts';
import { createRng, type Rng } from '../math/rng.ts';
import { shuffledIndices } from '../math/shuffle.ts';
import { type ActivationGrid, withActivations } from '../model/activation-grid.ts';
import { type Model, type ValueId, type Weight, type WeightId, withWeights } from '../model/model.ts';
import type { TrainingCurve } from '../technique.ts';
import { createLearner, type Learner } from './learner.ts';
import { targetsOf } from './loss.ts';
import { drawMixture } from './mixup.ts';
import type { Pause } from './pause.ts';
import type { ProgressMeter } from './progress.ts';
import type { Samples } from './samples.ts';
import { rateAt } from './schedule.ts';
import type { TrainingSettings } from './settings.ts';
import { createStatisticsSum } from './statistics.ts';
import { type Batch, batchStatistics, gradientStep, type Network } from './step.ts';
import type { Teacher } from './teacher.ts';
import { countCorrect, isNoWorse, type Score, type Validator } from './validate.ts';

/** Training batches that the statistics of batch normalization are estimated from. */
const statisticsBatches = 16;

export interface LoopJob {
  readonly network: Network;
  readonly training: Samples;
  /** Null where no samples are held out: the last weights are kept then. */
  readonly validator: Validator | null;
  readonly settings: TrainingSettings;
  readonly seed: number;
  readonly teacher?: { readonly teacher: Teacher; readonly temperature: number; readonly alpha: number };
  /** A factor of the loss per class. */
  readonly classWeights?: Float32Array;
  /**
   * Called before each step with the share of the training that is done, 0–1; with 1 at the end. `rewound`: parameters are what they were
   * before, and the optimizer starts anew.
   */
  readonly onProgress?: (done: number) => 'rewound' | undefined;
  /** Whether the weights after an epoch (0: before training) may be the result; all may where absent. */
  readonly counts?: (epoch: number) => boolean;
  readonly meter: ProgressMeter;
  readonly stop?: AbortSignal;
  readonly pause?: Pause;
}

/** What a network has learned, in the form in which it is stored. */
export interface Stored {
  readonly weights: ReadonlyMap<WeightId, Weight>;
  /** Absent where all activations are float. */
  readonly activations?: ReadonlyMap<ValueId, ActivationGrid>;
}
type Curve = Pick<TrainingCurve, 'epochs' | 'losses' | 'validation' | 'metric' | 'best' | 'stopped'>;

/** The best weights, and how they came about. Throws the signal's reason when cancelled. */
export async function runLoop(job: LoopJob, context: Context): Promise<{ readonly stored: Stored; readonly curve: Curve }> {
  const learner = createLearner(job.network, job.settings.optimizer);
  try {
    return await runEpochs(job, learner, context);
  } finally {
    learner.dispose();
  }
}

async function runEpochs(job: LoopJob, learner: Learner, context: Context): ReturnType<typeof runLoop> {
  const { network, settings, validator, seed } = job;
  const keeper = createKeeper(job);
  if (validator !== null) await keeper.offer(0, storedState(network));
  const losses: number[] = [];
  let stopped: Curve['stopped'];
  for (let epoch = 1; epoch <= settings.epochs && stopped === undefined; epoch++) {
    for (const weight of network.trained.values()) if (epoch > 1) weight.refit?.();
    const rng = createRng(seed + 7919 * epoch);
    const outcome = await runEpoch(job, learner, epoch, rng, context);
    stopped = outcome.stopped;
    if (stopped === 'diverged' || outcome.loss === null) break;
    losses.push(outcome.loss);
    const score = await keeper.offer(epoch, await withStatistics(job, rng, context));
    job.meter.ended(epoch, outcome.loss, score);
    if (settings.patience > 0 && epoch - keeper.best >= settings.patience && epoch < settings.epochs) stopped ??= 'patience';
  }
  if (keeper.stored === undefined) {
    job.onProgress?.(1);
    keeper.stored = await withStatistics(job, createRng(seed), context);
  }
  const { validation, metric, best, stored } = keeper;
  const curve = { epochs: losses.length, losses, validation, metric, best, ...(stopped ? { stopped } : {}) };
  return { stored, curve };
}

function storedState({ trained, graph, ranges }: Network) {
  const own = [...trained].filter(([id]) => graph.weights.has(id));
  const weights = new Map(own.map(([id, weight]) => [id, weight.encode()]));
  return { weights, ...(ranges && { activations: ranges.grids() }) };
}

/** A model with what was learned in place. */
export function withStored(model: Model, { weights, activations }: Stored): Model {
  const learned = withWeights(model, weights);
  return activations === undefined ? learned : withActivations(learned, new Map([...(model.activations ?? []), ...activations]));
}

/** Keeps the best weights it is offered. */
function createKeeper({ network, validator, counts }: LoopJob) {
  let held: Score | undefined;
  const keeper = {
    stored: undefined as Stored | undefined,
    best: 0,
    validation: [] as number[],
    metric: 'loss' as TrainingCurve['metric'],
    async offer(epoch: number, stored: Stored): Promise<Score | undefined> {
      const score = await validator?.score(withStored(network.graph, stored));
      if (score !== undefined) {
        keeper.metric = score.accuracy === undefined ? 'loss' : 'accuracy';
        keeper.validation.push(score.accuracy ?? score.loss);
      }
      const eligible = counts?.(epoch) ?? true;
      if (eligible && (score === undefined || held === undefined || isNoWorse(score, held))) {
        keeper.stored = stored;
        keeper.best = epoch;
        held = score;
      }
      return score;
    },
  };
  return keeper;
}

interface EpochOutcome {
  /** Null where it ended before its first batch. */
  readonly loss: number | null;
  readonly stopped?: 'asked' | 'diverged';
}

async function runEpoch(job: LoopJob, learner: Learner, epoch: number, rng: Rng, context: Context): Promise<EpochOutcome> {
  const { network, settings, training, meter } = job;
  const order = shuffledIndices(training.size, rng);
  const { size, batches } = batchesOf(job);
  const total = batches * settings.epochs;
  let [loss, correct, seen] = [0, 0, 0];
  for (let batch = 0; batch < batches; batch++) {
    const done = (epoch - 1) * batches + batch;
    await rest(job, context);
    meter.report(done, total);
    await checkpoint(context);
    if (job.stop?.aborted === true) return { loss: seen === 0 ? null : loss / seen, stopped: 'asked' };
    if (job.onProgress?.(done / total) === 'rewound') learner.forget();
    network.ranges?.progress(done / total);
    const indices = order.subarray(batch * size, (batch + 1) * size);
    const outcome = await gradientStep(network, await batchOf(job, indices, rng), rng);
    try {
      const rate = settings.learningRate * rateAt(settings.schedule, done, total, settings.warmUp);
      const finite = Number.isFinite(outcome.loss);
      const norm = finite ? learner.step(outcome.slopes, rate, settings.weightDecay, settings.clipNorm) : Number.NaN;
      if (!Number.isFinite(norm)) return { loss, stopped: 'diverged' };
    } finally {
      outcome.dispose();
    }
    seen += indices.length;
    loss += outcome.loss * indices.length;
    correct += countCorrect(outcome.outputs, training.labels, indices, network.width, network.kind);
    const accuracy = training.task === 'classes' ? correct / seen : undefined;
    meter.stepped({ epoch, batch: batch + 1, batches, size, loss: loss / seen, accuracy });
  }
  return { loss: loss / seen };
}

/** Waits while training is paused; what is cancelled or asked to end waits no longer. */
async function rest({ pause, stop, meter }: LoopJob, { signal }: Context): Promise<void> {
  if (pause?.paused !== true) return;
  const since = performance.now();
  await pause.resumed(stop === undefined ? [signal] : [signal, stop]);
  meter.rested(performance.now() - since);
}

/** Whole batches only, since statistics of a small rest would be poor; one of all samples where they fill none. */
function batchesOf({ training, settings }: LoopJob): { readonly size: number; readonly batches: number } {
  const size = Math.min(settings.batchSize, training.size);
  return { size, batches: Math.floor(training.size / size) };
}

async function batchOf(
  { network, training, settings, teacher, classWeights }: LoopJob,
  indices: Uint32Array,
  rng: Rng,
): Promise<Batch> {
  const { augmentation, mixup, labelSmoothing } = settings;
  const count = indices.length;
  const inputs = await training.batch(indices, augmentation, rng);
  const known = training.task !== 'none';
  const { labels } = training;
  const targets = known ? targetsOf(training, indices, network.width, labelSmoothing) : undefined;
  const weights =
    classWeights && labels ? Float32Array.from(indices, (index) => classWeights[labels[index] ?? 0] ?? 1) : undefined;
  if (mixup) {
    const mix = drawMixture(count, rng);
    for (const rows of [inputs, targets, weights]) if (rows !== undefined) mix(rows);
  }
  return {
    count,
    inputs,
    ...(targets && { targets }),
    ...(weights && { weights }),
    ...(teacher
      ? {
          teacher: {
            ...(await teacher.teacher.teach(inputs, count, augmentation === 'none' && !mixup ? indices : undefined)),
            temperature: teacher.temperature,
            // Without answers of their own the samples teach nothing but the teacher's.
            alpha: known ? teacher.alpha : 1,
          },
        }
      : {}),
  };
}

/** The trained tensors as they are stored, with statistics of batch normalization that fit them. */
async function withStatistics(job: LoopJob, rng: Rng, context: Context): Promise<Stored> {
  const { network, training } = job;
  const stored = storedState(network);
  if (!network.graph.nodes.some(network.normalizesBatch)) return stored;
  const order = shuffledIndices(training.size, rng);
  const { size, batches } = batchesOf(job);
  const sum = createStatisticsSum();
  for (let batch = 0; batch < Math.min(batches, statisticsBatches); batch++) {
    await checkpoint(context);
    const indices = order.subarray(batch * size, (batch + 1) * size);
    const inputs = await training.batch(indices, job.settings.augmentation, rng);
    for (const { node, mean, variance } of await batchStatistics(network, inputs, indices.length, rng)) {
      sum.add(node, mean, variance);
    }
  }
  for (const [id, values] of sum.means()) {
    const old = network.graph.weights.get(id);
    if (old !== undefined) stored.weights.set(id, { ...old, values });
  }
  return stored;
}
