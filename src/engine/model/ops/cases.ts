/**
 * Tiny, deterministic cases that touch every op and every setting: one layer, seeded inputs and weights. The same list is compared with
 * stock TF.js and between backends, in Node and in the page.
 */
import * as tf from '@tensorflow/tfjs-core';
import { createRng, type Rng } from '../../math/rng.ts';
import { float32 } from '../encoding.ts';
import { elementCount, type Model, type Weight } from '../model.ts';
import type { KerasConfig, WeightSlot } from '../op.ts';
import { activationNames } from './activations.ts';
import { opForClass } from './index.ts';

export interface OpCase {
  readonly name: string;
  readonly className: string;
  readonly config: KerasConfig;
  readonly keras: 2 | 3;
  /** Shapes of the inputs without batch; the batch is 2. */
  readonly inputs: readonly (readonly number[])[];
}

/** How far a backend may be from the plain JavaScript one, relative to the output's largest magnitude. */
export const backendTolerance = { simd: 1e-5, wasm: 1e-5, webgl: 1e-4, webgpu: 1e-4 } as const;

const batch = 2;

const define = (className: string, config: KerasConfig, inputs: OpCase['inputs'], keras: 2 | 3 = 2): OpCase => ({
  name: `${className} ${JSON.stringify(config)} ${JSON.stringify(inputs)}${keras === 3 ? ' Keras 3' : ''}`,
  className,
  config,
  keras,
  inputs,
});

const convolutions: readonly OpCase[] = [
  define('Dense', { units: 3 }, [[5]]),
  define('Dense', { units: 3, use_bias: false, activation: 'relu' }, [[5]]),
  define('Dense', { units: 3, activation: 'softmax' }, [[4, 5]]),
  define('Dense', { units: 4, activation: 'sigmoid' }, [[5]]),
  define('Dense', { units: 4, activation: 'relu6' }, [[5]]),
  define('Conv1D', { filters: 3, kernel_size: 3, activation: 'relu' }, [[9, 2]]),
  define('Conv1D', { filters: 3, kernel_size: [4], strides: 2, padding: 'same' }, [[9, 2]]),
  define('Conv1D', { filters: 2, kernel_size: 3, dilation_rate: 2, use_bias: false, activation: 'tanh' }, [[11, 2]]),
  define('Conv1D', { filters: 2, kernel_size: 3, dilation_rate: 2, padding: 'causal' }, [[7, 2]]),
  define('Conv2D', { filters: 4, kernel_size: 3, activation: 'relu' }, [[7, 6, 3]]),
  define('Conv2D', { filters: 4, kernel_size: [3, 2], strides: [2, 1], padding: 'same', activation: 'elu' }, [[7, 6, 3]]),
  define('Conv2D', { filters: 4, kernel_size: 3, dilation_rate: 2, use_bias: false }, [[8, 7, 2]]),
  define('Conv2D', { filters: 5, kernel_size: 1, activation: 'relu6' }, [[4, 4, 3]]),
  define('Conv2D', { filters: 3, kernel_size: 3, padding: 'same', activation: 'sigmoid' }, [[5, 5, 2]]),
  define('Conv2D', { filters: 3, kernel_size: 3, padding: 'same', activation: 'swish' }, [[5, 5, 2]]),
  define('DepthwiseConv2D', { kernel_size: 3, padding: 'same', activation: 'relu' }, [[6, 6, 3]]),
  define('DepthwiseConv2D', { kernel_size: [3, 2], strides: 2, depth_multiplier: 2 }, [[7, 6, 3]]),
  define('DepthwiseConv2D', { kernel_size: 3, dilation_rate: 2, use_bias: false }, [[8, 8, 2]]),
  define('DepthwiseConv2D', { kernel_size: 3, activation: 'relu6', strides: 2, padding: 'same' }, [[6, 7, 2]]),
  define('SeparableConv2D', { filters: 4, kernel_size: 3, padding: 'same', activation: 'relu' }, [[6, 6, 3]]),
  define('SeparableConv2D', { filters: 4, kernel_size: 3, strides: 2, depth_multiplier: 2, use_bias: false }, [[7, 7, 2]]),
  define('Conv1D', { filters: 6, kernel_size: 3, groups: 3, padding: 'causal' }, [[7, 6]]),
  define('Conv2D', { filters: 6, kernel_size: 3, groups: 2, strides: 2, padding: 'same', activation: 'relu' }, [[6, 7, 4]]),
  define('Conv2D', { filters: 6, kernel_size: [2, 3], groups: 3, dilation_rate: 2, use_bias: false }, [[7, 7, 3]]),
  define('Conv2DTranspose', { filters: 3, kernel_size: 3, strides: 2, padding: 'same', activation: 'elu' }, [[3, 4, 2]]),
  define('Conv2DTranspose', { filters: 2, kernel_size: [3, 2], strides: [1, 3], use_bias: false }, [[3, 4, 2]]),
  define('Conv1DTranspose', { filters: 3, kernel_size: 4, strides: 2 }, [[5, 2]]),
  define('Conv1DTranspose', { filters: 3, kernel_size: 3, strides: 2, padding: 'same', activation: 'tanh' }, [[5, 2]]),
  define('Conv2DTranspose', { filters: 2, kernel_size: [3, 4], strides: [2, 3], padding: 'same', output_padding: [1, 2] }, [
    [3, 4, 2],
  ]),
  define('Conv2DTranspose', { filters: 2, kernel_size: [2, 3], strides: 3, output_padding: [2, 0] }, [[3, 2, 2]]),
  define('Conv1DTranspose', { filters: 2, kernel_size: 5, strides: 2, padding: 'same', output_padding: 0 }, [[4, 2]]),
  define('Conv1DTranspose', { filters: 2, kernel_size: 2, strides: 4, padding: 'same', output_padding: 3 }, [[4, 2]]),
  define('DepthwiseConv1D', { kernel_size: 3, depth_multiplier: 2, activation: 'relu' }, [[8, 3]]),
  define('DepthwiseConv1D', { kernel_size: 3, strides: 2, padding: 'same', use_bias: false }, [[8, 3]]),
  define('SeparableConv1D', { filters: 4, kernel_size: 3, padding: 'same', depth_multiplier: 2, activation: 'sigmoid' }, [
    [8, 3],
  ]),
  define('SeparableConv1D', { filters: 4, kernel_size: 2, padding: 'causal', dilation_rate: 2 }, [[8, 3]]),
];

