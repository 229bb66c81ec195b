import { readFileSync } from 'node:fs';
import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { stockModel } from '../../../../bench/stock-model.ts';
import { createRng } from '../../math/rng.ts';
import { loopOutputs } from '../../testing/recurrent-loops.ts';
import { float32 } from '../encoding.ts';
import { elementCount } from '../model.ts';
import type { PreparedTensor } from '../op.ts';
import { inferShapes, modelMacs, validateModel } from '../topology.ts';
import type { BidirectionalAttrs } from './bidirectional.ts';
import { caseInputs, caseModel, gpuCases, type OpCase, opCases, relativeDifference, runCase } from './cases.ts';
import { allOps, opForClass, opOf } from './index.ts';
import type { CellKind } from './recurrent-cells.ts';

beforeAll(async () => {
  await tf.setBackend('cpu');
});

const run = (className: string, config: OpCase['config'], inputs: OpCase['inputs'], keras: 2 | 3 = 2) =>
  runCase({ name: className, className, config, inputs, keras });

function problemOf(opCase: OpCase): string | undefined {
  const [node] = caseModel(opCase).nodes;
  return node === undefined ? undefined : opOf(node.op).cannotWrite?.(node.attrs, opCase.inputs);
}

async function stockOutput(opCase: OpCase): Promise<{ shape: number[]; values: Float32Array }> {
  const stock = await stockModel(caseModel(opCase));
  const inputs = caseInputs(opCase).map((values, i) => tf.tensor(values, [2, ...(opCase.inputs[i] ?? [])]));
  const [y] = [stock.predict(inputs)].flat();
  if (y === undefined) throw new Error('The stock model has no output.');
  const result = { shape: y.shape, values: (await y.data()) as Float32Array };
  tf.dispose([y, ...inputs]);
  stock.dispose();
  return result;
}

describe('the registry', () => {
  it.each(['webgl', 'webgpu'] as const)('has a case for every op on %s', (backend) => {
    const covered = new Set(gpuCases[backend].map((opCase) => opForClass(opCase.className, opCase.config)?.kind));
    expect(allOps.filter(({ kind }) => !covered.has(kind))).toEqual([]);
  });

  it('finds every op by kind and by class', () => {
    for (const op of allOps) {
      expect(opOf(op.kind)).toBe(op);
      for (const name of op.classes) expect(opForClass(name)).toBe(op);
    }
  });

  it('names what it knows when asked for an unknown kind', () => {
    expect(() => opOf('Lambda')).toThrow('does not know the layer kind "Lambda"');
    expect(opForClass('Lambda')).toBeUndefined();
  });
});

describe.each(opCases)('$name', (opCase) => {
  const model = caseModel(opCase);

  it('infers the shape it computes, keeps its attributes as plain JSON and leaks nothing', async () => {
    validateModel(model);
    const tensors = tf.memory().numTensors;
    const { shape, values } = await runCase(opCase);
    expect(tf.memory().numTensors).toBe(tensors);
    expect(shape).toEqual([2, ...(inferShapes(model).get('out') ?? [])]);
    expect(values.every(Number.isFinite)).toBe(true);
    const attrs = model.nodes[0]?.attrs;
    expect(JSON.parse(JSON.stringify(attrs))).toEqual(attrs);
  });

  if (problemOf(opCase) !== undefined) return;
  it('reads back what it writes, and stock TF.js computes the same from it', async () => {
    const [node] = model.nodes;
    if (node === undefined) throw new Error('A case has one layer.');
    const { className, config } = opOf(node.op).write(node.attrs);
    expect(opForClass(className, config)?.read(config, { layer: 'layer', className, keras: 2 })).toEqual(node.attrs);
    const [ours, stock] = [await runCase(opCase), await stockOutput(opCase)];
    expect(ours.shape).toEqual(stock.shape);
    expect(relativeDifference(stock.values, ours.values)).toBeLessThan(1e-6);
  });
});

const named = (activation: string): string => `Activation {"activation":"${activation}"}`;

