/** Every op and every setting, written as float32, computes in Google's interpreter what it computes here. */
import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import { beforeAll, describe, expect, it } from 'vitest';
import { differencesInLiteRt, type OperatorJob, operatorJob } from '../../../../../bench/tflite-operators.ts';
import { findBrowser } from '../../../../../scripts/browser.mjs';
import { caseInputs, caseModel, type OpCase, opCases, relativeDifference, runCase } from '../../../model/ops/cases.ts';
import { noise, runSmall, smallModel } from '../../../testing/small-model.ts';
import { openTflite } from '../../../testing/tflite-interpreter.ts';
import { lowerModel } from './lower/index.ts';
import { placeFloat } from './place-float.ts';
import { serialize } from './serialize.ts';

beforeAll(async () => {
  await tf.setBackend('cpu');
});

const plain = { integerWeights: false, anyBatch: false };

/** The outputs of the interpreter for the two samples of a case. */
async function interpreted(opCase: OpCase): Promise<Float32Array> {
  const bytes = serialize(placeFloat(lowerModel(caseModel(opCase), plain), 'float32'));
  const interpreter = await openTflite(bytes);
  const samples = [0, 1].map((sample) => {
    const inputs = caseInputs(opCase).map((all) => all.subarray((sample * all.length) / 2, ((sample + 1) * all.length) / 2));
    return [...(interpreter.run(inputs)[0] ?? [])];
  });
  interpreter.dispose();
  return Float32Array.from(samples.flat());
}

describe('operators in the interpreter', () => {
  it.each(opCases)('$name', async (opCase) => {
    expect(relativeDifference((await runCase(opCase)).values, await interpreted(opCase))).toBeLessThan(1e-6);
  });
});

it.each<[string, Parameters<typeof smallModel>[1]]>([
  [
    'a normalization and a rectifier go into a convolution of volumes',
    [
      { name: 'conv', op: 'Conv3D', config: { filters: 3, kernel_size: 2, padding: 'same' } },
      { name: 'norm', op: 'BatchNormalization' },
      { name: 'relu', op: 'ReLU' },
    ],
  ],
  ['a rectifier with limits on volumes', [{ name: 'relu', op: 'ReLU', config: { max_value: 2, threshold: 0.3 } }]],
  ['volumes of unit length', [{ name: 'unit', op: 'UnitNormalization' }]],
  [
    'planes weighted by their mean',
    [
      { name: 'mean', op: 'GlobalAveragePooling3D', config: { keepdims: true } },
      { name: 'times', op: 'Multiply', inputs: ['x', 'mean'] },
    ],
  ],
  [
    'a layer of several operators on each step',
    [
      {
        name: 'steps',
        op: 'TimeDistributed',
        config: { layer: { class_name: 'SeparableConv2D', config: { filters: 3, kernel_size: 2, activation: 'silu' } } },
      },
    ],
  ],
])('%s', async (_, nodes) => {
  const model = smallModel({ x: [3, 4, 2, 4] }, nodes);
  const graph = lowerModel(model, plain);
  if (nodes.length === 3) expect(graph.operators.filter(({ code }) => code === 'CONV_2D')).toHaveLength(3);
  if (nodes.length === 3) expect(graph.operators.map(({ code }) => code)).not.toContain('MUL');
  const interpreter = await openTflite(serialize(placeFloat(graph, 'float32')));
  const input = noise(96);
  const [expected] = runSmall(model, [input], 1);
  expect(relativeDifference(expected ?? new Float32Array(), interpreter.run([input])[0] as Float32Array)).toBeLessThan(1e-6);
  interpreter.dispose();
});

