/**
 * Trains a model on data, for every technique that trains: sets up the network, its constraints, the loss that fits its ending and its
 * teacher, runs the loop, and puts the best weights back. Weights that carry a mask, a palette or a grid keep it.
 */

import * as tf from '@tensorflow/tfjs-core';
import { type Context, checkpoint, type TrainingData } from '../context.ts';
import type { Rng } from '../math/rng.ts';
import { concreteShape } from '../model/input-size.ts';
import { elementCount, type Model, type Node, type ValueId, type Weight, type WeightId } from '../model/model.ts';
import { rowCounts } from '../model/row-numbers.ts';
import { inferShapes } from '../model/topology.ts';
import type { StepNote, StepResult } from '../technique.ts';
import { createRanges, type RangeMode } from './activation-ranges.ts';
import { requireGradients } from './backend.ts';
import { type Headless, headless } from './graph.ts';
import { type LoopJob, runLoop, withStored } from './loop.ts';
import { balancingWeights, lossKindOf, requireFittingTargets } from './loss.ts';
import { createMatching, type Matching, type MatchingJob } from './matching.ts';
import { createMeter } from './progress.ts';
import { loadSamples, requireAnswers, type Samples } from './samples.ts';
import type { TrainingSettings } from './settings.ts';
import type { Network } from './step.ts';
import { createTeacher, headlessTeacher, type Teacher } from './teacher.ts';
import { createValidator, type Validator } from './validate.ts';
import type { TrainableWeight } from './weight.ts';

export interface TrainingJob {
  readonly technique: string;
  readonly model: Model;
  readonly data: TrainingData;
  readonly settings: TrainingSettings;
  /** What is trained, and under which constraint. Tensors that do not lead to the answer are left alone. */
  readonly trained: ReadonlyMap<WeightId, TrainableWeight>;
  /** Normalizations whose statistics follow the training. */
  readonly normalizesBatch: (node: Node) => boolean;
  /** How ranges of activations that the model has are trained; they stay as they are where absent. */
  readonly ranges?: RangeMode;
  readonly teacher?: {
    readonly model: Model;
    readonly temperature: number;
    readonly alpha: number;
    /** What of its layers is imitated beside its answers. */
    readonly matching?: MatchingJob;
  };
  readonly onProgress?: LoopJob['onProgress'];
  readonly counts?: LoopJob['counts'];
}

/** The trained model with its curve. Throws TRAIN_*, DATA_* where model and data do not go together, or the signal's reason. */
export async function trainModel(job: TrainingJob, context: Context): Promise<StepResult> {
  const { technique, model, data, teacher } = job;
  const settings = fitting(job);
  const meter = createMeter(technique, settings.epochs, context);
  await requireGradients();
  const head = headless(model);
  const shape = concreteShape(head.graph.inputs[0] ?? { shape: [] }, data.dataset.sampleShape);
  const output = (inferShapes(head.graph, [shape]).get(head.graph.outputs[0] ?? '') ?? []) as readonly number[];
  const width = elementCount(output);
  const seed = context.rng.integer(2 ** 31);
  const { training, validation } = await loadSamples(data, { shape, width, validation: settings.validation, seed }, context);
  if (teacher === undefined) requireAnswers(technique, training);
  const sizes = { shape, width, classes: output.at(-1) ?? 1 };
  const { mentor, matching } = teacher === undefined ? {} : imitation(teacher, head, sizes, context.rng);
  const network = createNetwork(job, head, training, { ...sizes, ...(matching ? { matching } : {}) });
  const teachers: Teacher[] = [];
  let validator: Validator | null = null;
  try {
    requireFittingTargets(network.kind, training);
    const load = async (samples: Samples, asked: readonly ValueId[]) => {
      if (mentor === undefined) return undefined;
      teachers.push(await createTeacher(mentor, { shape, samples: samples.size, asked }));
      return teachers.at(-1);
    };
    const own = await load(training, matching?.asked ?? []);
    if (validation !== null)
      validator = validatorFor(network, validation, validation.task === 'none' ? await load(validation, []) : undefined, context);
    const classWeights = settings.balanceClasses ? balancingWeights(training, width) : undefined;
    const { stored, curve } = await runLoop(
      {
        network,
        training,
        validator,
        settings,
        seed,
        meter,
        ...(own && teacher ? { teacher: { ...teacher, teacher: own } } : {}),
        ...(classWeights ? { classWeights } : {}),
        ...(job.onProgress ? { onProgress: job.onProgress } : {}),
        ...(job.counts ? { counts: job.counts } : {}),
        ...(data.stop ? { stop: data.stop } : {}),
        ...(data.pause ? { pause: data.pause } : {}),
      },
      context,
    );
    const notes = notesOn(job, curve, shape);
    return { model: withStored(model, stored), notes, training: { technique, ...curve, seconds: meter.seconds() } };
  } finally {
    validator?.dispose();
    for (const { dispose } of teachers) dispose();
    tf.dispose([...network.frozen.values()]);
  }
}

