import { describe, expect, it } from 'vitest';
import { float32 } from './encoding.ts';
import { type Attrs, elementCount, type Model, type Node, type Weight } from './model.ts';
import { answerOutput, consumersOf, inferShapes, modelMacs, nodeMacs, validateModel } from './topology.ts';

const weight = (...shape: number[]): Weight => ({ shape, values: new Float32Array(elementCount(shape)), encoding: float32 });
const node = (name: string, op: string, inputs: string[], attrs: Attrs = {}, weights: Node['weights'] = {}): Node => ({
  name,
  op,
  attrs,
  inputs,
  outputs: [name],
  weights,
});
const convolution: Attrs = {
  filters: 2,
  kernelSize: [3, 3],
  strides: [1, 1],
  padding: 'same',
  dilation: [1, 1],
  useBias: false,
  activation: 'relu',
};

const residual = (changes: Partial<Model> = {}): Model => ({
  name: 'residual',
  inputs: [{ value: 'x', name: 'x', shape: [null, null, 2], dtype: 'float32' }],
  outputs: ['pool'],
  nodes: [
    node('conv', 'Conv2D', ['x'], convolution, { kernel: 'conv/kernel' }),
    node('add', 'Add', ['conv', 'x']),
    node('pool', 'GlobalAveragePooling2D', ['add'], { keepDims: false }),
  ],
  weights: new Map([['conv/kernel', weight(3, 3, 2, 2)]]),
  source: { format: 'test', bytes: 0, optimizerBytes: 0, notes: [] },
  ...changes,
});

describe('inferShapes', () => {
  it('carries sizes that are only known at run time', () => {
    expect(inferShapes(residual()).get('add')).toEqual([null, null, 2]);
    expect(inferShapes(residual()).get('pool')).toEqual([2]);
    expect(inferShapes(residual(), [[8, 6, 2]]).get('add')).toEqual([8, 6, 2]);
  });

  it('names the layer that does not fit', () => {
    const nodes = [node('flat', 'Flatten', ['x']), node('conv', 'Conv2D', ['flat'], convolution, { kernel: 'conv/kernel' })];
    expect(() => inferShapes(residual({ nodes }))).toThrow(
      'The layer "conv" (Conv2D) does not fit its input. It takes 3 dimensions',
    );
  });

  it('refuses a tensor that no device can hold', () => {
    expect(() => inferShapes(residual(), [[2 ** 15, 2 ** 15, 2]])).toThrow('is too large for any device');
  });
});

describe('cost and consumers', () => {
  it('counts products where the sizes are known, and says so where they are not', () => {
    expect(modelMacs(residual(), [[8, 6, 2]])).toBe(8 * 6 * 2 * 9 * 2);
    expect(nodeMacs(residual(), [[8, 6, 2]]).get('add')).toBe(0);
    expect(modelMacs(residual())).toBeNaN();
  });

  it('lists who reads each value', () => {
    const consumers = consumersOf(residual());
    expect(consumers.get('x')?.map(({ name }) => name)).toEqual(['conv', 'add']);
    expect(consumers.get('pool')).toBeUndefined();
  });

  it('tells the output that answers from intermediate values', () => {
    expect(answerOutput(residual({ outputs: ['conv', 'add', 'pool'] }))).toBe(2);
    expect(answerOutput(residual())).toBe(0);
    expect(answerOutput(residual({ outputs: ['conv', 'add'] }))).toBe(1);
  });
});

describe('validateModel', () => {
  const { nodes } = residual();
  const renamed = nodes.map((each) => (each.name === 'add' ? { ...each, name: 'conv' } : each));
  const broken: readonly [string, Partial<Model>, string][] = [
    ['a name twice', { nodes: renamed }, 'Two layers have the same name. Both are called "conv"'],
    [
      'a value made twice',
      { nodes: [...nodes, { ...node('again', 'Flatten', ['x']), outputs: ['x'] }] },
      'makes a value that exists already',
    ],
    ['a cycle', { nodes: [...nodes].reverse() }, 'The layer "pool" uses the value "add" before any layer makes it'],
    ['a missing weight', { weights: new Map() }, 'The layer "conv" (Conv2D) has no kernel'],
    [
      'a weight that does not fit',
      { weights: new Map([['conv/kernel', weight(3, 3, 2, 4)]]) },
      'needs (3, 3, 2, 2), the file holds (3, 3, 2, 4)',
    ],
    ['an output from nowhere', { outputs: ['logits'] }, 'The output is "logits"'],
    ['an unknown op', { nodes: [node('odd', 'Lambda', ['x'])] }, 'does not know the layer kind "Lambda"'],
  ];

  it('accepts a sound model', () => expect(() => validateModel(residual())).not.toThrow());
  it.each(broken)('refuses %s', (_, changes, text) => expect(() => validateModel(residual(changes))).toThrow(text));
});