it.skipIf(findBrowser() === undefined)(
  'LiteRT.js in Chromium takes every operator, with floats and with whole numbers',
  async () => {
    const kinds = ['float32', 'int8'] as const;
    const jobs: Record<(typeof kinds)[number], OperatorJob[]> = { float32: [], int8: [] };
    const seen = new Set<string>();
    for (const opCase of opCases) {
      const known = seen.size;
      for (const { code } of lowerModel(caseModel(opCase), plain).operators) seen.add(code);
      if (seen.size > known) for (const kind of kinds) jobs[kind].push(await operatorJob(opCase, kind));
    }
    const differences = await differencesInLiteRt(kinds.flatMap((kind) => jobs[kind]));
    // The interpreter in Node has the reference's TRANSPOSE_CONV, LiteRT.js XNNPACK's, which rounds once.
    const bound = ({ operators }: OperatorJob) => (operators.includes('TRANSPOSE_CONV') ? 0.02 : 1e-6);
    const wrong = kinds
      .flatMap((kind) => jobs[kind])
      .flatMap((job, i) => (Number(differences[i]?.difference) <= bound(job) ? [] : [differences[i]]));
    expect(wrong).toEqual([]);
    expect(seen.size).toBeGreaterThan(40);
  },
);

describe('what becomes one operator', () => {
  const block = smallModel({ x: [8, 8, 3] }, [
    {
      name: 'pad',
      op: 'ZeroPadding2D',
      config: {
        padding: [
          [0, 1],
          [0, 1],
        ],
      },
    },
    { name: 'conv', op: 'Conv2D', config: { filters: 4, kernel_size: 3, strides: 2, use_bias: false } },
    { name: 'drop', op: 'Dropout', config: { rate: 0.2 } },
    { name: 'norm', op: 'BatchNormalization', config: {} },
    { name: 'relu', op: 'ReLU', config: { max_value: 6 } },
    { name: 'wide', op: 'ZeroPadding2D', config: { padding: 2 } },
    { name: 'depth', op: 'DepthwiseConv2D', config: { kernel_size: 3, depth_multiplier: 2 } },
    { name: 'norm2', op: 'BatchNormalization', config: {} },
    { name: 'sum', op: 'Add', inputs: ['norm2', 'norm2'] },
    { name: 'act', op: 'Activation', config: { activation: 'relu' } },
  ]);

  it('paddings, normalizations and rectifiers go into convolutions and sums', async () => {
    const graph = lowerModel(block, plain);
    expect(graph.operators.map(({ code, options }) => [code, options && 'fused' in options ? options.fused : null])).toEqual([
      ['CONV_2D', 'RELU6'],
      ['PAD', null],
      ['DEPTHWISE_CONV_2D', 'NONE'],
      ['ADD', 'RELU'],
    ]);
    expect(graph.operators[0]?.options).toMatchObject({ padding: 'SAME', strides: [2, 2] });
    const interpreter = await openTflite(serialize(placeFloat(graph, 'float32')));
    const input = noise(8 * 8 * 3);
    const [expected] = runSmall(block, [input], 1);
    expect(relativeDifference(expected ?? new Float32Array(), interpreter.run([input])[0] as Float32Array)).toBeLessThan(1e-6);
    interpreter.dispose();
  });

  it('a value that the model gives out is not hidden in an operator, and outputs are tensors of their own', async () => {
    const outputs = ['x', 'conv', 'relu', 'conv'];
    const model = {
      ...smallModel({ x: [4, 4, 2] }, [
        { name: 'conv', op: 'Conv2D', config: { filters: 3, kernel_size: 3 } },
        { name: 'relu', op: 'ReLU' },
      ]),
      outputs,
    };
    const interpreter = await openTflite(serialize(placeFloat(lowerModel(model, plain), 'float32')));
    const input = noise(4 * 4 * 2);
    const found = interpreter.run([input]);
    interpreter.dispose();
    runSmall(model, [input], 1).forEach((expected, i) => {
      expect(relativeDifference(expected, found[i] as Float32Array)).toBeLessThan(1e-6);
    });
    expect(new Set(interpreter.outputs.map(({ name }) => name)).size).toBe(4);
  });

  it('a size that only the data knows is refused by name', () => {
    const open = smallModel({ x: [null, 8, 3] }, [{ name: 'conv', op: 'Conv2D', config: { filters: 2, kernel_size: 3 } }]);
    expect(() => lowerModel(open, plain)).toThrow('The layer "x" can not be saved for TFLite.');
    expect(lowerModel(open, { ...plain, inputShapes: [[8, 8, 3]] }).outputs[0]?.tensor.shape).toEqual([1, 6, 6, 2]);
  });
});