/** The settings without what the model's inputs do not take: numbers of rows can't be mixed. */
function fitting({ settings, model }: TrainingJob): TrainingSettings {
  return rowCounts(model).every((rows) => rows === null) ? settings : { ...settings, mixup: false };
}

/** The teacher up to what is imitated, and the layers that are. */
function imitation(
  { model, matching }: NonNullable<TrainingJob['teacher']>,
  head: Headless,
  { shape, width }: Pick<Network, 'shape' | 'width'>,
  rng: Rng,
): { readonly mentor: Headless; readonly matching?: Matching } {
  const mentor = headlessTeacher(model, head, shape, width);
  if (matching === undefined) return { mentor };
  return { mentor, matching: createMatching(matching, { graph: head.graph, shape }, { graph: mentor.graph, shape }, rng) };
}

function validatorFor(network: Network, samples: Samples, teacher: Teacher | undefined, context: Context): Validator {
  const { kind, width, classes, shape } = network;
  return createValidator({ samples, kind, width, classes, teacher, checkpoint: () => checkpoint(context) }, [shape]);
}

function createNetwork(
  { trained, normalizesBatch, ranges: mode = 'fixed' }: TrainingJob,
  { graph, activation }: Headless,
  { task }: Samples,
  own: Pick<Network, 'shape' | 'width' | 'classes' | 'matching'>,
): Network {
  const used = new Set(graph.nodes.flatMap((node) => Object.values(node.weights)));
  const upload = ({ values, shape }: Weight) => tf.tensor(values, [...shape]);
  const others = [...graph.weights].filter(([id]) => used.has(id) && !trained.has(id));
  const ranges = graph.activations && createRanges(graph, mode, elementsIn(graph, own.shape));
  return {
    graph,
    ...(ranges && { ranges }),
    kind: lossKindOf(activation, task, own.width),
    ...own,
    trained: new Map([...[...trained].filter(([id]) => used.has(id)), ...(ranges?.trained ?? [])]),
    frozen: new Map(others.map(([id, weight]) => [id, upload(weight)])),
    normalizesBatch,
  };
}

/** Elements of a value in one sample. */
function elementsIn(graph: Model, shape: readonly number[]): (value: ValueId) => number {
  const shapes = inferShapes(graph, [shape]);
  return (value) => elementCount((shapes.get(value) ?? []).map((size) => size ?? 1));
}

/** What happened beside what was asked. */
function notesOn(
  job: TrainingJob,
  { stopped, epochs, best }: { readonly stopped?: string; readonly epochs: number; readonly best: number },
  shape: readonly number[],
): StepNote[] {
  const { technique, settings } = job;
  const note = (code: string, text: string): StepNote => ({ layer: '', code, text: `${technique}: ${text}` });
  const notes: StepNote[] = [];
  if (settings.augmentation !== 'none' && shape.length !== 3) {
    notes.push(note('not-augmented', 'Only pictures are augmented; these samples were taken as they are.'));
  }
  if (settings.mixup && !fitting(job).mixup) {
    notes.push(note('not-mixed', 'Inputs that choose rows of a table can not be mixed; these samples were taken as they are.'));
  }
  const kept = best === 0 ? 'The weights from before were kept.' : `The weights after epoch ${best} were kept.`;
  if (stopped === 'diverged') {
    notes.push(
      note(
        'diverged',
        `The loss was no number in epoch ${epochs + 1}: the learning rate ${settings.learningRate} is too large. ${kept}`,
      ),
    );
  }
  if (stopped === 'patience') notes.push(note('early-stop', `Stopped after epoch ${epochs}, which brought nothing new. ${kept}`));
  if (stopped === 'asked') notes.push(note('stopped', `Ended in epoch ${epochs} as asked. ${kept}`));
  if (stopped === undefined && best === 0)
    notes.push(note('no-gain', 'No epoch did better on the validation samples than the weights from before: they were kept.'));
  return notes;
}
