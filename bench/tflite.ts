/**
 * .tflite files judged by Google's interpreter in Node: every model that opens as float32; ResNet8 and MobileNet of MLPerf Tiny in all kinds
 * beside Google's own conversions, calibrated on pictures that are not judged on.
 */
import { fixtures, fixturesPresent } from '../scripts/fixtures.ts';
import { applyRecipe } from '../src/engine/apply.ts';
import type { Context, TrainingData } from '../src/engine/context.ts';
import { openData } from '../src/engine/data/index.ts';
import { subset } from '../src/engine/data/split.ts';
import { type TfliteKind, tfliteKinds } from '../src/engine/format.ts';
import { sourceFile } from '../src/engine/formats/files.ts';
import { openModel } from '../src/engine/formats/index.ts';
import { writeTflite } from '../src/engine/formats/tflite/write/write.ts';
import { createRng } from '../src/engine/math/rng.ts';
import { mcnemarExact } from '../src/engine/metrics/paired.ts';
import type { Model } from '../src/engine/model/model.ts';
import type { Recipe } from '../src/engine/recipe.ts';
import { startBackend } from '../src/engine/runtime/backends.ts';
import { createPredictor } from '../src/engine/runtime/executor.ts';
import { inLiteRt } from './litert.ts';
import type { Bench } from './run.ts';
import { corpusRows } from './tflite-corpus.ts';
import { answers, classOf, judge } from './tflite-judge.ts';
import { operatorFigures } from './tflite-operators.ts';

const context: Context = { signal: new AbortController().signal, report: () => {}, rng: createRng(1) };
const tolerance = 1e-5;

const bytesOf = async (path: string): Promise<Uint8Array> => (await fixtures(path)[0]?.bytes()) ?? new Uint8Array();

async function written(model: Model, kind: TfliteKind, int4 = false): Promise<Uint8Array> {
  const [file] = await writeTflite(model, { precision: 'encoded', tflite: { kind, int4 } }, context);
  return file?.bytes ?? new Uint8Array();
}

/** The model as the preset for phones would have it: int8 weights per channel, int8 activations. */
const recipe: Recipe = { recipe: 1, seed: 7, steps: [{ use: 'quantize/affine' }, { use: 'quantize/static' }] };

/** The same with 16-bit activations. */
const wideRecipe: Recipe = { recipe: 1, seed: 7, steps: [{ use: 'quantize/affine' }, { use: 'quantize/static', bits: 16 }] };

/** The largest difference between two lists of answers. */
const furthest = (left: readonly Float32Array[], right: readonly Float32Array[]): number =>
  left.reduce(
    (worst, answer, i) =>
      answer.reduce((most, value, at) => Math.max(most, Math.abs(value - (right[i]?.[at] ?? Number.NaN))), worst),
    0,
  );

const meanDifference = (left: readonly Float32Array[], right: readonly Float32Array[]): number =>
  left.reduce((sum, answer, i) => sum + answer.reduce((all, value, at) => all + Math.abs(value - (right[i]?.[at] ?? 0)), 0), 0) /
  left.length;

const agreement = (left: readonly Float32Array[], right: readonly Float32Array[]): number =>
  left.filter((answer, i) => classOf(answer) === classOf(right[i] ?? answer)).length;

/** A pair of files of the same network by Google, with whatever ends. */
interface Pair {
  readonly float32: Uint8Array;
  readonly int8: Uint8Array;
}

/**
 * Times in LiteRT.js for one input, how much faster int8 is by the least of them, ours and Google's, and how far our files' first answers
 * are from the interpreter's. How much is gained depends on the processor: XNNPACK's kernels want dot products of bytes.
 */
async function inBrowser(
  files: Readonly<Record<string, Uint8Array>>,
  google: Pair,
  input: Float32Array,
  shape: readonly number[],
) {
  const all = { ...files, 'float32 by Google': google.float32, 'int8 by Google': google.int8 };
  const figures = await inLiteRt(all, input, [1, ...shape]);
  const ms = Object.fromEntries(
    Object.entries(figures).map(([name, figure]) => [name, { median: figure.ms, least: figure.least }]),
  );
  const ratio = (suffix: string) => (ms[`float32${suffix}`]?.least ?? Number.NaN) / (ms[`int8${suffix}`]?.least ?? Number.NaN);
  let differs = 0;
  for (const [name, bytes] of Object.entries(files)) {
    const interpreter = await judge(bytes);
    const [answer = new Float32Array()] = interpreter.run([input]);
    interpreter.dispose();
    differs = Math.max(differs, furthest([answer], [Float32Array.from(figures[name]?.output ?? [])]));
  }
  return { ms, faster: ratio(''), googleFaster: ratio(' by Google'), differs };
}

