/**
 * A small TF.js graph-model as the converter writes it: convolution, depthwise convolution, residual, a flattening that the graph computes
 * from its own shapes, a product and a softmax; two groups of weights, the first cut into two shards.
 */
import type { SourceFile } from '../format.ts';
import { sourceFile } from '../formats/files.ts';
import { joinedBytes } from '../math/joined.ts';
import { createRng } from '../math/rng.ts';
import { elementCount, type Json } from '../model/model.ts';

type Config = Record<string, Json>;

const floats: readonly (readonly [name: string, shape: readonly number[]])[] = [
  ['conv/kernel', [3, 3, 2, 4]],
  ['conv/bias', [4]],
  ['dw/kernel', [3, 3, 4, 1]],
  ['head/kernel', [144, 3]],
  ['head/bias', [3]],
];
const whole: readonly (readonly [name: string, values: readonly number[], shape: readonly number[]])[] = [
  ['flat/zero', [0], [1]],
  ['flat/one', [1], [1]],
  ['flat/rest', [144], []],
];

/** The float constants, seeded. */
export function tinyGraphWeights(): Map<string, { readonly shape: readonly number[]; readonly values: Float32Array }> {
  const rng = createRng(5);
  return new Map(
    floats.map(([name, shape]) => [
      name,
      { shape, values: Float32Array.from({ length: elementCount(shape) }, () => rng.normal() / 4) },
    ]),
  );
}

const base64 = (text: string): Config => ({ s: btoa(text) });
const node = (name: string, op: string, input: readonly string[], attr: Config = {}): Config => ({
  name,
  op,
  ...(input.length > 0 && { input: [...input] }),
  attr: { T: { type: 'DT_FLOAT' }, ...attr },
});
const dims = (...sizes: readonly number[]): Config => ({ dim: sizes.map((size) => ({ size: String(size) })) });
const windows = (padding: string): Config => ({
  strides: { list: { i: ['1', '1', '1', '1'] } },
  dilations: { list: { i: ['1', '1', '1', '1'] } },
  padding: base64(padding),
  data_format: base64('NHWC'),
});

const port = (name: string, ...sizes: readonly number[]): Config => ({
  [`${name}:0`]: { name: `${name}:0`, dtype: 'DT_FLOAT', tensorShape: dims(...sizes) },
});

/** model.json and its shards; `batch` is the size of batch that the graph takes, −1 for any. */
export function tinyGraph(batch = -1): { json: Config; shards: SourceFile[] } {
  const constants = [...floats.map(([name]) => [name, 'DT_FLOAT']), ...whole.map(([name]) => [name, 'DT_INT32'])];
  const nodes = [
    ...constants.map(([name = '', dtype = '']) => ({ name, op: 'Const', attr: { dtype: { type: dtype } } })),
    { name: 'x', op: 'Placeholder', attr: { dtype: { type: 'DT_FLOAT' }, shape: { shape: dims(batch, 6, 6, 2) } } },
    node('conv', '_FusedConv2D', ['x', 'conv/kernel', 'conv/bias'], {
      ...windows('SAME'),
      fused_ops: { list: { s: [btoa('BiasAdd'), btoa('Relu')] } },
      num_args: { i: '1' },
    }),
    node('dw/handed', 'Identity', ['dw/kernel']),
    node('dw', 'DepthwiseConv2dNative', ['conv', 'dw/handed'], windows('SAME')),
    node('add', 'AddV2', ['conv', 'dw']),
    node('flat/shape', 'Shape', ['add'], { out_type: { type: 'DT_INT32' } }),
    node('flat/slice', 'StridedSlice', ['flat/shape', 'flat/zero', 'flat/one', 'flat/one'], { shrink_axis_mask: { i: '1' } }),
    node('flat/pack', 'Pack', ['flat/slice', 'flat/rest'], { N: { i: '2' }, axis: { i: '0' } }),
    node('flat', 'Reshape', ['add', 'flat/pack']),
    node('head', 'MatMul', ['flat', 'head/kernel'], { transpose_a: { b: false }, transpose_b: { b: false } }),
    node('head/biased', 'BiasAdd', ['head', 'head/bias']),
    node('answer', 'Softmax', ['head/biased']),
  ];
  const weights = tinyGraphWeights();
  const first = floats.slice(0, 3).map(([name]) => bytesOf(weights.get(name)?.values ?? new Float32Array()));
  const second = [
    ...floats.slice(3).map(([name]) => bytesOf(weights.get(name)?.values ?? new Float32Array())),
    ...whole.map(([, values]) => bytesOf(Int32Array.from(values))),
  ];
  const [a, b] = [joinedBytes(first), joinedBytes(second)];
  const entries = (list: typeof floats, dtype: string): Config[] =>
    list.map(([name, shape]) => ({ name, shape: [...shape], dtype }));
  const json: Config = {
    format: 'graph-model',
    generatedBy: '2.15.0',
    convertedBy: 'TensorFlow.js Converter v4.22.0',
    signature: { inputs: port('x', batch, 6, 6, 2), outputs: port('answer', batch, 3) },
    userDefinedMetadata: { author: 'somebody' },
    modelTopology: { node: nodes as Json, library: {}, versions: { producer: 1087 } },
    weightsManifest: [
      { paths: ['a-1.bin', 'a-2.bin'], weights: entries(floats.slice(0, 3), 'float32') },
      {
        paths: ['b.bin'],
        weights: [
          ...entries(floats.slice(3), 'float32'),
          ...whole.map(([name, , shape]) => ({ name, shape: [...shape], dtype: 'int32' })),
        ],
      },
    ],
  };
  const shards = [sourceFile('a-1.bin', a.slice(0, 101)), sourceFile('a-2.bin', a.slice(101)), sourceFile('b.bin', b)];
  return { json, shards };
}

/** All of its files. */
export function tinyGraphFiles(batch = -1): SourceFile[] {
  const { json, shards } = tinyGraph(batch);
  return [sourceFile('model.json', new TextEncoder().encode(JSON.stringify(json))), ...shards];
}

const bytesOf = (array: Float32Array | Int32Array): Uint8Array =>
  new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