describe('what stock TF.js cannot say', () => {
  const listed = [
    'Conv1D {"filters":2,"kernel_size":3,"dilation_rate":2,"padding":"causal"}',
    'DepthwiseConv2D {"kernel_size":3,"dilation_rate":2,"use_bias":false}',
    'LSTM {"units":2,"activation":"softsign","recurrent_activation":"hard_sigmoid","return_sequences":true} Keras 3',
    'LSTM {"units":2,"return_sequences":true,"zero_output_for_mask":true} Keras 3',
    'GRU {"units":3,"go_backwards":true} Keras 3',
    'GRU {"units":2,"return_sequences":true,"use_bias":false} Keras 3',
    'Activation {"activation":"hard_sigmoid_3"}',
    'Activation {"activation":"hard_silu"}',
    'Activation {"activation":"exponential"}',
    'Activation {"activation":"leaky_relu"}',
    'Activation {"activation":"hard_sigmoid"} Keras 3',
    'BatchNormalization {"axis":1}',
    'ReLU {"max_value":0.5,"negative_slope":0.1,"threshold":0.2}',
    'ELU {"alpha":0.5}',
    'Softmax {"axis":1}',
    'GlobalAveragePooling2D {"keepdims":true} Keras 3',
    'GlobalMaxPooling1D {"keepdims":true} Keras 3',
    'Flatten {}',
    'UpSampling2D {"size":[2,3],"interpolation":"bilinear"}',
  ];
  const absent = [
    ...['Conv1D', 'Conv2D', 'Conv1DTranspose', 'Conv2DTranspose', 'DepthwiseConv1D', 'SeparableConv1D'],
    ...['EinsumDense', 'MultiHeadAttention', 'GroupQueryAttention', 'Attention', 'AdditiveAttention'],
    ...['RMSNormalization', 'GroupNormalization', 'UnitNormalization', 'Normalization'],
    ...['gelu_tanh', 'hard_tanh', 'hard_shrink', 'soft_shrink', 'tanh_shrink', 'log_sigmoid', 'squareplus'].map(named),
    ...['sparsemax', 'sparse_sigmoid', 'sparse_plus'].map(named),
    ...['ZeroPadding1D', 'Cropping1D', 'UpSampling1D', 'Resizing', 'CenterCrop'],
    ...[
      'Conv3D',
      'GlobalMaxPooling3D',
      'GlobalAveragePooling3D',
      'ZeroPadding3D',
      'Cropping3D',
      'UpSampling3D',
      'Subtract',
      'Dot',
    ],
  ];
  it('is told apart, with a reason', () => {
    const problems = opCases
      .filter((opCase) => problemOf(opCase) !== undefined)
      .map((opCase) => opCase.name.replace(/ \[\[.*\]\]/, ''));
    const [known, recent] = [problems.filter((name) => listed.includes(name)), problems.filter((name) => !listed.includes(name))];
    expect(known).toEqual(listed);
    // Layers and functions that stock TF.js does not have at all.
    expect([...new Set(recent.map((name) => (name.startsWith('Activation') ? name : (name.split(' ')[0] ?? ''))))]).toEqual(
      absent,
    );
  });
});

type Answers = Readonly<Record<string, { readonly shape: number[]; readonly values: number[] }>>;
const answersIn = (file: string): Answers => JSON.parse(readFileSync(new URL(`../../testing/${file}`, import.meta.url), 'utf8'));
const torchAnswers = answersIn('torch-answers.json');

describe('Keras', () => {
  const answers = answersIn('keras-answers.json');
  const answered = opCases.filter(({ name }) => Object.hasOwn(answers, name));

  it('has answered nearly all', () => {
    // Recurrent layers are told by loops as well; their defaults changed with Keras 3, and a mask is no input there. Stock TF.js tells the rest.
    const judged = opCases.filter(
      ({ className, name }) =>
        !/^(LSTM|GRU|SimpleRNN|Bidirectional|TimeDistributed)$/.test(className) && !Object.hasOwn(torchAnswers, name),
    );
    expect(answered.length).toBeGreaterThan(judged.length - 8);
    expect(answered.length).toBe(Object.keys(answers).length);
  });

  it.each(answered)('computes the same for $name', async (opCase) => {
    const { shape, values } = await runCase(opCase);
    expect(shape).toEqual(answers[opCase.name]?.shape);
    expect(relativeDifference(Float32Array.from(answers[opCase.name]?.values ?? []), values)).toBeLessThan(1e-5);
  });
});

