import { describe, expect, it } from 'vitest';
import { type LayerSketch, smallModel } from '../testing/small-model.ts';
import { stepsOf } from './activation-grid.ts';
import { activationGroups, fixedGrid } from './activation-groups.ts';
import type { Shape } from './model.ts';

const groupsOf = (layers: readonly LayerSketch[], shape: Shape = [8, 8, 4], outputs?: readonly string[]) =>
  activationGroups(smallModel({ x: shape }, layers, outputs ? { outputs } : {})).map(({ values, fixed }) =>
    [...values, ...(fixed === null ? [] : [`= ${fixed}`])].join(' '),
  );

const conv = (name: string, config = {}): LayerSketch => ({
  name,
  op: 'Conv2D',
  config: { filters: 4, kernel_size: 3, padding: 'same', ...config },
});

describe('activationGroups', () => {
  it('takes the last value of what becomes one operator', () => {
    expect(
      groupsOf([
        conv('c'),
        { name: 'bn', op: 'BatchNormalization' },
        { name: 'drop', op: 'Dropout', config: { rate: 0.5 } },
        { name: 'r', op: 'ReLU', config: { max_value: 6 } },
        conv('d', { activation: 'relu' }),
        { name: 'bn2', op: 'BatchNormalization' },
        conv('e'),
        { name: 'leaky', op: 'LeakyReLU' },
      ]),
    ).toEqual(['x', 'r', 'd', 'bn2', 'e', 'leaky']);
  });

  it('does not fuse what is read twice or leaves the model', () => {
    const layers: LayerSketch[] = [
      conv('c'),
      { name: 'r', op: 'ReLU' },
      { name: 'sum', op: 'Add', inputs: ['c', 'r'] },
      { name: 'out', op: 'Activation', config: { activation: 'relu' } },
    ];
    expect(groupsOf(layers)).toEqual(['x', 'c', 'r', 'out']);
    expect(groupsOf(layers, [8, 8, 4], ['sum', 'out'])).toEqual(['x', 'c', 'r', 'sum', 'out']);
  });

  it('unifies what moves or averages values, through a concatenation too', () => {
    expect(
      groupsOf([
        conv('a'),
        { name: 'pool', op: 'MaxPooling2D' },
        conv('b'),
        { name: 'average', op: 'AveragePooling2D', config: { pool_size: 1 } },
        { name: 'both', op: 'Concatenate', inputs: ['pool', 'average'] },
        { name: 'pad', op: 'ZeroPadding2D' },
        { name: 'mean', op: 'GlobalAveragePooling2D' },
        { name: 'fc', op: 'Dense', config: { units: 3 } },
      ]),
    ).toEqual(['x', 'a pool b average both pad', 'mean', 'fc']);
  });

  it('knows ranges that do not depend on the data, and what lies before them', () => {
    expect(
      groupsOf([
        { name: 'flat', op: 'Flatten' },
        { name: 'gate', op: 'Dense', config: { units: 4, activation: 'sigmoid' } },
        { name: 'state', op: 'Dense', config: { units: 4, activation: 'tanh' }, inputs: ['flat'] },
        { name: 'both', op: 'Concatenate', inputs: ['gate', 'state'] },
        { name: 'same', op: 'Concatenate', inputs: ['gate', 'gate'] },
        { name: 'more', op: 'Concatenate', inputs: ['both', 'same'] },
        { name: 'fc', op: 'Dense', config: { units: 4, activation: 'swish' } },
        { name: 'p', op: 'Dense', config: { units: 3, activation: 'softmax' } },
      ]),
    ).toEqual([
      'x flat',
      'gate#linear',
      'gate same = sigmoid',
      'state#linear',
      'state = tanh',
      'both more',
      'fc#linear',
      'fc#gate = sigmoid',
      'fc',
      'p#linear',
      'p = softmax',
    ]);
  });

  it('splits a separable convolution', () => {
    const layers: LayerSketch[] = [
      { name: 's', op: 'SeparableConv2D', config: { filters: 3, kernel_size: 3, activation: 'relu' } },
    ];
    expect(groupsOf(layers)).toEqual(['x', 's#depthwise', 's']);
  });
});

it.each([
  ['softmax', 1 / 256, -128],
  ['sigmoid', 1 / 256, -128],
  ['tanh', 1 / 128, 0],
  ['log_softmax', 16 / 256, 127],
] as const)('%s has the grid of the specification', (fixed, scale, zeroPoint) => {
  expect(stepsOf(fixedGrid(fixed, 8))).toMatchObject({ scale, zeroPoint });
  if (fixed !== 'log_softmax') expect(stepsOf(fixedGrid(fixed, 16))).toMatchObject({ scale: 1 / 32768, zeroPoint: 0 });
});
