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
import { addTensor, writeHdf5 } from '../../testing/model-files.ts';
import { sourceFile } from '../files.ts';
import { openModel } from '../index.ts';

const context: Context = { signal: new AbortController().signal, report: () => {}, rng: createRng(1) };

interface Saved {
  readonly keras: string;
  readonly h5: string;
  readonly outputs: readonly (readonly number[])[];
}

const saved: Readonly<Record<string, Saved>> = JSON.parse(
  readFileSync(new URL('../../testing/keras-models.json', import.meta.url), 'utf8'),
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

beforeAll(() => startBackend('cpu'));

it('a pruned layer is unwrapped and its mask taken over', async () => {
  const dense = { class_name: 'Dense', config: { name: 'fc', units: 3, batch_input_shape: [null, 4] } };
  const wrapper = { class_name: 'PruneLowMagnitude', config: { name: 'prune_fc', layer: dense, batch_input_shape: [null, 4] } };
  const config = { class_name: 'Sequential', config: { name: 's', layers: [wrapper] } };
  const kernel = Float32Array.from({ length: 12 }, (_, i) => (i % 3 === 1 ? 0 : i + 1));
  const bytes = await writeHdf5((file) => {
    file.create_attribute('keras_version', '2.15.0');
    file.create_attribute('model_config', JSON.stringify(config));
    const root = file.create_group('model_weights');
    root.create_attribute('layer_names', ['prune_fc']);
    const group = root.create_group('prune_fc');
    const own = group.create_group('fc');
    const state = group.create_group('prune_fc');
    group.create_attribute('weight_names', [
      ...['fc/kernel:0', 'fc/bias:0'],
      ...['prune_fc/mask:0', 'prune_fc/threshold:0', 'prune_fc/pruning_step:0'],
    ]);
    addTensor(own, 'kernel:0', { shape: [4, 3], values: kernel });
    addTensor(own, 'bias:0', { shape: [3], values: Float32Array.of(1, 2, 3) });
    addTensor(state, 'mask:0', { shape: [4, 3], values: kernel.map((value) => (value === 0 ? 0 : 1)) });
    addTensor(state, 'threshold:0', { shape: [1], values: Float32Array.of(0.1) });
    addTensor(state, 'pruning_step:0', { shape: [1], values: Float32Array.of(7) });
  });
  const model = await openModel([sourceFile('p.h5', bytes)], {}, context);
  expect(model.nodes.map(({ name, op }) => [name, op])).toEqual([['prune_fc', 'Dense']]);
  expect([...(model.weights.get('prune_fc/kernel')?.mask ?? [])]).toEqual([...kernel].map((value) => (value === 0 ? 0 : 1)));
  expect(model.weights.get('prune_fc/bias')?.mask).toBeUndefined();
  expect(model.source.notes.map(({ code }) => code)).toContain('KERAS_PRUNED');
});

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

  it('shares the weights of what is called twice', async () => {
    const { nodes, weights } = await open('shared', 'keras');
    expect(weights.size).toBe(4);
    expect(nodes.filter(({ op }) => op === 'Dense')).toHaveLength(7);
  });
});