const normalizations: readonly OpCase[] = [
  define('LayerNormalization', {}, [[3, 4]]),
  define('LayerNormalization', { axis: [1, 2], center: false, epsilon: 1e-5 }, [[3, 4]]),
  define('LayerNormalization', { axis: 1, scale: false }, [[3, 4]]),
  define('RMSNormalization', {}, [[3, 4]], 3),
  define('GroupNormalization', { groups: 2 }, [[3, 2, 6]], 3),
  define('GroupNormalization', { groups: -1, scale: false }, [[5, 3]], 3),
  define('GroupNormalization', { groups: 3, axis: 1 }, [[6, 4]], 3),
  define('UnitNormalization', {}, [[3, 4]], 3),
  define('UnitNormalization', { axis: [1, 2] }, [[3, 4]], 3),
  define('Normalization', { axis: -1 }, [[3, 4]], 3),
  define('Normalization', { axis: [1, 2], invert: true }, [[3, 4]], 3),
  define('Normalization', { axis: -1, mean: [[1, -2, 0.5, 3]], variance: [[4, 0.25, 9, 1]] }, [[3, 4]], 3),
  define('Normalization', { axis: null, mean: 0.5, variance: 2 }, [[3, 4]], 3),
];

const sequence = [[4, 3]] as const;
const inside = (class_name: string, config: KerasConfig) => ({
  class_name,
  module: 'keras.layers',
  config: { name: 'rnn', ...config },
});