describe('PyTorch (scripts/torch-reference.py)', () => {
  const answered = opCases.filter(({ name }) => Object.hasOwn(torchAnswers, name));

  it('answers for cases that there are', () => {
    expect(answered.length).toBe(Object.keys(torchAnswers).length);
  });

  it.each(answered)('computes the same for $name', async (opCase) => {
    const { shape, values } = await runCase(opCase);
    expect(shape).toEqual(torchAnswers[opCase.name]?.shape);
    expect(relativeDifference(Float32Array.from(torchAnswers[opCase.name]?.values ?? []), values)).toBeLessThan(1e-5);
  });
});

describe('closed forms', () => {
  const relu6 = (x: number) => Math.min(6, Math.max(0, x));
  const clip = (x: number) => Math.min(1, Math.max(0, x));
  const forms: readonly [string, OpCase['config'], 2 | 3, (x: number) => number][] = [
    ['Activation', { activation: 'silu' }, 3, (x) => x / (1 + Math.exp(-x))],
    ['Activation', { activation: 'hard_sigmoid' }, 2, (x) => clip(0.2 * x + 0.5)],
    ['Activation', { activation: 'hard_sigmoid' }, 3, (x) => relu6(x + 3) / 6],
    ['Activation', { activation: 'hard_silu' }, 3, (x) => (x * relu6(x + 3)) / 6],
    ['Activation', { activation: 'exponential' }, 2, Math.exp],
    ['Activation', { activation: 'leaky_relu' }, 3, (x) => (x >= 0 ? x : 0.2 * x)],
    [
      'Activation',
      { activation: { class_name: 'function', config: 'relu', registered_name: 'function' } },
      3,
      (x) => Math.max(0, x),
    ],
    ['LeakyReLU', { negative_slope: 0.05 }, 3, (x) => (x >= 0 ? x : 0.05 * x)],
    ['LeakyReLU', { alpha: 0.1 }, 2, (x) => (x >= 0 ? x : 0.1 * x)],
    ['LeakyReLU', {}, 2, (x) => (x >= 0 ? x : 0.3 * x)],
    ['ReLU', { max_value: 0.5, negative_slope: 0.1, threshold: 0.2 }, 3, (x) => (x >= 0.2 ? Math.min(x, 0.5) : 0.1 * (x - 0.2))],
    [
      'Activation',
      { activation: 'gelu_new' },
      2,
      (x) => (x / 2) * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x ** 3))),
    ],
    ['ThresholdedReLU', { theta: 0.7 }, 2, (x) => (x > 0.7 ? x : 0)],
    ['ELU', { alpha: 0.5 }, 2, (x) => (x > 0 ? x : 0.5 * Math.expm1(x))],
    ['Rescaling', { scale: 1 / 255, offset: 0.25 }, 2, (x) => x / 255 + 0.25],
  ];

  it.each(forms)('%s %o of Keras %i', async (className, config, keras, f) => {
    const opCase = { name: className, className, config, keras, inputs: [[40]] };
    const expected = Float32Array.from(caseInputs(opCase)[0] ?? [], f);
    expect(relativeDifference(expected, (await runCase(opCase)).values)).toBeLessThan(1e-6);
  });

  it('bilinear up-sampling samples between pixel centres', async () => {
    const opCase: OpCase = {
      name: '',
      className: 'UpSampling2D',
      config: { interpolation: 'bilinear', size: [1, 2] },
      keras: 2,
      inputs: [[1, 2, 1]],
    };
    const [a = 0, b = 0, c = 0, d = 0] = caseInputs(opCase)[0] ?? [];
    const row = (left: number, right: number) => [left, 0.75 * left + 0.25 * right, 0.25 * left + 0.75 * right, right];
    expect(relativeDifference(Float32Array.from([...row(a, b), ...row(c, d)]), (await runCase(opCase)).values)).toBeLessThan(
      1e-6,
    );
  });

  it('batch normalization along the first axis takes the statistics of that axis', async () => {
    const opCase: OpCase = { name: '', className: 'BatchNormalization', config: { axis: 1 }, keras: 2, inputs: [[2, 3]] };
    const { weights } = caseModel(opCase);
    const at = (role: string, channel: number): number => weights.get(`layer/${role}`)?.values[channel] ?? Number.NaN;
    const expected = (caseInputs(opCase)[0] ?? new Float32Array()).map((x, i) => {
      const channel = Math.floor(i / 3) % 2;
      const normalized = (x - at('moving_mean', channel)) / Math.sqrt(at('moving_variance', channel) + 1e-3);
      return at('gamma', channel) * normalized + at('beta', channel);
    });
    expect(relativeDifference(expected, (await runCase(opCase)).values)).toBeLessThan(1e-6);
  });

  it('a softmax along another axis sums to one along it', async () => {
    const { values } = await run('Softmax', { axis: 1 }, [[3, 1]]);
    expect(values.slice(0, 3).reduce((a, b) => a + b)).toBeCloseTo(1, 6);
  });

  it('one statistic of all numbers is written as the number that Keras takes', () => {
    const config = { axis: null, mean: 0.5, variance: 2 };
    const op = opOf('Normalization');
    const attrs = op.read(config, { layer: 'layer', className: 'Normalization', keras: 3 });
    expect(op.write?.(attrs)).toMatchObject({ config: { mean: 0.5, variance: 2 } });
  });

  it('keepdims changes the shape only', async () => {
    const kept = await run('GlobalAveragePooling2D', { keepdims: true }, [[4, 5, 3]], 3);
    const dropped = await run('GlobalAveragePooling2D', {}, [[4, 5, 3]]);
    expect(kept.shape).toEqual([2, 1, 1, 3]);
    expect(kept.values).toEqual(dropped.values);
  });

  it('causal convolution equals a valid one on zeros put before', async () => {
    const { values, shape } = await run('Conv1D', { filters: 1, kernel_size: 2, padding: 'causal', use_bias: false }, [[3, 1]]);
    const opCase: OpCase = {
      name: '',
      className: 'Conv1D',
      config: { filters: 1, kernel_size: 2, padding: 'causal', use_bias: false },
      keras: 2,
      inputs: [[3, 1]],
    };
    const [k0 = 0, k1 = 0] = caseModel(opCase).weights.get('layer/kernel')?.values ?? [];
    const [x0 = 0, x1 = 0, x2 = 0] = caseInputs(opCase)[0] ?? [];
    expect(shape).toEqual([2, 3, 1]);
    expect(
      relativeDifference(Float32Array.from([k1 * x0, k0 * x0 + k1 * x1, k0 * x1 + k1 * x2]), values.slice(0, 3)),
    ).toBeLessThan(1e-6);
  });
});

