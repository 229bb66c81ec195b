/**
 * What half the work is worth on the clock: the vww MobileNet of the corpus whole and cut to half its multiply-accumulates, alternating within
 * one process in batches of 32, and as float32 and int8 .tflite files in LiteRT.js one picture at a time.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { tflite } from '../src/engine/formats/tflite/index.ts';
import {
  applyRecipe,
  type Context,
  createPredictor,
  createRng,
  type Model,
  openData,
  openModel,
  parseRecipe,
} from '../src/engine/index.ts';
import { elementCount } from '../src/engine/model/model.ts';
import { modelMacs } from '../src/engine/model/topology.ts';
import { inLiteRt } from './litert.ts';
import { contextOf, corpus, files } from './repair.ts';

const mobileNet = join(corpus, 'mlperf-tiny/visual-wake-words/vww_96.h5');
const pictures = join(corpus, 'cifar10/cifar10_train_2000.npz');
const batch = 32;
const pairs = 20;

const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1] ?? Number.NaN;

/** Median of paired times, whole over pruned. */
async function inBatches(whole: Model, pruned: Model, runs: number) {
  const shape = (whole.inputs[0]?.shape ?? []).map((size) => size ?? 1);
  const rng = createRng(1);
  const input = Float32Array.from({ length: batch * elementCount(shape) }, () => rng.normal());
  const predictors = [await createPredictor(whole), await createPredictor(pruned)] as const;
  const times: (readonly [number, number])[] = [];
  const time = async (index: 0 | 1): Promise<number> => {
    const start = performance.now();
    await predictors[index].predict([input], batch);
    return performance.now() - start;
  };
  for (let run = -3; run < runs; run++) {
    const pair = [await time(0), await time(1)] as const;
    if (run >= 0) times.push(pair);
  }
  for (const predictor of predictors) predictor.dispose();
  return {
    faster: median(times.map(([before, after]) => before / after)),
    ms: [0, 1].map((index) => median(times.map((pair) => pair[index] ?? Number.NaN))),
  };
}

async function written(model: Model, kind: 'float32' | 'int8', context: Context): Promise<Uint8Array> {
  const written = await tflite.write?.(model, { precision: 'encoded', tflite: { kind } }, context);
  return written?.[0]?.bytes ?? new Uint8Array();
}

/** Times in LiteRT.js, as float32 and as int8. */
async function inLite(whole: Model, pruned: Model) {
  const dataset = await openData(await files([pictures]), {}, contextOf(1));
  const context = { ...contextOf(1), training: { dataset, preprocessing: 'unit', id: 'pictures' } as const };
  const integers = parseRecipe({ recipe: 1, steps: [{ use: 'quantize/affine' }, { use: 'quantize/static' }] });
  const all: Record<string, Uint8Array> = {};
  for (const [name, model] of [
    ['whole', whole],
    ['pruned', pruned],
  ] as const) {
    all[`${name} float32`] = await written(model, 'float32', context);
    all[`${name} int8`] = await written((await applyRecipe(model, integers, context)).model, 'int8', context);
  }
  const rng = createRng(2);
  const input = Float32Array.from({ length: 96 * 96 * 3 }, () => rng.next());
  const figures = await inLiteRt(all, input, [1, 96, 96, 3]);
  const fasterAs = (kind: string) => (figures[`whole ${kind}`]?.ms ?? Number.NaN) / (figures[`pruned ${kind}`]?.ms ?? Number.NaN);
  return {
    float32: fasterAs('float32'),
    int8: fasterAs('int8'),
    ms: Object.fromEntries(Object.entries(figures).map(([name, { ms }]) => [name, ms])),
  };
}

/** Null where the corpus is not there. */
export async function mobileNetAtHalf(seeds: number) {
  if (!existsSync(mobileNet)) return null;
  const model = await openModel(await files([mobileNet]), {}, contextOf(1));
  const recipe = parseRecipe({ recipe: 1, steps: [{ use: 'prune/channels', ratio: 0.5, roundTo: 4 }] });
  const pruned = (await applyRecipe(model, recipe, contextOf(1))).model;
  return {
    macs: modelMacs(model) / modelMacs(pruned),
    batches: await inBatches(model, pruned, pairs * seeds),
    litert: await inLite(model, pruned),
  };
}