const recurrent: readonly OpCase[] = [
  define('LSTM', { units: 3, recurrent_activation: 'sigmoid' }, sequence),
  define('LSTM', { units: 2, return_sequences: true, go_backwards: true, use_bias: false }, sequence),
  define('LSTM', { units: 2, activation: 'softsign', recurrent_activation: 'hard_sigmoid', return_sequences: true }, sequence, 3),
  define('LSTM', { units: 2, return_sequences: true, zero_output_for_mask: true }, [...sequence, [4]], 3),
  define('GRU', { units: 3, recurrent_activation: 'sigmoid' }, sequence),
  define('GRU', { units: 2, return_sequences: true, use_bias: false, activation: 'relu' }, sequence),
  define('GRU', { units: 3, go_backwards: true }, sequence, 3),
  define('GRU', { units: 2, return_sequences: true, use_bias: false }, [...sequence, [4, 2]], 3),
  define('SimpleRNN', { units: 3 }, sequence),
  define('SimpleRNN', { units: 3, return_sequences: true }, [[1, 2]]),
  define('SimpleRNN', { units: 2, activation: 'relu', return_sequences: true, go_backwards: true }, sequence),
  define(
    'Bidirectional',
    { layer: inside('LSTM', { units: 2, recurrent_activation: 'sigmoid', return_sequences: true }) },
    sequence,
  ),
  define('Bidirectional', { layer: inside('GRU', { units: 2 }), merge_mode: 'sum' }, sequence),
  define('Bidirectional', { layer: inside('SimpleRNN', { units: 3 }), merge_mode: 'mul' }, sequence),
  define('Bidirectional', { layer: inside('LSTM', { units: 2, return_sequences: true }), merge_mode: 'ave' }, sequence, 3),
  define('TimeDistributed', { layer: inside('Conv2D', { filters: 3, kernel_size: 2, activation: 'tanh' }) }, [[3, 4, 5, 2]]),
  define('TimeDistributed', { layer: inside('MaxPooling2D', {}) }, [[3, 4, 4, 2]]),
  define('TimeDistributed', { layer: inside('Flatten', {}) }, [[3, 2, 2]]),
  define('TimeDistributed', { layer: inside('GlobalAveragePooling1D', {}) }, [[3, 4, 2]]),
  define('Embedding', { input_dim: 5, output_dim: 3 }, [[4]]),
  define('Masking', { mask_value: 0.5 }, sequence),
];

const rows = [
  [4, 5],
  [6, 5],
] as const;
const maps = [
  [2, 3, 4],
  [2, 3, 4],
] as const;

const attentive: readonly OpCase[] = [
  define('EinsumDense', { equation: 'ab,bc->ac', output_shape: 3, bias_axes: 'c', activation: 'sigmoid' }, [[5]]),
  define('EinsumDense', { equation: 'abc,cde->abde', output_shape: [null, 2, 3], bias_axes: 'de', activation: 'relu' }, [[4, 5]]),
  define('EinsumDense', { equation: '...x,xy->...y', output_shape: 4, bias_axes: 'y' }, [[2, 3, 5]]),
  define('EinsumDense', { equation: 'abcd,cde->abe', output_shape: [null, 3] }, [[4, 2, 5]]),
  define('EinsumDense', { equation: 'abc,bcd->abd', output_shape: [null, 3], bias_axes: 'bd' }, [[4, 5]]),
  define('EinsumDense', { equation: 'ab...,bc->ac...', output_shape: [3], bias_axes: 'c' }, [[5, 2]]),
  define('EinsumDense', { equation: 'abc,cd->adb', output_shape: [3, null], bias_axes: 'd', activation: 'relu' }, [[4, 5]]),
  define('MultiHeadAttention', { num_heads: 2, key_dim: 3 }, rows),
  define('MultiHeadAttention', { num_heads: 2, key_dim: 3, value_dim: 4, use_bias: false, output_shape: 7 }, [
    [4, 5],
    [6, 3],
    [6, 2],
  ]),
  define('MultiHeadAttention', { num_heads: 3, key_dim: 2, use_causal_mask: true }, [
    [5, 6],
    [5, 6],
  ]),
  define('MultiHeadAttention', { num_heads: 2, key_dim: 3 }, maps),
  define('MultiHeadAttention', { num_heads: 2, key_dim: 3, attention_axes: [2], output_shape: [2, 3] }, maps),
  define('GroupQueryAttention', { head_dim: 3, num_query_heads: 4, num_key_value_heads: 2 }, rows, 3),
  define('GroupQueryAttention', { head_dim: 2, num_query_heads: 2, num_key_value_heads: 1, use_causal_mask: true }, rows, 3),
  define('Attention', {}, rows),
  define('Attention', { use_scale: true, use_causal_mask: true }, [
    [4, 5],
    [6, 3],
    [6, 5],
  ]),
  define('Attention', { score_mode: 'concat', use_scale: true }, rows),
  define('AdditiveAttention', {}, rows),
  define('AdditiveAttention', { use_scale: false, use_causal_mask: true }, [
    [4, 5],
    [6, 3],
    [6, 5],
  ]),
];

