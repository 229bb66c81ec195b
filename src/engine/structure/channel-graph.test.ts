/** Groups of coupled channels against ones derived by hand, for the shapes of well-known networks. */
import { describe, expect, it } from 'vitest';
import { buildNet } from '../../../bench/nets.ts';
import type { Model } from '../model/model.ts';
import { channelGraph } from './channel-graph.ts';

type Layer = Parameters<typeof buildNet>[2][number];

const conv = (name: string, filters: number, from?: string, config = {}): Layer => ({
  className: 'Conv2D',
  name,
  ...(from === undefined ? {} : { from: [from] }),
  config: { filters, kernel_size: 3, padding: 'same', use_bias: false, ...config },
});
const layer = (className: string, name: string, from?: readonly string[], config = {}): Layer => ({
  className,
  name,
  config,
  ...(from === undefined ? {} : { from }),
});
const dense = (name: string, units: number, from?: string): Layer =>
  layer('Dense', name, from === undefined ? undefined : [from], { units, use_bias: false });

/** `32 of conv1: conv1/kernel[3] makes, …`, or the reason why it stays. */
function groupsOf(model: Model): string[] {
  return channelGraph(model).groups.map(({ units, makers, axes, protection }) => {
    const head = `${units.length} of ${makers.map(({ name }) => name).join(' ')}`;
    if (protection !== undefined) return `${head} stay: ${protection}`;
    const places = axes.map(({ weight, axis, use }) => `${weight}[${axis}] ${use}`);
    return `${head}: ${places.sort().join(', ')}`;
  });
}

