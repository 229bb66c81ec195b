/** Files that are made to exhaust memory or time: each is refused by a StudioError, and nothing large is asked for on the way. */
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { Context } from '../context.ts';
import { StudioError } from '../errors.ts';
import type { SourceFile } from '../format.ts';
import { createRng } from '../math/rng.ts';
import type { Json } from '../model/model.ts';
import {
  addTensor,
  jsonFile,
  kerasArchive,
  tinyH5,
  tinyLayersModel,
  tinyTopology,
  tinyWeightStore,
  writeHdf5,
} from '../testing/model-files.ts';
import { sourceFile } from './files.ts';
import { openModel } from './index.ts';

const context: Context = { signal: new AbortController().signal, report: () => {}, rng: createRng(1) };
const megabyte = 2 ** 20;

/** The largest array that was asked for by its length, bytes. */
let largest = 0;
beforeEach(() => {
  largest = 0;
  for (const type of [Uint8Array, Uint16Array, Uint32Array, Float32Array, Float64Array, ArrayBuffer]) {
    const size = 'BYTES_PER_ELEMENT' in type ? type.BYTES_PER_ELEMENT : 1;
    const counting = new Proxy(type, {
      construct(target, given) {
        const [length] = given;
        if (typeof length === 'number') largest = Math.max(largest, length * size);
        return Reflect.construct(target, given) as object;
      },
    });
    vi.stubGlobal(type.name, counting);
  }
});
afterEach(() => vi.unstubAllGlobals());