const elementwise: readonly OpCase[] = [
  ...activationNames.map((activation) => define('Activation', { activation }, [[3, 7]])),
  define('Activation', { activation: 'hard_sigmoid' }, [[3, 7]], 3),
  define('Activation', { activation: 'silu' }, [[3, 7]], 3),
  define('BatchNormalization', {}, [[4]]),
  define('BatchNormalization', { epsilon: 1e-5, axis: [3] }, [[4, 5, 3]]),
  define('BatchNormalization', { scale: false, axis: 3 }, [[4, 5, 3]]),
  define('BatchNormalization', { center: false }, [[6, 3]]),
  define('BatchNormalization', { axis: 1 }, [[4, 5, 3]]),
  define('ReLU', {}, [[3, 4]]),
  define('ReLU', { max_value: 0.5 }, [[3, 4]]),
  define('ReLU', { max_value: 0.5, negative_slope: 0.1, threshold: 0.2 }, [[3, 4]]),
  define('ThresholdedReLU', { theta: 0.7 }, [[3, 4]]),
  define('LeakyReLU', {}, [[3, 4]]),
  define('LeakyReLU', { alpha: 0.1 }, [[3, 4]]),
  define('LeakyReLU', { negative_slope: 0.05 }, [[3, 4]], 3),
  define('ELU', {}, [[3, 4]]),
  define('ELU', { alpha: 0.5 }, [[3, 4]]),
  define('PReLU', {}, [[3, 4]]),
  define('PReLU', { shared_axes: [1, 2] }, [[4, 3, 2]]),
  define('PReLU', { shared_axes: [2] }, [[4, 3, 2]]),
  define('Softmax', {}, [[3, 4]]),
  define('Softmax', { axis: 1 }, [[3, 4]]),
  define('Rescaling', { scale: 1 / 127.5, offset: -1 }, [[3, 4]]),
  define('Rescaling', { scale: [2, 0.5, 3], offset: [0, 1, -1] }, [[4, 3]], 3),
];

const spatial: readonly OpCase[] = [
  define('MaxPooling1D', {}, [[8, 3]]),
  define('MaxPooling1D', { pool_size: [3], strides: [2], padding: 'same' }, [[8, 3]]),
  define('AveragePooling1D', { pool_size: 3, strides: 2, padding: 'same' }, [[8, 3]]),
  define('MaxPooling2D', {}, [[6, 7, 3]]),
  define('MaxPooling2D', { pool_size: 3, strides: [2, 1], padding: 'same' }, [[6, 7, 3]]),
  define('AveragePooling2D', { pool_size: [2, 3] }, [[6, 7, 3]]),
  define('AveragePooling2D', { pool_size: 3, strides: 2, padding: 'same' }, [[6, 7, 3]]),
  define('GlobalMaxPooling1D', {}, [[6, 3]]),
  define('GlobalAveragePooling1D', {}, [[6, 3]]),
  define('GlobalMaxPooling2D', {}, [[4, 5, 3]]),
  define('GlobalAveragePooling2D', {}, [[4, 5, 3]]),
  define('GlobalAveragePooling2D', { keepdims: true }, [[4, 5, 3]], 3),
  define('GlobalMaxPooling1D', { keepdims: true }, [[6, 3]], 3),
  define('Flatten', {}, [[3, 4, 2]]),
  define('Flatten', {}, [[5]]),
  define('Reshape', { target_shape: [4, 6] }, [[3, 4, 2]]),
  define('Reshape', { target_shape: [2, -1, 3] }, [[3, 4, 2]]),
  define('ZeroPadding2D', { padding: 1 }, [[3, 4, 2]]),
  define('ZeroPadding2D', { padding: [1, 2] }, [[3, 4, 2]]),
  define(
    'ZeroPadding2D',
    {
      padding: [
        [0, 1],
        [2, 0],
      ],
    },
    [[3, 4, 2]],
  ),
  define('Cropping2D', { cropping: 1 }, [[4, 5, 2]]),
  define(
    'Cropping2D',
    {
      cropping: [
        [0, 2],
        [1, 0],
      ],
    },
    [[4, 5, 2]],
  ),
  define('Permute', { dims: [2, 1] }, [[3, 4]]),
  define('Permute', { dims: [3, 1, 2] }, [[3, 4, 2]]),
  define('UpSampling2D', {}, [[3, 4, 2]]),
  define('UpSampling2D', { size: [3, 2] }, [[3, 4, 2]]),
  define('UpSampling2D', { size: [2, 3], interpolation: 'bilinear' }, [[3, 4, 2]]),
  define('ZeroPadding1D', { padding: [2, 1] }, [[4, 2]]),
  define('Cropping1D', { cropping: [1, 2] }, [[6, 2]]),
  define('UpSampling1D', { size: 3 }, [[4, 2]]),
  define('RepeatVector', { n: 3 }, [[4]]),
  define('Resizing', { height: 5, width: 7 }, [[4, 3, 2]]),
  define('Resizing', { height: 6, width: 3, interpolation: 'nearest' }, [[4, 5, 2]]),
  define('CenterCrop', { height: 2, width: 4 }, [[5, 5, 2]]),
];