describe('the groups of', () => {
  it('VGG: convolution, flattening in blocks, dense', () => {
    const model = buildNet(
      'vgg',
      [4, 4, 3],
      [
        conv('c1', 8, undefined, { activation: 'relu', use_bias: true }),
        conv('c2', 6),
        layer('MaxPooling2D', 'pool'),
        layer('Flatten', 'flat'),
        dense('d1', 10),
        dense('d2', 5),
      ],
    );
    expect(groupsOf(model)).toEqual([
      '8 of c1: c1/bias[0] passes, c1/kernel[3] makes, c2/kernel[2] reads',
      '6 of c2: c2/kernel[3] makes, d1/kernel[0] reads',
      '10 of d1: d1/kernel[1] makes, d2/kernel[0] reads',
      '5 of d2 stay: output',
    ]);
    const { axes } = channelGraph(model);
    const [block] = axes.filter(({ weight, axis }) => weight === 'd1/kernel' && axis === 0);
    expect(block?.units).toHaveLength(24);
    expect([...(block?.units ?? [])].every((unit, index, all) => unit === all[index % 6])).toBe(true);
  });

  it('ResNet: what an Add joins goes together, through every block of a stage', () => {
    const model = buildNet(
      'resnet',
      [8, 8, 3],
      [
        conv('stem', 4),
        layer('BatchNormalization', 'bn', undefined, { center: false }),
        conv('a1', 4, 'bn'),
        conv('a2', 4, 'a1'),
        layer('Add', 'sum1', ['bn', 'a2']),
        conv('b1', 8, 'sum1', { strides: 2 }),
        conv('b2', 8, 'b1'),
        conv('short', 8, 'sum1', { strides: 2, kernel_size: 1 }),
        layer('Add', 'sum2', ['b2', 'short']),
        layer('GlobalAveragePooling2D', 'gap'),
        dense('logits', 3),
      ],
    );
    expect(groupsOf(model)).toEqual([
      '4 of stem a2: a1/kernel[2] reads, a2/kernel[3] makes, b1/kernel[2] reads, bn/gamma[0] passes, bn/moving_mean[0] passes, bn/moving_variance[0] passes, short/kernel[2] reads, stem/kernel[3] makes',
      '4 of a1: a1/kernel[3] makes, a2/kernel[2] reads',
      '8 of b1: b1/kernel[3] makes, b2/kernel[2] reads',
      '8 of b2 short: b2/kernel[3] makes, logits/kernel[0] reads, short/kernel[3] makes',
      '3 of logits stay: output',
    ]);
  });

  it('DenseNet: readers of a concatenation count each part at its offset', () => {
    const model = buildNet(
      'densenet',
      [4, 4, 3],
      [
        conv('stem', 4),
        conv('g1', 2, 'stem'),
        layer('Concatenate', 'cat1', ['stem', 'g1']),
        layer('BatchNormalization', 'bn', undefined, { scale: false, center: false }),
        conv('g2', 3, 'bn'),
        layer('Concatenate', 'cat2', ['bn', 'g2']),
        layer('GlobalAveragePooling2D', 'gap'),
        dense('logits', 3),
      ],
    );
    const shared = 'bn/moving_mean[0] passes, bn/moving_variance[0] passes, g2/kernel[2] reads, logits/kernel[0] reads';
    expect(groupsOf(model)).toEqual([
      `4 of stem: bn/moving_mean[0] passes, bn/moving_variance[0] passes, g1/kernel[2] reads, g2/kernel[2] reads, logits/kernel[0] reads, stem/kernel[3] makes`,
      `2 of g1: ${shared.replace('g2/', 'g1/kernel[3] makes, g2/')}`,
      '3 of g2: g2/kernel[3] makes, logits/kernel[0] reads',
      '3 of logits stay: output',
    ]);
    const { axes, groups } = channelGraph(model);
    const reads = axes.find(({ weight, axis }) => weight === 'logits/kernel' && axis === 0);
    const [stem, g1, g2] = groups.map(({ units }) => units);
    expect([...(reads?.units ?? [])]).toEqual([...(stem ?? []), ...(g1 ?? []), ...(g2 ?? [])]);
  });

  it('MobileNetV2: a depthwise filter passes on what the expansion makes', () => {
    const model = buildNet(
      'mobilenet',
      [4, 4, 3],
      [
        conv('stem', 4),
        conv('expand', 12, 'stem', { kernel_size: 1 }),
        layer('DepthwiseConv2D', 'depthwise', undefined, { kernel_size: 3, padding: 'same', depth_multiplier: 2 }),
        layer('ReLU', 'relu6', undefined, { max_value: 6 }),
        conv('project', 4, 'relu6', { kernel_size: 1 }),
        layer('Add', 'sum', ['stem', 'project']),
        layer('SeparableConv2D', 'head', undefined, { filters: 6, kernel_size: 3, use_bias: false, depth_multiplier: 2 }),
        layer('PReLU', 'prelu', undefined, { shared_axes: [1, 2] }),
        layer('GlobalMaxPooling2D', 'gap'),
        dense('logits', 3),
      ],
    );
    expect(groupsOf(model)).toEqual([
      '4 of stem project: expand/kernel[2] reads, head/depthwise_kernel[2] reads, head/pointwise_kernel[2] reads, project/kernel[3] makes, stem/kernel[3] makes',
      '12 of expand: depthwise/bias[0] passes, depthwise/depthwise_kernel[2] passes, expand/kernel[3] makes, project/kernel[2] reads',
      '6 of head: head/pointwise_kernel[3] makes, logits/kernel[0] reads, prelu/alpha[2] passes',
      '3 of logits stay: output',
    ]);
    const { axes } = channelGraph(model);
    const bias = axes.find(({ weight }) => weight === 'depthwise/bias')?.units ?? [];
    expect([...bias].every((unit, index) => unit === bias[index - (index % 2)])).toBe(true);
  });

  it('Inception: branches of their own, joined for whoever reads them', () => {
    const model = buildNet(
      'inception',
      [4, 4, 3],
      [
        conv('stem', 4),
        conv('one', 2, 'stem', { kernel_size: 1 }),
        conv('reduce', 3, 'stem', { kernel_size: 1 }),
        conv('three', 5, 'reduce'),
        layer('MaxPooling2D', 'pool', ['stem'], { pool_size: 3, strides: 1, padding: 'same' }),
        layer('Concatenate', 'cat', ['one', 'three', 'pool']),
        conv('after', 3, 'cat'),
      ],
    );
    expect(groupsOf(model)).toEqual([
      '4 of stem: after/kernel[2] reads, one/kernel[2] reads, reduce/kernel[2] reads, stem/kernel[3] makes',
      '2 of one: after/kernel[2] reads, one/kernel[3] makes',
      '3 of reduce: reduce/kernel[3] makes, three/kernel[2] reads',
      '5 of three: after/kernel[2] reads, three/kernel[3] makes',
      '3 of after stay: output',
    ]);
  });

  it('U-Net: a skip keeps its own group across pooling and upsampling', () => {
    const model = buildNet(
      'unet',
      [8, 8, 1],
      [
        conv('down', 4),
        layer('MaxPooling2D', 'pool'),
        conv('deep', 6),
        layer('UpSampling2D', 'up'),
        conv('match', 4, 'up'),
        layer('Concatenate', 'skip', ['down', 'match']),
        conv('merge', 5, 'skip'),
        conv('mask', 1, 'merge', { kernel_size: 1, activation: 'sigmoid' }),
      ],
    );
    expect(groupsOf(model)).toEqual([
      '4 of down: deep/kernel[2] reads, down/kernel[3] makes, merge/kernel[2] reads',
      '6 of deep: deep/kernel[3] makes, match/kernel[2] reads',
      '4 of match: match/kernel[3] makes, merge/kernel[2] reads',
      '5 of merge: mask/kernel[2] reads, merge/kernel[3] makes',
      '1 of mask stay: output',
    ]);
  });
});