/** 4-bit codes two to a byte in LiteRT.js, which must answer as for a byte each; the interpreter in Node is older and refuses them. */
async function halfBytes(model: Model, training: TrainingData, input: Float32Array, shape: readonly number[]) {
  const steps = [{ use: 'quantize/affine', bits: 4 }, { use: 'quantize/static' }];
  const quantized = (await applyRecipe(model, { recipe: 1, seed: 7, steps }, { ...context, training })).model;
  const files = { bytes: await written(quantized, 'int8'), halves: await written(quantized, 'int8', true) };
  const figures = await inLiteRt(files, input, [1, ...shape]);
  const [wide, packed] = [figures.bytes, figures.halves].map((figure) => Float32Array.from(figure?.output ?? []));
  if (!wide || !packed || furthest([wide], [packed]) > 0) throw new Error('LiteRT.js answers otherwise for packed codes.');
  return { bytes: files.bytes.length, packed: files.halves.length };
}

/** Processor time per sample of a file opened here, ms; the least of some batches. */
async function timeHere(bytes: Uint8Array, input: Float32Array, count: number): Promise<number> {
  const predictor = await createPredictor(await openModel([sourceFile('model.tflite', new Uint8Array(bytes))], {}, context));
  let least = Number.POSITIVE_INFINITY;
  for (let turn = 0; turn < 8; turn++) {
    const before = process.cpuUsage();
    await predictor.predict([input], count);
    const { user, system } = process.cpuUsage(before);
    least = Math.min(least, (user + system) / 1000 / count);
  }
  predictor.dispose();
  return least;
}

async function resnet() {
  const folder = 'mlperf-tiny/image-classification';
  const model = await openModel(fixtures(`${folder}/pretrainedResnet.h5`), {}, context);
  const data = await openData(fixtures('cifar10/cifar10_1000.npz'), {}, context);
  const dataset = await openData(fixtures('cifar10/cifar10_train_2000.npz'), {}, context);
  const how = { shape: [32, 32, 3], preprocessing: 'raw' } as const;
  const training = { dataset, preprocessing: 'raw', id: 'train' } as const;
  const quantized = (await applyRecipe(model, recipe, { ...context, training })).model;
  const right = (all: readonly Float32Array[]) => all.map((answer, i) => classOf(answer) === data.labels?.[i]);
  const count = (hits: readonly boolean[]): number => hits.filter(Boolean).length;
  const float = await written(model, 'float32');
  const floatAnswers = await answers(float, data, how);
  const google = await answers(await bytesOf(`${folder}/pretrainedResnet.tflite`), data, how);
  const files = {
    float32: float,
    float16: await written(model, 'float16'),
    dynamic: await written(quantized, 'dynamic'),
    int8: await written(quantized, 'int8'),
    int16x8: await written((await applyRecipe(model, wideRecipe, { ...context, training })).model, 'int16x8'),
    'int8 by Google': await bytesOf(`${folder}/pretrainedResnet_quant.tflite`),
  };
  const before = right(floatAnswers);
  const kinds: Record<string, object> = {};
  for (const [kind, bytes] of Object.entries(files)) {
    const hits = right(await answers(bytes, data, how));
    const gained = hits.filter((hit, i) => hit && !before[i]).length;
    const lost = hits.filter((hit, i) => !hit && before[i]).length;
    kinds[kind] = { bytes: bytes.length, right: count(hits), gained, lost, mcnemar: mcnemarExact(gained, lost) };
  }
  const int8 = count(right(await answers(files.int8, data, how)));
  const { 'int8 by Google': _integerEnds, ...ours } = files;
  const nibbles = await halfBytes(model, training, await data.batch(0, 1, how.shape), how.shape);
  const pair = { float32: await bytesOf(`${folder}/pretrainedResnet.tflite`), int8: files['int8 by Google'] };
  const browser = await inBrowser(ours, pair, await data.batch(0, 1, how.shape), how.shape);
  const pictures = await data.batch(0, 64, how.shape);
  const here = { float32: await timeHere(files.float32, pictures, 64), int8: await timeHere(files.int8, pictures, 64) };
  const ratios = [browser.faster / 2, 318_144 / float.length, count(before) / 881, tolerance / furthest(google, floatAnswers)];
  return { kinds, browser, here, nibbles, ratio: Math.min(...ratios, 98_496 / files.int8.length, int8 / 875) };
}