const volumes: readonly OpCase[] = [
  define('Conv3D', { filters: 3, kernel_size: 2, activation: 'relu' }, [[3, 4, 3, 2]]),
  define('Conv3D', { filters: 2, kernel_size: [1, 2, 3], strides: [1, 2, 1], padding: 'same', use_bias: false }, [[2, 3, 4, 2]]),
  define('Conv3D', { filters: 2, kernel_size: 2, dilation_rate: 2 }, [[4, 3, 3, 1]]),
  define('MaxPooling3D', {}, [[4, 3, 2, 2]]),
  define('MaxPooling3D', { pool_size: [1, 2, 3], strides: 1, padding: 'same' }, [[2, 3, 3, 2]]),
  define('AveragePooling3D', { pool_size: [2, 2, 1] }, [[4, 3, 2, 2]]),
  define('AveragePooling3D', { pool_size: 3, strides: 2, padding: 'same' }, [[3, 4, 3, 1]]),
  define('GlobalMaxPooling3D', {}, [[2, 3, 2, 2]]),
  define('GlobalAveragePooling3D', { keepdims: true }, [[2, 3, 2, 2]], 3),
  define('ZeroPadding3D', { padding: [1, 0, 2] }, [[2, 1, 2, 2]]),
  define(
    'Cropping3D',
    {
      cropping: [
        [1, 0],
        [0, 1],
        [1, 1],
      ],
    },
    [[3, 2, 4, 2]],
  ),
  define('UpSampling3D', { size: [2, 1, 3] }, [[2, 2, 2, 2]]),
];

const structural: readonly OpCase[] = [
  define('Add', {}, [
    [3, 4],
    [3, 4],
  ]),
  define('Add', {}, [[3, 2, 4], [1, 1, 4], [4]]),
  define('Multiply', {}, [
    [3, 2, 4],
    [1, 1, 4],
  ]),
  define('Subtract', {}, [
    [3, 2, 4],
    [1, 1, 4],
  ]),
  define('Average', {}, [[3, 4], [3, 4], [4]]),
  define('Dot', { axes: 1 }, [[4], [4]]),
  define('Dot', { axes: 1, normalize: true }, [[4], [4]]),
  define('Dot', { axes: [2, 1] }, [
    [3, 4],
    [4, 2],
  ]),
  define('Dot', { axes: -1, normalize: true }, [[3, 4], [4]]),
  define('Maximum', {}, [
    [3, 4],
    [3, 4],
  ]),
  define('Minimum', {}, [[3, 2, 4], [1, 1, 4], [4]]),
  define('Concatenate', {}, [
    [3, 2],
    [3, 4],
    [3, 1],
  ]),
  define('Concatenate', { axis: 1 }, [
    [3, 2],
    [1, 2],
  ]),
  define('Dropout', { rate: 0.4 }, [[3, 4]]),
  define('SpatialDropout2D', { rate: 0.4 }, [[3, 4, 2]]),
  define('GaussianNoise', { stddev: 0.3 }, [[3, 4]]),
  define('GaussianDropout', { rate: 0.3 }, [[3, 4]]),
];

/** Every case; the union covers every op of the registry. */
export const opCases: readonly OpCase[] = [
  ...convolutions,
  ...recurrent,
  ...attentive,
  ...normalizations,
  ...elementwise,
  ...spatial,
  ...volumes,
  ...structural,
];

const kindOf = ({ className, config }: OpCase): string | undefined => opForClass(className, config)?.kind;
/** The first case of each kind, so that a selection judges every op once. */
const firsts: ReadonlySet<OpCase> = new Set(new Map(opCases.toReversed().map((opCase) => [kindOf(opCase), opCase])).values());
const composed: readonly OpCase[] = [...recurrent, ...attentive];

