/** Models of every structure, saved by Keras itself (scripts/keras-models.py), open and answer as Keras does. */
import '@tensorflow/tfjs-backend-cpu';
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Context } from '../../context.ts';
import { createRng } from '../../math/rng.ts';
import { elementCount, type Model } from '../../model/model.ts';
import { relativeDifference } from '../../model/ops/cases.ts';
import { startBackend } from '../../runtime/backends.ts';
import { createPredictor } from '../../runtime/executor.ts';
import { openZip } from '../../zip.ts';
import { sourceFile } from '../files.ts';
import { openModel } from '../index.ts';
import { kerasZip } from './keras-zip.ts';

const context: Context = { signal: new AbortController().signal, report: () => {}, rng: createRng(1) };

interface Saved {
  readonly keras: string;
  readonly h5: string;
  readonly outputs: readonly (readonly number[])[];
}

const saved: Readonly<Record<string, Saved>> = JSON.parse(
  readFileSync(new URL('../../testing/keras-models.json', import.meta.url), 'utf8'),
);

const npz: Readonly<Record<string, string>> = JSON.parse(
  readFileSync(new URL('../../testing/keras-npz.json', import.meta.url), 'utf8'),
);

/** Layers that Keras quantized, and what their kernels stand for (scripts/keras-quantized.py); null where they are refused. */
const quantized: Readonly<Record<string, { readonly keras: string; readonly kernel: readonly number[] | null }>> = JSON.parse(
  readFileSync(new URL('../../testing/keras-quantized.json', import.meta.url), 'utf8'),
);

const open = (name: string, ending: 'keras' | 'h5'): Promise<Model> => {
  const bytes = new Uint8Array(gunzipSync(Buffer.from(saved[name]?.[ending] ?? '', 'base64')));
  return openModel([sourceFile(`${name}.${ending}`, bytes)], {}, context);
};

async function answers(model: Model): Promise<readonly Float32Array[]> {
  const inputs = model.inputs.map(({ shape }, place) =>
    Float32Array.from({ length: 2 * elementCount(shape as number[]) }, (_, i) => 2 * Math.sin(1.7 * i + place)),
  );
  const predictor = await createPredictor(model);
  const outputs = await predictor.predict(inputs, 2);
  predictor.dispose();
  return outputs;
}

beforeAll(() => startBackend('simd'));

describe('saved by Keras', () => {
  const files = Object.keys(saved).flatMap((name) => [[name, 'keras'] as const, [name, 'h5'] as const]);

  it.each(files)('%s.%s answers as it did there', async (name, ending) => {
    const found = await answers(await open(name, ending));
    const expected = saved[name]?.outputs ?? [];
    expect(found).toHaveLength(expected.length);
    for (const [i, values] of expected.entries()) {
      expect(relativeDifference(Float32Array.from(values), found[i] ?? new Float32Array())).toBeLessThan(1e-5);
    }
  });

  it.each(Object.entries(npz))('%s: model.weights.npz holds what model.weights.h5 does', async (name, text) => {
    const bytes = new Uint8Array(gunzipSync(Buffer.from(text, 'base64')));
    const found = await openModel([sourceFile('net.keras', bytes)], {}, context);
    const expected = await open(name.split(' ')[0] ?? '', 'keras');
    expect([...found.weights].map(([id, { values }]) => [id, values])).toEqual(
      [...expected.weights].map(([id, { values }]) => [id, values]),
    );
    expect(found.source.optimizerBytes).toBe(/ (jax|numpy|tensorflow)$/.test(name) ? 0 : 24);
  });

  it.each(Object.entries(quantized))('%s: codes stand for what Keras makes of them', async (name, { keras, kernel }) => {
    const bytes = new Uint8Array(gunzipSync(Buffer.from(keras, 'base64')));
    const opened = openModel([sourceFile('net.keras', bytes)], {}, context);
    if (kernel === null)
      return expect(opened).rejects.toMatchObject({ code: 'FORMAT_KERAS_QUANTIZED', context: { policy: 'float8' } });
    const [weight] = (await opened).weights.values();
    expect(relativeDifference(Float32Array.from(kernel), weight?.values ?? new Float32Array())).toBeLessThan(1e-6);
    const bits = name.includes('int8') ? 8 : 4;
    expect(weight?.encoding).toMatchObject(/Embedding.*of 2/.test(name) ? { kind: 'float32' } : { kind: 'affine', bits });
  });

  it('writes attention as Keras 3 builds it', async () => {
    const [file] = (await kerasZip.write?.(await open('attentive', 'keras'), { precision: 'encoded' }, context)) ?? [];
    const entries = openZip(file?.bytes ?? new Uint8Array(), 'net.keras');
    const texts = await Promise.all(entries.map(async (entry) => new TextDecoder().decode(await entry.bytes())));
    expect(
      texts[1]?.match(/"build_config":\{"shapes_dict":\{"query_shape":\[null,5,6\],"value_shape":\[null,5,6\]\}\}/g),
    ).toHaveLength(2);
    expect(texts[1]).toContain('"class_name":"GroupQueryAttention"');
    expect(texts[2]).toContain('grouped_query_attention');
  });

  it('shares the weights of what is called twice', async () => {
    const { nodes, weights } = await open('shared', 'keras');
    expect(weights.size).toBe(4);
    expect(nodes.filter(({ op }) => op === 'Dense')).toHaveLength(7);
  });
});