async function refused(files: readonly SourceFile[]): Promise<StudioError> {
  largest = 0;
  const error = await openModel(files, {}, context).then(
    () => 'it opened',
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(StudioError);
  expect(largest).toBeLessThan(megabyte);
  return error as StudioError;
}

type Change = (topology: Json) => Json;
const edited =
  (change: (text: string) => string): Change =>
  (json) =>
    JSON.parse(change(JSON.stringify(json)));

const layersModel = (change: Change): SourceFile[] => {
  const { json, shards } = tinyLayersModel(2);
  return [jsonFile('model.json', change(json)), ...shards];
};
/** The tiny net in every container whose topology is JSON. */
const containers: Record<string, (change: Change) => Promise<SourceFile[]>> = {
  'a layers-model': async (change) => layersModel(change),
  'a .keras archive': async (change) => [sourceFile('n.keras', kerasArchive(change(tinyTopology(3)), await tinyWeightStore()))],
  'an .h5 file': async (change) => [sourceFile('n.h5', await tinyH5(2, change(tinyTopology(2))))],
};

/** `depth` models, each the only layer of the next, as text: nothing that walks JSON could build it. */
const nested = (depth: number): string =>
  `${'{"class_name":"Sequential","config":{"name":"m","layers":['.repeat(depth)}${']}}'.repeat(depth)}`;

const attacks: Record<string, { readonly change: Change; readonly codes: RegExp }> = {
  'a layer of 2^40 units': {
    change: edited((text) => text.replace('"units":4', `"units":${2 ** 40}`)),
    codes: /^(FORMAT_KERAS_CONFIG|FORMAT_WEIGHT_SHAPE|MODEL_)/,
  },
  'a convolution of 2^50 filters': {
    change: edited((text) => text.replace('"filters":3', `"filters":${2 ** 50}`)),
    codes: /^(FORMAT_KERAS_CONFIG|FORMAT_WEIGHT_SHAPE|MODEL_)/,
  },
  'an input of 2^20 × 2^20': {
    change: edited((text) => text.replaceAll('[null,6,6,2]', `[null,${2 ** 20},${2 ** 20},2]`)),
    codes: /^MODEL_/,
  },
  'layers in a circle': {
    change: edited((text) => text.replace('["image",0,0,{}]', '["add",0,0,{}]').replace('y":["image",0,0]', 'y":["add",0,0]')),
    codes: /^FORMAT_KERAS_CYCLE$/,
  },
  'a nested model that holds itself by name': {
    change: edited((text) => text.replaceAll('["add",0,0', '["head",0,0')),
    codes: /^FORMAT_(KERAS_CYCLE|STRUCTURE)$/,
  },
};

const cases = Object.keys(containers).flatMap((container) => Object.keys(attacks).map((attack) => [attack, container] as const));
it.each(cases)('%s in %s', async (attack, container) => {
  const { change, codes } = attacks[attack] as (typeof attacks)[string];
  const files = await (containers[container] as (typeof containers)[string])(change);
  expect((await refused(files)).code).toMatch(codes);
});

it('10,000 models within each other', async () => {
  const text = (json: string): Uint8Array<ArrayBuffer> => new TextEncoder().encode(json);
  const { shards } = tinyLayersModel(2);
  const json = `{"modelTopology":{"model_config":${nested(10_000)}},"weightsManifest":[]}`;
  expect((await refused([sourceFile('model.json', text(json)), ...shards])).code).toBe('FORMAT_JSON');
  const h5 = await writeHdf5((file) => {
    file.create_attribute('model_config', nested(10_000));
    file.create_group('model_weights');
  });
  expect((await refused([sourceFile('n.h5', h5)])).code).toBe('FORMAT_JSON');
});

it('10,000 models beside each other, each of three layers', async () => {
  const inner = (name: string): Json => ({
    class_name: 'Sequential',
    config: {
      name,
      layers: ['a', 'b', 'c'].map((own) => ({ class_name: 'Flatten', config: { name: own, batch_input_shape: [null, 4] } })),
    },
  });
  const layers = Array.from({ length: 10_000 }, (_, i) => inner(`m${i}`));
  const json = { modelTopology: { class_name: 'Sequential', config: { name: 's', layers } }, weightsManifest: [] };
  expect((await refused([jsonFile('model.json', json)])).code).toBe('MODEL_TOO_COMPLEX');
});

it('a tensor of 5 GB that an .h5 file declares', async () => {
  const dense = {
    class_name: 'Dense',
    config: { name: 'fc', units: 40_000, use_bias: false, batch_input_shape: [null, 32_000] },
  };
  const bytes = await writeHdf5((file) => {
    file.create_attribute('keras_version', '2.15.0');
    file.create_attribute('model_config', JSON.stringify({ class_name: 'Sequential', config: { name: 's', layers: [dense] } }));
    const root = file.create_group('model_weights');
    root.create_attribute('layer_names', ['fc']);
    const group = root.create_group('fc');
    group.create_attribute('weight_names', ['kernel:0']);
    addTensor(group, 'kernel:0', { shape: [5, 7], values: new Float32Array(35) });
  });
  // Its dimensions stand as two 64-bit numbers.
  const view = new DataView(bytes.buffer);
  for (let at = 0; at + 16 <= bytes.length; at++) {
    if (view.getBigUint64(at, true) !== 5n || view.getBigUint64(at + 8, true) !== 7n) continue;
    view.setBigUint64(at, 32_000n, true);
    view.setBigUint64(at + 8, 40_000n, true);
  }
  expect((await refused([sourceFile('n.h5', bytes)])).code).toBe('MODEL_TOO_COMPLEX');
});

it('a tensor of 5 GB that a layers-model declares', async () => {
  const grown = edited((text) => text.replace('"shape":[108,4]', '"shape":[32000,40000]').replace('"units":4', '"units":40000'));
  expect((await refused(layersModel(grown))).code).toBe('FORMAT_TFJS_SHARD_LENGTH');
});

it('groups that hold themselves', async () => {
  const bytes = await writeHdf5((file) => {
    file.create_attribute('keras_version', '2.15.0');
    const flat = { class_name: 'Flatten', config: { name: 'flat', batch_input_shape: [null, 4] } };
    file.create_attribute('model_config', JSON.stringify({ class_name: 'Sequential', config: { name: 's', layers: [flat] } }));
    const root = file.create_group('model_weights');
    root.create_attribute('layer_names', ['flat']);
    root.create_group('flat');
    const optimizer = file.create_group('optimizer_weights');
    addTensor(optimizer, 'momentum:0', { shape: [8], values: new Float32Array(8) });
    for (const name of ['again', 'and_again'])
      (file as unknown as Linker).create_hard_link('/optimizer_weights', `/optimizer_weights/${name}`);
  });
  const error = await refused([sourceFile('n.h5', bytes)]);
  expect(error.detail).toContain('refer to each other without end');
});

interface Linker {
  create_hard_link(target: string, name: string): number;
}

it.each(Object.keys(containers))('names that objects have anyway, in %s', async (container) => {
  const change = edited((text) =>
    text
      .replaceAll('"conv"', '"__proto__"')
      .replaceAll('"dw"', '"constructor"')
      .replace('"config":{', '"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}},"config":{'),
  );
  const files = await (containers[container] as (typeof containers)[string])(change);
  await openModel(files, {}, context).catch((error: unknown) => expect(error).toBeInstanceOf(StudioError));
  expect(({} as { polluted?: number }).polluted).toBeUndefined();
  expect(largest).toBeLessThan(megabyte);
});