describe('recurrent layers as loops over numbers', () => {
  const sigmoid = (x: number) => 1 / (1 + Math.exp(-x));
  const loops = opCases.filter(({ className }) => ['LSTM', 'GRU', 'SimpleRNN', 'Bidirectional'].includes(className));
  const functions: Readonly<Record<string, (x: number) => number>> = {
    linear: (x) => x,
    tanh: Math.tanh,
    relu: (x) => Math.max(0, x),
    sigmoid,
    softsign: (x) => x / (1 + Math.abs(x)),
    hard_sigmoid: (x) => Math.min(1, Math.max(0, 0.2 * x + 0.5)),
    hard_sigmoid_3: (x) => Math.min(6, Math.max(0, x + 3)) / 6,
  };
  const merges: Readonly<Record<string, (a: number[], b: number[]) => number[]>> = {
    concat: (a, b) => [...a, ...b],
    sum: (a, b) => a.map((x, i) => x + (b[i] ?? 0)),
    mul: (a, b) => a.map((x, i) => x * (b[i] ?? 0)),
    ave: (a, b) => a.map((x, i) => (x + (b[i] ?? 0)) / 2),
  };

  /** The outputs of one sample. */
  function expected(opCase: OpCase, sample: number): number[] {
    const model = caseModel(opCase);
    const attrs = model.nodes[0]?.attrs as unknown as BidirectionalAttrs;
    const inputs = caseInputs(opCase).map((all, i) => {
      const [steps = 1, width = 1] = opCase.inputs[i] ?? [];
      return Array.from({ length: steps }, (_, t) => [
        ...all.subarray((sample * steps + t) * width, (sample * steps + t + 1) * width),
      ]);
    });
    const [x = [], source] = inputs;
    const kept = source?.map((step) => step.some((value) => value !== 0));
    const one = (scope: string, backwards: boolean): number[][] => {
      const weight = (role: string) => model.weights.get(`layer/${scope}${role}`)?.values;
      const turned = <T>(list: readonly T[]) => (backwards ? list.toReversed() : [...list]);
      const outputs = loopOutputs(
        {
          cell: attrs.cell ?? (opCase.className as CellKind),
          units: attrs.units,
          kernel: weight('kernel') ?? [],
          recurrent: weight('recurrent_kernel') ?? [],
          bias: weight('bias'),
          resetAfter: attrs.resetAfter,
          gate: functions[attrs.gateActivation] ?? Number,
          activation: functions[attrs.cellActivation] ?? Number,
          ...(kept ? { kept: turned(kept) } : {}),
        },
        turned(x),
      );
      const shown = outputs.map((h, t) => (attrs.zeroMasked && kept && !turned(kept)[t] ? h.map(() => 0) : h));
      return attrs.returnSequences ? shown : shown.slice(-1);
    };
    if (opCase.className !== 'Bidirectional') return one('', attrs.goBackwards).flat();
    const [ahead, against] = [one('forward_rnn/', false), one('backward_rnn/', true).reverse()];
    return ahead.flatMap((step, t) => merges[attrs.merge]?.(step, against[t] ?? []) ?? []);
  }

  it.each(loops)('$name', async (opCase) => {
    const found = (await runCase(opCase)).values;
    const all = [...expected(opCase, 0), ...expected(opCase, 1)];
    expect(relativeDifference(Float32Array.from(all), found)).toBeLessThan(1e-6);
  });

  it('masked rows of a Masking layer are zeros', async () => {
    const [values = new Float32Array()] = caseInputs({ name: '', className: 'Masking', config: {}, keras: 2, inputs: [[2, 1]] });
    const [first = 0] = values;
    const masked = await run('Masking', { mask_value: first }, [[2, 1]]);
    expect([...masked.values]).toEqual([...values].map((value) => (value === first ? 0 : value)));
  });
});