describe('what has to stay', () => {
  const stays = (layers: readonly Layer[], shape = [4, 4, 3]) => groupsOf(buildNet('kept', shape, layers))[0];
  const tail = [layer('GlobalAveragePooling2D', 'gap'), dense('end', 2)];

  it.each([
    ['what is added to the input', [conv('c', 3), layer('Add', 'sum', ['input', 'c']), ...tail], '3 of c stay: input'],
    ['what a softmax compares', [conv('c', 3, undefined, { activation: 'softmax' }), ...tail], '3 of c stay: softmax'],
    ['a gate for all channels', [conv('g', 1), layer('Multiply', 'x', ['input', 'g']), ...tail], '1 of g stay: broadcast'],
    [
      'what is cut across',
      [conv('c', 3), layer('Reshape', 'r', ['c'], { target_shape: [3, 2, 8] }), ...tail],
      '1 of c stay: mixed',
    ],
    [
      'what a list in the settings counts',
      [conv('c', 2), layer('Rescaling', 's', ['c'], { scale: [1, 2] }), ...tail],
      '2 of c stay: attribute',
    ],
  ])('%s', (_, layers, said) => {
    expect(stays(layers)).toBe(said);
  });

  it('what a layer does to channels that nobody told', () => {
    const model = buildNet(
      'open',
      [4, 4, 3],
      [conv('c', 3), layer('Reshape', 'r', ['c'], { target_shape: [-1] }), dense('d', 2)],
    );
    const open = { ...model, inputs: model.inputs.map((input) => ({ ...input, shape: [null, 4, 3] })) };
    expect(() => groupsOf({ ...open, nodes: open.nodes.slice(0, 2), outputs: ['r'] })).not.toThrow();
    expect(groupsOf({ ...open, nodes: open.nodes.slice(0, 2), outputs: ['r'] })).toEqual(['3 of c stay: unknown']);
  });

  it('channels whose codes share scales across inputs', () => {
    const model = buildNet('codes', [4], [dense('a', 4), dense('b', 2), dense('c', 2)]);
    const kernel = model.weights.get('b/kernel');
    if (kernel === undefined) throw new Error('The net has a kernel.');
    const encoding = {
      kind: 'affine',
      bits: 8,
      symmetric: true,
      axis: 1,
      group: 2,
      scale: Float64Array.of(1, 1, 1, 1),
      min: Float64Array.of(0, 0, 0, 0),
      codes: new Uint8Array(8),
    } as const;
    const coded = { ...model, weights: new Map(model.weights).set('b/kernel', { ...kernel, encoding }) };
    expect(groupsOf(coded).map((group) => group.split(':')[0])).toEqual(['4 of a stay', '2 of b', '2 of c stay']);
  });
});
