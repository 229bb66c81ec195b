/**
 * Opening: a net of 3.5 million parameters as TF.js layers-model and as Keras .h5, each against another reader of the same bytes in the
 * same run: stock `tf.loadLayersModel`, and the HDF5 library itself (h5wasm), which reads topology text and raw arrays only, since
 * nothing else opens a Keras .h5 in JavaScript. The ratio is the less favourable of the two, the other's time over ours, each its
 * fastest run: an opening is so short that a collection of garbage decides a median. Ours looks at every weight for NaN, which neither
 * other does; `floor` is the time to copy the weights once and look.
 */
import type * as tf from '@tensorflow/tfjs-core';
import { loadLayersModel } from '@tensorflow/tfjs-layers';
import { type Dataset, File, FS, type Group } from 'h5wasm';
import type { SourceFile } from '../src/engine/format.ts';
import { sourceFile } from '../src/engine/formats/files.ts';
import { openModel } from '../src/engine/formats/index.ts';
import { createRng } from '../src/engine/math/rng.ts';
import type { Json } from '../src/engine/model/model.ts';
import { startBackend } from '../src/engine/runtime/backends.ts';
import { addTensor, jsonFile, type StoredArray, writeHdf5 } from '../src/engine/testing/model-files.ts';

const target = 1;
const runsPerSeed = 24;
const layerCount = 28;
const channels = 353;

/** Time of the processor, ms: what other programs do beside it does not count. */
async function time(work: () => Promise<unknown>): Promise<number> {
  const start = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(start);
  return (user + system) / 1000;
}

/** A chain of 1×1 convolutions. */
function topology(): Json {
  const layers = Array.from({ length: layerCount }, (_, index) => ({
    class_name: 'Conv2D',
    config: { name: `conv_${index}`, filters: channels, kernel_size: [1, 1], batch_input_shape: [null, 8, 8, channels] },
  }));
  return { class_name: 'Sequential', config: { name: 'chain', layers } };
}

function arrays(): StoredArray[] {
  const rng = createRng(1);
  return Array.from({ length: layerCount }, (_, index) => `conv_${index}`).flatMap((layer) => [
    {
      layer,
      role: 'kernel',
      shape: [1, 1, channels, channels],
      values: Float32Array.from({ length: channels ** 2 }, () => rng.next() - 0.5),
    },
    { layer, role: 'bias', shape: [channels], values: new Float32Array(channels) },
  ]);
}

function asH5(weights: readonly StoredArray[]): Promise<Uint8Array<ArrayBuffer>> {
  return writeHdf5((file) => {
    file.create_attribute('keras_version', '2.15.0');
    file.create_attribute('model_config', JSON.stringify(topology()));
    const root = file.create_group('model_weights');
    const layers = [...new Set(weights.map(({ layer }) => layer))];
    root.create_attribute('layer_names', layers);
    for (const layer of layers) {
      const group = root.create_group(layer);
      const own = weights.filter((array) => array.layer === layer);
      group.create_attribute(
        'weight_names',
        own.map(({ role }) => `${role}:0`),
      );
      for (const array of own) addTensor(group, `${array.role}:0`, array);
    }
  });
}

function asLayersModel(weights: readonly StoredArray[]): {
  json: { [key: string]: unknown };
  specs: tf.io.WeightsManifestEntry[];
  data: ArrayBuffer;
} {
  const specs = weights.map(({ layer, role, shape }) => ({
    name: `${layer}/${role}`,
    shape: [...shape],
    dtype: 'float32' as const,
  }));
  const data = new Float32Array(weights.reduce((sum, { values }) => sum + values.length, 0));
  let at = 0;
  for (const { values } of weights) {
    data.set(values, at);
    at += values.length;
  }
  const json = {
    format: 'layers-model',
    modelTopology: { model_config: topology() },
    weightsManifest: [{ paths: ['weights.bin'], weights: specs }],
  };
  return { json, specs, data: data.buffer };
}

async function open(...files: SourceFile[]): Promise<void> {
  await openModel(files, {}, { signal: new AbortController().signal, report: () => {}, rng: createRng(1) });
}

/** The least that any reader does: one copy of the weights and one look at each. */
async function copyAndScan(data: ArrayBuffer): Promise<void> {
  const values = new Float32Array(data.slice(0));
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += 0 * (values[i] as number);
  if (sum !== 0) throw new Error('The generated weights are not finite.');
}

/** What the HDF5 library (as WebAssembly) gives of a Keras file: its topology and every array. */
function readWithLibrary(bytes: Uint8Array<ArrayBuffer>): void {
  FS?.writeFile('race.h5', bytes);
  const file = new File('race.h5', 'r');
  JSON.parse(String(file.attrs.model_config?.value));
  const root = file.get('model_weights') as Group;
  for (const layer of root.keys()) {
    const group = root.get(layer) as Group;
    for (const name of group.keys()) (group.get(name) as Dataset).value;
  }
  file.close();
  FS?.unlink('race.h5');
}

export const bench = {
  name: 'open',
  summary:
    'opening 3.5 M parameters: layers-model against stock tf.loadLayersModel, .h5 against the HDF5 library; at least as fast on both',
  async run({ seeds }: { readonly seeds: number }) {
    await startBackend('cpu');
    const weights = arrays();
    const h5 = await asH5(weights);
    const { json, specs, data } = asLayersModel(weights);
    const text = JSON.stringify(json);
    const races = {
      'layers-model': {
        ours: () => open(jsonFile('model.json', json), sourceFile('weights.bin', new Uint8Array(data))),
        other: async () => {
          const { modelTopology } = JSON.parse(text) as { modelTopology: object };
          const model = await loadLayersModel({ load: async () => ({ modelTopology, weightSpecs: specs, weightData: data }) });
          model.dispose();
        },
      },
      h5: { ours: () => open(sourceFile('chain.h5', h5)), other: async () => readWithLibrary(h5) },
    };
    const figures: Record<string, { ratio: number; ours: number; other: number; floor: number }> = {};
    for (const [name, { ours, other }] of Object.entries(races)) {
      const times: { ours: number; other: number; floor: number }[] = [];
      for (let run = -2; run < runsPerSeed * seeds; run++) {
        const pair = { ours: await time(ours), other: await time(other), floor: await time(() => copyAndScan(data)) };
        if (run >= 0) times.push(pair);
      }
      const fastest = (who: 'ours' | 'other' | 'floor'): number => Math.min(...times.map((pair) => pair[who]));
      figures[name] = {
        ratio: fastest('other') / fastest('ours'),
        ours: fastest('ours'),
        other: fastest('other'),
        floor: fastest('floor'),
      };
    }
    const reached = Math.min(...Object.values(figures).map(({ ratio }) => ratio));
    return {
      bench: 'open',
      ratio: reached / target,
      target: `no slower than the other reader of the same bytes (ratio ≥ ${target})`,
      unit: 'ms of the processor',
      parameters: weights.reduce((sum, { values }) => sum + values.length, 0),
      formats: figures,
    };
  },
};