describe('multiply-accumulates', () => {
  const macs = (className: string, config: OpCase['config'], inputs: OpCase['inputs']) =>
    modelMacs(caseModel({ name: '', className, config, keras: 2, inputs }));

  it('count one per product of convolutions and matrix products', () => {
    expect(macs('Dense', { units: 10 }, [[500]])).toBe(5000);
    expect(macs('Conv2D', { filters: 20, kernel_size: 5 }, [[28, 28, 1]])).toBe(24 * 24 * 20 * 25);
    expect(macs('Conv1D', { filters: 4, kernel_size: 3 }, [[10, 2]])).toBe(8 * 4 * 3 * 2);
    expect(macs('DepthwiseConv2D', { kernel_size: 3, padding: 'same', depth_multiplier: 2 }, [[8, 8, 4]])).toBe(8 * 8 * 8 * 9);
    expect(macs('SeparableConv2D', { filters: 6, kernel_size: 3, padding: 'same' }, [[8, 8, 4]])).toBe(8 * 8 * 4 * (9 + 6));
    expect(macs('Conv2D', { filters: 6, kernel_size: 3, groups: 2 }, [[5, 5, 4]])).toBe(3 * 3 * 6 * 9 * 2);
    expect(macs('Conv2DTranspose', { filters: 6, kernel_size: 3, strides: 2 }, [[4, 4, 5]])).toBe(16 * 5 * 9 * 6);
    expect(macs('DepthwiseConv1D', { kernel_size: 3 }, [[8, 4]])).toBe(6 * 4 * 3);
    expect(macs('SeparableConv1D', { filters: 6, kernel_size: 3 }, [[8, 4]])).toBe(6 * 4 * (3 + 6));
    expect(
      macs('Dot', { axes: [2, 1] }, [
        [3, 4],
        [4, 2],
      ]),
    ).toBe(3 * 2 * 4);
    expect(macs('Conv3D', { filters: 6, kernel_size: [1, 2, 3] }, [[4, 5, 6, 2]])).toBe(4 * 4 * 4 * 6 * (1 * 2 * 3) * 2);
    const each = { class_name: 'Conv2D', config: { name: 'in', filters: 6, kernel_size: 3 } };
    expect(macs('TimeDistributed', { layer: each }, [[7, 5, 5, 4]])).toBe(7 * 3 * 3 * 6 * 9 * 4);
    expect(macs('LSTM', { units: 3 }, [[7, 2]])).toBe(7 * 4 * 3 * (2 + 3));
    expect(macs('EinsumDense', { equation: 'abc,cde->abde', output_shape: [null, 2, 3] }, [[4, 5]])).toBe(4 * 5 * 2 * 3);
    const sequences = [
      [4, 5],
      [6, 3],
    ];
    const projected = 2 * 3 * (4 * 5 + 6 * 3 + 6 * 3);
    expect(macs('MultiHeadAttention', { num_heads: 2, key_dim: 3, output_shape: 7 }, sequences)).toBe(
      projected + 2 * 4 * 6 * (3 + 3) + 4 * 2 * 3 * 7,
    );
    expect(macs('Attention', {}, [sequences[0] ?? [], [6, 2], [6, 5]])).toBe(4 * 6 * (5 + 2));
    expect(macs('GRU', { units: 3 }, [[7, 2]])).toBe(7 * 3 * 3 * (2 + 3));
    expect(macs('MaxPooling2D', {}, [[8, 8, 4]])).toBe(0);
    expect(macs('BatchNormalization', {}, [[8, 8, 4]])).toBe(0);
  });
});