async function mobilenet() {
  const folder = 'mlperf-tiny/visual-wake-words';
  const model = await openModel(fixtures(`${folder}/vww_96.h5`), {}, context);
  const pictures = await openData(fixtures('cifar10/cifar10_train_2000.npz'), {}, context);
  const others = await openData(fixtures('cifar10/cifar10_1000.npz'), {}, context);
  const dataset = subset(
    pictures,
    Uint32Array.from({ length: 100 }, (_, i) => i),
    pictures.statistics,
  );
  const how = { shape: [96, 96, 3], preprocessing: 'unit', limit: 200 } as const;
  const training = { dataset, preprocessing: 'unit', id: 'train' } as const;
  const quantized = (await applyRecipe(model, recipe, { ...context, training })).model;
  const ours = await written(quantized, 'int8');
  const plain = await written(model, 'float32');
  const float = await answers(plain, others, how);
  const googleFloat = await answers(await bytesOf(`${folder}/vww_96_float.tflite`), others, how);
  const integers = await answers(ours, others, how);
  const google = await answers(await bytesOf(`${folder}/vww_96_int8.tflite`), others, how);
  const input = (await others.batch(0, 1, how.shape)).map((value) => value / 255);
  const pair = { float32: await bytesOf(`${folder}/vww_96_float.tflite`), int8: await bytesOf(`${folder}/vww_96_int8.tflite`) };
  const browser = await inBrowser({ float32: plain, int8: ours }, pair, input, how.shape);
  const figures = {
    browser,
    floatDifference: furthest(float, googleFloat),
    bytes: ours.length,
    agreement: { ours: agreement(float, integers), google: agreement(googleFloat, google), of: float.length },
    meanDifference: { ours: meanDifference(float, integers), google: meanDifference(googleFloat, google) },
  };
  const agrees = figures.agreement.ours / figures.agreement.google;
  return {
    ...figures,
    ratio: Math.min(tolerance / figures.floatDifference, 333_288 / ours.length, agrees, browser.faster / 1.8),
  };
}

export const bench: Bench = {
  name: 'tflite',
  summary: '.tflite files of all models in Google’s interpreter; ResNet8 and MobileNet beside Google’s own int8',
  async run() {
    if (!fixturesPresent) throw new Error('This bench needs the corpus: set STUDIO_FIXTURES.');
    await startBackend('simd');
    const rows = await corpusRows(context);
    const measured = rows.flatMap(({ outcome }) => (typeof outcome === 'number' ? [outcome] : []));
    const worst = Math.max(...measured);
    const inLiteRt = rows.flatMap((row) => (typeof row.inLiteRt === 'number' ? [row.inLiteRt] : []));
    const shown = (figure: number | string) => (typeof figure === 'number' ? figure.toExponential(1) : figure);
    for (const row of rows)
      console.error(
        `${[row.outcome, ...(row.inLiteRt === undefined ? [] : [row.inLiteRt])].map(shown).join('  ')}  ${row.model}`,
      );
    const operators: Record<string, Awaited<ReturnType<typeof operatorFigures>>> = {};
    for (const kind of tfliteKinds) operators[kind] = await operatorFigures(kind);
    const taken = inLiteRt.length === measured.length && Object.values(operators).every(({ refused }) => refused.length === 0);
    const [resnet8, vww] = [await resnet(), await mobilenet()];
    return {
      bench: 'tflite',
      ratio: Math.min(tolerance / worst, resnet8.ratio, vww.ratio, taken ? 1 : 0),
      target:
        'float32 within 1e-5; ResNet8 no larger than Google’s files, 88.1 % and 87.5 %; MobileNet no larger, agreeing no worse; int8 2x and 1.8x as fast; LiteRT.js takes every model and operator',
      models: measured.length,
      worst,
      inLiteRt: { models: inLiteRt.length, worst: Math.max(...inLiteRt) },
      operators,
      resnet8,
      vww,
    };
  },
};