/**
 * What GPU backends are judged by, whose kernels are compiled anew for every shape. On WebGPU recurrent and attentive layers, which are
 * made of many kernels of the others, come once each; on WebGL, which compiles several times as long, every op and activation does.
 */
export const gpuCases: Readonly<Record<'webgl' | 'webgpu', readonly OpCase[]>> = {
  webgl: opCases.filter((opCase) => opCase.className === 'Activation' || firsts.has(opCase)),
  webgpu: opCases.filter((opCase) => !composed.includes(opCase) || firsts.has(opCase)),
};

function seededWeight(slot: WeightSlot, rng: Rng): Weight {
  const values = Float32Array.from({ length: elementCount(slot.shape) }, () => rng.normal());
  const positive = slot.role.endsWith('variance') ? values.map((value) => 0.5 + Math.abs(value)) : values;
  return { shape: slot.shape, values: positive, encoding: float32 };
}

/** The case as a model of one layer named `layer`, with seeded weights. */
export function caseModel(opCase: OpCase): Model {
  const op = opForClass(opCase.className, opCase.config);
  if (op === undefined) throw new Error(`No op reads the class ${opCase.className}.`);
  const attrs = op.read(opCase.config, { layer: 'layer', className: opCase.className, keras: opCase.keras });
  const rng = createRng(7);
  const slots = op.slots(attrs, opCase.inputs);
  return {
    name: 'case',
    inputs: opCase.inputs.map((shape, i) => ({ value: `in${i}`, name: `in${i}`, shape, dtype: 'float32' })),
    outputs: ['out'],
    nodes: [
      {
        name: 'layer',
        op: op.kind,
        attrs,
        inputs: opCase.inputs.map((_, i) => `in${i}`),
        outputs: ['out'],
        weights: Object.fromEntries(slots.map(({ role }) => [role, `layer/${role}`])),
      },
    ],
    weights: new Map(slots.map((slot) => [`layer/${slot.role}`, seededWeight(slot, rng)])),
    source: { format: 'case', bytes: 0, optimizerBytes: 0, notes: [] },
  };
}

/** The case's inputs, row-major: standard normal times 2; rows of a table by number; what masks steps is zero for some. */
export function caseInputs({ className, config, inputs }: OpCase): Float32Array[] {
  const rng = createRng(11);
  const rows = className === 'Embedding' ? Number(config.input_dim) : null;
  const masked = /^(LSTM|GRU)$/.test(className);
  return inputs.map((shape, input) => {
    const per = elementCount(shape.slice(1));
    return Float32Array.from({ length: batch * elementCount(shape) }, (_, i) => {
      if (rows !== null) return rng.integer(rows);
      const value = 2 * rng.normal();
      return masked && input === 1 && Math.floor(i / per) % 3 === 0 ? 0 : value;
    });
  });
}

/** The case's output on the current TF.js backend. */
export async function runCase(opCase: OpCase): Promise<{ readonly shape: readonly number[]; readonly values: Float32Array }> {
  const model = caseModel(opCase);
  const [node] = model.nodes;
  const op = opForClass(opCase.className, opCase.config);
  if (node === undefined || op === undefined) throw new Error('A case has one layer.');
  const y = tf.tidy(() => {
    const weightTensor = (id: string): tf.Tensor | undefined => {
      const weight = model.weights.get(id);
      return weight === undefined ? undefined : tf.tensor(weight.values, [...weight.shape]);
    };
    return op.forward({
      inputs: caseInputs(opCase).map((values, i) => tf.tensor(values, [batch, ...(opCase.inputs[i] ?? [])])),
      attrs: node.attrs,
      weights: Object.fromEntries(Object.entries(node.weights).map(([role, id]) => [role, weightTensor(id)])),
      training: false,
    });
  });
  const values = (await y.data()) as Float32Array;
  y.dispose();
  return { shape: y.shape, values };
}

/** The largest difference between two outputs, relative to the largest magnitude of the first. */
export function relativeDifference(expected: Float32Array, found: Float32Array): number {
  let scale = 1e-12;
  let difference = expected.length === found.length ? 0 : Number.POSITIVE_INFINITY;
  for (const [index, value] of expected.entries()) {
    scale = Math.max(scale, Math.abs(value));
    const gap = Math.abs(value - (found[index] ?? Number.NaN));
    difference = Math.max(difference, Number.isNaN(gap) ? Number.POSITIVE_INFINITY : gap);
  }
  return difference / scale;
}