describe('what batch normalization prepares for WASM', () => {
  const weights = (mean: number) => {
    const vector = (...values: number[]) => ({ shape: [2], values: Float32Array.from(values), encoding: float32 });
    return { gamma: vector(2, 1), beta: vector(1, 0), moving_mean: vector(mean, -1), moving_variance: vector(4, 0.25) };
  };
  const attrs = { axis: -1, epsilon: 0, momentum: 0.9, center: true, scale: true };
  const prepare = (mean: number) => opOf('BatchNormalization').prepare?.(attrs, weights(mean));

  it('is γ / σ and β − μ γ / σ', () => {
    expect(prepare(3)?.factor).toEqual({ shape: [1, 1, 2, 1], values: Float32Array.of(1, 2) });
    expect(prepare(3)?.shift).toEqual({ shape: [2], values: Float32Array.of(-2, 2) });
  });

  it.each([
    ['a vector', [4, 2]],
    ['a sequence', [2, 3, 2]],
    ['a picture', [2, 3, 2, 2]],
  ])('gives the same for %s', (_, shape) => {
    const difference = tf.tidy(() => {
      const x = tf.reshape(tf.range(0, elementCount(shape)), shape);
      const tensors = (from: Readonly<Record<string, PreparedTensor>>) =>
        Object.fromEntries(Object.entries(from).map(([role, { values, shape: size }]) => [role, tf.tensor(values, [...size])]));
      const forward = (from: Readonly<Record<string, PreparedTensor>>) =>
        opOf('BatchNormalization').forward({ inputs: [x], attrs, weights: tensors(from), training: false });
      return tf.max(tf.abs(tf.sub(forward(weights(3)), forward(prepare(3) ?? {})))).dataSync()[0];
    });
    expect(difference).toBeLessThan(1e-5);
  });

  it('is refused where the mean lies so far from zero that digits would be lost, or is no number', () => {
    expect(prepare(1e4)).toBeUndefined();
    expect(prepare(Number.NaN)).toBeUndefined();
  });
});

describe('training', () => {
  it('batch normalization uses the statistics of the batch', () => {
    const forward = (training: boolean) =>
      tf.tidy(() =>
        opOf('BatchNormalization')
          .forward({
            inputs: [tf.tensor2d([1, 3], [2, 1])],
            attrs: { axis: -1, epsilon: 0, momentum: 0.9, center: true, scale: true },
            weights: {
              gamma: tf.tensor1d([2]),
              beta: tf.tensor1d([1]),
              moving_mean: tf.tensor1d([1]),
              moving_variance: tf.tensor1d([4]),
            },
            training,
          })
          .dataSync(),
      );
    expect([...forward(true)]).toEqual([-1, 3]);
    expect([...forward(false)]).toEqual([1, 3]);
  });

  it('dropout drops by the seed and keeps the mean', () => {
    const forward = () =>
      tf.tidy(() =>
        opOf('Dropout')
          .forward({
            inputs: [tf.ones([1, 1000])],
            attrs: { rate: 0.25, noiseShape: null },
            weights: {},
            training: true,
            rng: createRng(3),
          })
          .dataSync(),
      );
    const kept = forward().filter((value) => value > 0);
    expect(forward()).toEqual(forward());
    expect(kept.length).toBeGreaterThan(700);
    expect(kept.length).toBeLessThan(800);
    expect(kept[0]).toBeCloseTo(1 / 0.75, 6);
  });
});
