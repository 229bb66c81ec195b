import { describe, expect, it } from 'vitest';
import type { Context } from '../context.ts';
import type { SourceFile } from '../format.ts';
import { createRng } from '../math/rng.ts';
import type { AffineEncoding } from '../model/encoding.ts';
import type { Model } from '../model/model.ts';
import {
  addTensor,
  jsonFile,
  kerasArchive,
  tinyH5,
  tinyLayersModel,
  tinyTopology,
  tinyWeightStore,
  tinyWeights,
  writeHdf5,
  zip,
} from '../testing/model-files.ts';
import { sourceFile } from './files.ts';
import { openModel } from './index.ts';

const context: Context = { signal: new AbortController().signal, report: () => {}, rng: createRng(1) };
const open = (...files: SourceFile[]): Promise<Model> => openModel(files, {}, context);
const codes = (model: Model): string[] => model.source.notes.map(({ code }) => code);

function expectTiny(model: Model): void {
  expect(model.nodes.map(({ name, op }) => `${name}:${op}`)).toEqual([
    'conv:Conv2D',
    'bn:BatchNormalization',
    'dw:DepthwiseConv2D',
    'add:Add',
    'head/flat:Flatten',
    'head/logits:Dense',
  ]);
  expect(model.nodes[3]?.inputs).toEqual(['bn', 'dw']);
  expect(model.inputs).toEqual([{ value: 'image', name: 'image', shape: [6, 6, 2], dtype: 'float32' }]);
  expect(model.outputs).toEqual(['head/logits']);
  const weights = tinyWeights();
  expect([...model.weights.keys()].sort()).toEqual(weights.map(({ layer, role }) => `${layer}/${role}`).sort());
  for (const { layer, role, shape, values } of weights) {
    const weight = model.weights.get(`${layer}/${role}`);
    expect(weight?.shape).toEqual(shape);
    expect(weight?.values).toEqual(values);
    expect(weight?.encoding).toEqual({ kind: 'float32' });
  }
}

describe.each([[2], [3]] as const)('what Keras %i writes', (keras) => {
  it('opens as a layers-model, shards cut anywhere', async () => {
    const { json, shards } = tinyLayersModel(keras);
    const model = await open(...shards, jsonFile('some-name.json', json));
    expectTiny(model);
    expect(model.source.format).toBe('tfjs-layers');
    expect(model.source.bytes).toBe(JSON.stringify(json).length + shards.reduce((sum, { size }) => sum + size, 0));
  });

  it('opens as .h5, by layer group whatever the scopes say, without the optimizer', async () => {
    for (const layout of ['classic', 'newer'] as const) {
      const model = await open(sourceFile('net.h5', await tinyH5(keras, tinyTopology(keras), tinyWeights(), layout)));
      expectTiny(model);
      expect(model.source.optimizerBytes).toBe(32);
      expect(codes(model)).toEqual(expect.arrayContaining(['OPTIMIZER_STATE', 'TRAINING_CONFIG', 'KERAS_WEIGHT_PATHS']));
    }
  });

  it('opens as .keras, by class and order', async () => {
    const model = await open(sourceFile('net.keras', kerasArchive(tinyTopology(keras), await tinyWeightStore())));
    expectTiny(model);
    expect(model.source.optimizerBytes).toBe(32);
    expect(codes(model)).toContain('KERAS_CLASS_ORDER');
  });
});

it('notes each repair of what Keras 3 writes once, and none for Keras 2', async () => {
  const three = tinyLayersModel(3);
  const model = await open(...three.shards, jsonFile('model.json', three.json));
  expect(codes(model).sort()).toEqual([
    'KERAS_BATCH_SHAPE',
    'KERAS_DTYPE_POLICY',
    'KERAS_FLAT_ENDS',
    'KERAS_INBOUND_NODES',
    'KERAS_MODULES',
    'KERAS_WEIGHT_PATHS',
  ]);
  const two = tinyLayersModel(2);
  expect(codes(await open(...two.shards, jsonFile('model.json', two.json)))).toEqual([]);
});

describe('containers', () => {
  it('opens a zip with a folder, and counts the bytes of the zip', async () => {
    const { json, shards } = tinyLayersModel(2);
    const entries: Record<string, Uint8Array> = { 'net/model.json': new TextEncoder().encode(JSON.stringify(json)) };
    for (const shard of shards) entries[`net/${shard.path}`] = await shard.bytes();
    const archive = zip({ ...entries, '__MACOSX/net/._model.json': new Uint8Array(4) });
    const model = await open(sourceFile('download.zip', archive));
    expectTiny(model);
    expect(model.name).toBe('net');
    expect(model.source.bytes).toBe(archive.length);
  });

  it('opens a .keras archive that was unpacked', async () => {
    const files = [jsonFile('config.json', tinyTopology(3)), jsonFile('metadata.json', { keras_version: '3.4.1' })];
    const model = await open(...files, sourceFile('model.weights.h5', await tinyWeightStore()));
    expectTiny(model);
    expect(codes(model)).toContain('KERAS_CLASS_ORDER');
  });

  it('opens a layers-model whose topology is null with the one beside it', async () => {
    const { json, shards } = tinyLayersModel(2);
    const files = [jsonFile('net/model.json', { ...json, modelTopology: null }), jsonFile('net/topology.json', tinyTopology(2))];
    expectTiny(await open(...files, ...shards));
  });

  it('opens a topology and weights that were saved apart', async () => {
    const weights = await writeHdf5((file) => {
      file.create_attribute('layer_names', ['other_dense']);
      const group = file.create_group('other_dense');
      group.create_attribute('weight_names', ['kernel:0']);
      addTensor(group, 'kernel:0', { shape: [2, 1], values: Float32Array.of(3, 4) });
    });
    const dense = { class_name: 'Dense', config: { name: 'dense', units: 1, use_bias: false, batch_input_shape: [null, 2] } };
    const model = await open(
      sourceFile('weights.h5', weights),
      jsonFile('topology.json', { class_name: 'Sequential', config: [dense], keras_version: '2.2.2' }),
    );
    expect(model.weights.get('dense/kernel')?.values).toEqual(Float32Array.of(3, 4));
    expect(codes(model)).toContain('KERAS_LAYER_ORDER');
  });
});

