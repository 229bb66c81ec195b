/**
 * What reaches the layers of a model: mean, mean square and, where asked, covariance of the patches that each kernel is multiplied with, over
 * training samples at places drawn at random. Numbers alone are looked at, never labels.
 */

import { type Context, checkpoint, type TrainingData } from '../../context.ts';
import { createPreprocess } from '../../data/preprocess.ts';
import { draw } from '../../data/split.ts';
import type { Rng } from '../../math/rng.ts';
import { concreteShape } from '../../model/input-size.ts';
import type { Model, Node, ValueId } from '../../model/model.ts';
import { inferShapes } from '../../model/topology.ts';
import { createPredictor } from '../../runtime/executor.ts';
import { type PatchLayout, patchLayout } from '../../structure/patches.ts';

/** Samples at most, places of each, and patches per number in a patch: a Dense layer has one place, so that covariances need more samples. */
const amounts = { means: { samples: 256, places: 16, per: 1 }, covariances: { samples: 2048, places: 4, per: 6 } } as const;
/** Patches that are always looked at, where there are so many. */
const fewest = 4096;
const batch = 64;
/** Wider patches get no covariance: it would hold more than 8 MB. */
const widest = 1024;

export interface Study {
  /** Samples it rests on, at most. */
  readonly samples: number;
  readonly readers: ReadonlyMap<Node, Moments>;
}

/** Of the patches of one layer, in the order of its kernel's rows. */
export interface Moments {
  readonly mean: Float64Array;
  readonly square: Float64Array;
  /** The lower triangle, as rows. */
  readonly covariance?: readonly Float64Array[];
}

interface Tally {
  readonly layout: PatchLayout;
  readonly sum: Float64Array;
  readonly square: Float64Array;
  readonly products?: readonly Float64Array[];
  /** Patches that are enough. */
  readonly enough: number;
  count: number;
}

/** Studies the inputs of some layers. Throws DATA_* where the data does not fit the model, or the signal's reason. */
export async function studyReaders(
  model: Model,
  readers: readonly Node[],
  { dataset, preprocessing }: TrainingData,
  context: Context,
  wanted: keyof typeof amounts,
): Promise<Study> {
  const shape = concreteShape(model.inputs[0] ?? { shape: [] }, dataset.sampleShape);
  const shapes = inferShapes(model, [shape]);
  const concrete = (id: ValueId | undefined) => (shapes.get(id ?? '') ?? []).map((size) => size ?? 1);
  const tallies = new Map<Node, Tally>();
  for (const node of readers) {
    const layout = patchLayout(node, concrete(node.inputs[0]), concrete(node.outputs[0]));
    if (layout !== undefined) tallies.set(node, emptyTally(layout, wanted));
  }
  const { samples, places } = amounts[wanted];
  const { drawn } = draw(dataset, Math.min(samples, dataset.size), context.rng.integer(2 ** 31));
  const preprocess = await createPreprocess(preprocessing, dataset, shape);
  const executor = await createPredictor(model, { inputShapes: [shape] });
  try {
    const lacking = () => [...tallies.values()].some(({ count, enough }) => count < enough);
    for (let start = 0; start < drawn.size && lacking(); start += batch) {
      await checkpoint(context);
      const count = Math.min(batch, drawn.size - start);
      const values = await drawn.batch(start, count, shape);
      preprocess(values);
      await executor.observe([values], count, ({ outputs: [made = ''] }, output) => {
        for (const [node, tally] of tallies) {
          if (node.inputs[0] === made && tally.count < tally.enough) tallyPatches(tally, output, count, places, context.rng);
        }
      });
    }
  } finally {
    executor.dispose();
  }
  return { samples: drawn.size, readers: new Map([...tallies].map(([node, tally]) => [node, momentsOf(tally)])) };
}

function emptyTally(layout: PatchLayout, kind: keyof typeof amounts): Tally {
  const { size } = layout;
  const enough = Math.max(fewest, amounts[kind].per * size);
  const products = { products: Array.from({ length: size }, (_, i) => new Float64Array(i + 1)) };
  const wanted = kind === 'covariances' && size <= widest;
  return { layout, sum: new Float64Array(size), square: new Float64Array(size), enough, count: 0, ...(wanted ? products : {}) };
}

function tallyPatches(tally: Tally, values: Float32Array, count: number, places: number, rng: Rng): void {
  const { layout, sum, square, products } = tally;
  const [rows, columns] = layout.output;
  const all = rows * columns;
  const patch = new Float32Array(layout.size);
  for (let sample = 0; sample < count; sample++) {
    for (let turn = 0; turn < Math.min(places, all); turn++) {
      const place = all <= places ? turn : rng.integer(all);
      layout.copy(values, sample * layout.sample, Math.floor(place / columns), place % columns, patch);
      tally.count++;
      for (let i = 0; i < patch.length; i++) {
        const value = patch[i] as number;
        if (value === 0) continue;
        sum[i] = (sum[i] as number) + value;
        square[i] = (square[i] as number) + value * value;
        const row = products?.[i];
        if (row !== undefined) for (let j = 0; j <= i; j++) row[j] = (row[j] as number) + value * (patch[j] as number);
      }
    }
  }
}

function momentsOf({ sum, square, products, count }: Tally): Moments {
  const mean = sum.map((value) => value / count);
  const covariance = products?.map((row, i) => row.map((value, j) => value / count - (mean[i] as number) * (mean[j] as number)));
  return { mean, square: square.map((value) => value / count), ...(covariance ? { covariance } : {}) };
}
