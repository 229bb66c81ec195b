/**
 * What less work is worth on the clock: the vww MobileNet of the corpus whole and without three fifths of its multiply-accumulates (a call of
 * LiteRT.js has costs of its own, so that int8 at just half of them is a quarter faster), in turn in a worker of Chromium in batches of 32, and as float32 and int8 .tflite files in LiteRT.js one picture at a time.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { tfjsLayers } from '../src/engine/formats/tfjs-layers/index.ts';
import { tflite } from '../src/engine/formats/tflite/index.ts';
import { applyRecipe, type Context, createRng, type Model, openData, openModel, parseRecipe } from '../src/engine/index.ts';
import { modelMacs } from '../src/engine/model/topology.ts';
import { openChromium } from './chromium.ts';
import { inTurn } from './in-turn.ts';
import { contextOf } from './lesson.ts';
import { inLiteRt } from './litert.ts';
import { corpus, files } from './materials.ts';
import { startOwnBackend } from './own-backend.ts';
import type { GivenModel } from './speed.worker.ts';

const mobileNet = join(corpus, 'mlperf-tiny/visual-wake-words/vww_96.h5');
const pictures = join(corpus, 'cifar10/cifar10_train_2000.npz');
/** Kernels of int8 products take channels by eights: others leave part of their work undone or done for nothing. */
const roundTo = 8;
const batch = 32;
const milliseconds = 500;
const turns = 4;

async function given(name: string, model: Model): Promise<GivenModel> {
  const files = (await tfjsLayers.write?.(model, { precision: 'float32' }, contextOf(1))) ?? [];
  return { name, files: files.map(({ path, bytes }) => ({ path, base64: Buffer.from(bytes).toString('base64') })) };
}

/** Times of a batch in a worker of Chromium, as the page answers: on the backend that it starts with, and on the own one. */
async function inThePage(whole: Model, pruned: Model, turns: number) {
  const nets = { whole: await given('whole', whole), pruned: await given('pruned', pruned) };
  const chromium = await openChromium();
  try {
    const asked = (net: GivenModel, backend: 'wasm' | 'simd') => () =>
      chromium.ask<number>({ job: 'infer', net, backend, batch, milliseconds });
    const on = async (backend: 'wasm' | 'simd') => {
      const ms = await inTurn({ whole: asked(nets.whole, backend), pruned: asked(nets.pruned, backend) }, turns);
      return { faster: (ms.whole ?? Number.NaN) / (ms.pruned ?? Number.NaN), ms };
    };
    return { wasm: await on('wasm'), simd: await on('simd') };
  } finally {
    await chromium.close();
  }
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
export async function smallerMobileNet(seeds: number) {
  if (!existsSync(mobileNet)) return null;
  await startOwnBackend();
  const model = await openModel(await files([mobileNet]), {}, contextOf(1));
  const recipe = parseRecipe({ recipe: 1, steps: [{ use: 'prune/channels', ratio: 0.6, ranking: 'layer', roundTo }] });
  const pruned = (await applyRecipe(model, recipe, contextOf(1))).model;
  return {
    macs: modelMacs(model) / modelMacs(pruned),
    page: await inThePage(model, pruned, turns * seeds),
    litert: await inLite(model, pruned),
  };
}