describe('weights', () => {
  const dense = (name: string, units: number): object => ({
    class_name: 'Dense',
    config: { name, units, use_bias: false, batch_input_shape: [null, 2] },
  });
  const single = (quantization: object | undefined, bytes: Uint8Array<ArrayBuffer>): SourceFile[] => [
    jsonFile('model.json', {
      modelTopology: { class_name: 'Sequential', config: [dense('d', 2)] },
      weightsManifest: [
        {
          paths: ['w.bin'],
          weights: [{ name: 'd/kernel', shape: [2, 2], dtype: 'float32', ...(quantization ? { quantization } : {}) }],
        },
      ],
    }),
    sourceFile('w.bin', bytes),
  ];

  it.each([
    ['uint8', Uint8Array],
    ['uint16', Uint16Array],
  ] as const)('keeps %s codes as the encoding', async (dtype, kind) => {
    const codes = kind.from([0, 1, 100, 255]);
    const files = single({ dtype, scale: 0.1, min: -1.3 }, new Uint8Array(codes.buffer.slice(0)));
    const weight = (await open(...files)).weights.get('d/kernel');
    const encoding = weight?.encoding as AffineEncoding;
    expect(encoding).toEqual({
      kind: 'affine',
      bits: kind.BYTES_PER_ELEMENT * 8,
      symmetric: false,
      axis: null,
      scale: Float64Array.of(0.1),
      min: Float64Array.of(-1.3),
      codes,
    });
    expect(weight?.values).toEqual(Float32Array.of(-1.3, 0.1 - 1.3, 100 * 0.1 - 1.3, 255 * 0.1 - 1.3));
  });

  it('reads float16 exactly', async () => {
    const files = single({ dtype: 'float16' }, new Uint8Array(Uint16Array.of(0x3c00, 0xc000, 0x0001, 0x7bff).buffer));
    const weight = (await open(...files)).weights.get('d/kernel');
    expect(weight?.encoding).toEqual({ kind: 'float16' });
    expect(weight?.values).toEqual(Float32Array.of(1, -2, 2 ** -24, 65504));
  });

  it('leaves out the optimizer group and whole numbers', async () => {
    const model = await open(
      jsonFile('model.json', {
        format: 'layers-model',
        modelTopology: { model_config: { class_name: 'Sequential', config: { name: 's', layers: [dense('d', 1)] } } },
        weightsManifest: [
          {
            paths: ['a'],
            weights: [
              { name: 'd/kernel', shape: [2, 1], dtype: 'float32' },
              { name: 'steps', shape: [1], dtype: 'int32' },
            ],
          },
          { paths: ['b'], weights: [{ name: 'Adam/m', shape: [2], dtype: 'float32', group: 'optimizer' }] },
        ],
      }),
      sourceFile('a', new Uint8Array(12)),
      sourceFile('b', new Uint8Array(8)),
    );
    expect([...model.weights.keys()]).toEqual(['d/kernel']);
    expect(model.source.optimizerBytes).toBe(8);
    expect(codes(model)).toEqual(['OPTIMIZER_STATE', 'WEIGHT_EXTRA']);
  });

  it('reads chunked, compressed and double-precision tensors', async () => {
    const topology = { class_name: 'Sequential', config: { name: 's', layers: [dense('d', 3)] } };
    const values = Float32Array.of(1, 2, 3, 4, 5, 6);
    const store = await writeHdf5((file) => {
      const vars = file.create_group('layers').create_group('dense').create_group('vars');
      addTensor(vars, '0', { shape: [2, 3], values }, 6);
    });
    const model = await open(sourceFile('c.keras', kerasArchive(topology, store)));
    expect(model.weights.get('d/kernel')?.values).toEqual(values);
    const doubles = await writeHdf5((file) => {
      const vars = file.create_group('layers').create_group('dense').create_group('vars');
      vars.create_dataset({ name: '0', data: Float64Array.from(values), shape: [2, 3], dtype: '<d' });
    });
    const converted = await open(sourceFile('c.keras', kerasArchive(topology, doubles)));
    expect(converted.weights.get('d/kernel')?.values).toEqual(values);
    expect(codes(converted)).toContain('WEIGHT_CONVERTED');
  });
});
