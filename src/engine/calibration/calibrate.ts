/**
 * Watches a model on samples: what is seen of each group of values that shares a grid goes into one histogram, in bounded memory. Values
 * that an operator only moves or averages add nothing and are not counted twice. Values that have a grid already are rounded to it.
 */

import { type Context, checkpoint, type TrainingData } from '../context.ts';
import { createPreprocess } from '../data/preprocess.ts';
import { draw } from '../data/split.ts';
import { StudioError } from '../errors.ts';
import { type ActivationGroup, activationGroups, sharesGrid } from '../model/activation-groups.ts';
import { concreteShape } from '../model/input-size.ts';
import { elementCount, type Model, type ValueId } from '../model/model.ts';
import { staged } from '../model/stages.ts';
import { inferShapes } from '../model/topology.ts';
import { createPredictor } from '../runtime/executor.ts';
import { createHistogram, type StreamingHistogram } from './histogram.ts';
import type { Range, Seen } from './ranges.ts';

/** What was seen of a group of values. */
export interface WatchedGroup extends Seen {
  readonly group: ActivationGroup;
}

export interface Watched {
  readonly groups: readonly WatchedGroup[];
  readonly samples: number;
}

const batchSize = 32;
/** The most numbers that the values of one batch may have. */
const mostValues = 2 ** 23;
/** How much an average of extremes keeps with each sample. */
const inertia = 0.95;

/** Runs a model on samples drawn class by class from the data. Throws DATA_SHAPE, or the signal's reason. */
export async function watchModel(
  stage: string,
  model: Model,
  { dataset, preprocessing }: TrainingData,
  samples: number,
  context: Context,
): Promise<Watched> {
  const graph = staged(model);
  if (graph.inputs.length !== 1) throw severalInputs(graph.inputs.length);
  const shape = concreteShape(graph.inputs[0] ?? { shape: [] }, dataset.sampleShape);
  const { drawn } = draw(dataset, samples, context.rng.integer(2 ** 31));
  const preprocess = await createPreprocess(preprocessing, dataset, shape);
  const watchers = watchersOf(graph);
  const perSample = [...inferShapes(graph, [shape]).values()].reduce(
    (sum, sizes) => sum + elementCount(sizes.map((n) => n ?? 1)),
    0,
  );
  const size = Math.max(1, Math.min(batchSize, Math.floor(mostValues / perSample)));
  const batches = Math.ceil(drawn.size / size);
  const executor = await createPredictor(graph, { inputShapes: [shape] });
  try {
    for (let batch = 0; batch < batches; batch++) {
      context.report({ stage, done: batch, total: batches });
      await checkpoint(context);
      const count = Math.min(size, drawn.size - batch * size);
      const inputs = await drawn.batch(batch * size, count, shape);
      preprocess(inputs);
      watchers.see(graph.inputs[0]?.value, inputs, count);
      await executor.observe([inputs], count, ({ outputs: [value] }, values) => watchers.see(value, values, count));
      watchers.endBatch();
    }
  } finally {
    executor.dispose();
  }
  context.report({ stage, done: batches, total: batches });
  return { groups: watchers.groups, samples: drawn.size };
}

function severalInputs(inputs: number): StudioError {
  return new StudioError({
    code: 'CALIBRATION_INPUTS',
    title: 'This model can not be calibrated here.',
    detail: `It takes ${inputs} inputs; data fills one.`,
    hint: 'Remove the step that calibrates from the recipe; all others work without data.',
  });
}

interface Watcher extends WatchedGroup {
  readonly histogram: StreamingHistogram;
  average: Range;
  /** Least and largest number of each sample of the batch. */
  readonly lows: number[];
  readonly highs: number[];
  samples: number;
}

function watchersOf(graph: Model) {
  const moved = new Set(graph.nodes.filter(sharesGrid).flatMap(({ outputs }) => outputs));
  const byValue = new Map<ValueId, Watcher>();
  const groups = activationGroups(graph).map((group): Watcher => {
    const watcher = { group, histogram: createHistogram(), average: { min: 0, max: 0 }, lows: [], highs: [], samples: 0 };
    if (group.fixed !== null) return watcher;
    for (const [index, value] of group.values.entries()) if (index === 0 || !moved.has(value)) byValue.set(value, watcher);
    return watcher;
  });
  return {
    groups,
    see(value: ValueId | undefined, values: Float32Array, count: number): void {
      const watcher = byValue.get(value ?? '');
      if (watcher === undefined) return;
      watcher.histogram.add(values);
      const each = values.length / count;
      for (let sample = 0; sample < count; sample++) {
        const { min, max } = extremes(values, sample * each, (sample + 1) * each);
        watcher.lows[sample] = Math.min(watcher.lows[sample] ?? Number.POSITIVE_INFINITY, min);
        watcher.highs[sample] = Math.max(watcher.highs[sample] ?? Number.NEGATIVE_INFINITY, max);
      }
    },
    endBatch(): void {
      for (const watcher of groups) {
        for (const [sample, min] of watcher.lows.entries()) follow(watcher, { min, max: watcher.highs[sample] as number });
        watcher.lows.length = 0;
        watcher.highs.length = 0;
      }
    },
  };
}

function follow(watcher: Watcher, { min, max }: Range): void {
  if (min > max) return;
  const { average } = watcher;
  const towards = (before: number, now: number) => inertia * before + (1 - inertia) * now;
  watcher.average = watcher.samples++ === 0 ? { min, max } : { min: towards(average.min, min), max: towards(average.max, max) };
}

/** Of the finite numbers among some. */
function extremes(values: Float32Array, from: number, to: number): Range {
  let [min, max] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (let i = from; i < to; i++) {
    const value = values[i] as number;
    if (value - value !== 0) continue;
    if (value < min) min = value;
    if (value > max) max = value;
  }
  return { min, max };
}
