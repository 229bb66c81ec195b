/** The invariant: a model without channels answers as the whole one with all that counts these channels at zero, over random graphs. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { buildNet } from '../../../bench/nets.ts';
import { createRng, type Rng } from '../math/rng.ts';
import { axisStride } from '../model/encoding.ts';
import { elementCount, type Model, type Weight, withWeights } from '../model/model.ts';
import { relativeDifference } from '../model/ops/cases.ts';
import { validateModel } from '../model/topology.ts';
import { startBackend, stopBackend } from '../runtime/backends.ts';
import { createPredictor } from '../runtime/executor.ts';
import { type ChannelGraph, channelGraph } from './channel-graph.ts';
import { type UnitFlags, withoutUnits } from './remove.ts';

type Layer = Parameters<typeof buildNet>[2][number];

const side = 3;
const activations = ['linear', 'relu', 'sigmoid', 'tanh', 'elu', 'softmax'];

/** Layers on maps of side × side; `maps` are the values made so far with their channels. */
function randomLayers(rng: Rng): Layer[] {
  const layers: Layer[] = [];
  const maps = [{ name: 'input', channels: 2 }];
  const pick = <T>(list: readonly T[]): T => list[rng.integer(list.length)] as T;
  const put = (className: string, from: readonly string[], config: Record<string, unknown> = {}): string => {
    const name = `${className.toLowerCase()}_${layers.length}`;
    layers.push({ className, name, from, config: config as never });
    return name;
  };
  const conv = (from: string, filters = 2 + rng.integer(4)) => {
    const config = {
      filters,
      kernel_size: pick([1, 3]),
      padding: 'same',
      use_bias: rng.next() < 0.5,
      activation: pick(activations),
    };
    return { name: put('Conv2D', [from], config), channels: filters };
  };
  const kinds: (() => { name: string; channels: number })[] = [
    () => conv(pick(maps).name),
    () => conv(maps.at(-1)?.name ?? 'input'),
    () => {
      const { name, channels } = pick(maps);
      const depth_multiplier = 1 + rng.integer(2);
      return {
        name: put('DepthwiseConv2D', [name], { kernel_size: 3, padding: 'same', depth_multiplier }),
        channels: channels * depth_multiplier,
      };
    },
    () => {
      const filters = 2 + rng.integer(3);
      const config = { filters, kernel_size: 3, padding: 'same', depth_multiplier: 1 + rng.integer(2) };
      return { name: put('SeparableConv2D', [pick(maps).name], config), channels: filters };
    },
    () => {
      const { name, channels } = maps.at(-1) ?? pick(maps);
      const [className, config] = pick<[string, Record<string, unknown>]>([
        ['BatchNormalization', {}],
        ['BatchNormalization', { scale: false }],
        ['BatchNormalization', { axis: 1 }],
        ['ReLU', { max_value: 6 }],
        ['LeakyReLU', {}],
        ['PReLU', { shared_axes: [1, 2] }],
        ['PReLU', {}],
        ['PReLU', { shared_axes: [3] }],
        ['UnitNormalization', {}],
        ['LayerNormalization', {}],
        ['GroupNormalization', { groups: -1 }],
        ['MaxPooling2D', { pool_size: 2, strides: 1, padding: 'same' }],
        ['AveragePooling2D', { pool_size: 3, strides: 1, padding: 'same' }],
        ['Softmax', { axis: pick([1, -1]) }],
        ['Dropout', {}],
        ['Rescaling', { scale: 0.5, offset: 1 }],
      ]);
      return { name: put(className, [name], config), channels };
    },
    () => {
      const [one, other] = [pick(maps), pick(maps)];
      const match = one.channels === other.channels ? other : conv(other.name, one.channels);
      return { name: put(pick(['Add', 'Multiply', 'Subtract', 'Average']), [one.name, match.name]), channels: one.channels };
    },
    // Groups: channels go with their likes in the other groups.
    () => {
      const groups = pick([2, 3]);
      const { name } = conv(pick(maps).name, groups * (1 + rng.integer(2)));
      const filters = groups * (1 + rng.integer(3));
      const config = { filters, groups, kernel_size: 3, padding: 'same', activation: pick(activations) };
      return { name: put('Conv2D', [name], config), channels: filters };
    },
    () => {
      const filters = 2 + rng.integer(3);
      const config = { filters, kernel_size: 3, padding: 'same', activation: pick(activations), use_bias: rng.next() < 0.5 };
      return { name: put('Conv2DTranspose', [pick(maps).name], config), channels: filters };
    },
    // A sequence of separable convolutions, cropped and padded.
    () => {
      const { name, channels } = pick(maps);
      const rows = put('Reshape', [name], { target_shape: [side * side, channels] });
      const deep = put('SeparableConv1D', [rows], { filters: 4, kernel_size: 3, padding: 'same', depth_multiplier: 2 });
      const wide = put('DepthwiseConv1D', [deep], { kernel_size: 3, padding: 'same' });
      const spread = put('Conv1DTranspose', [wide], { filters: 3, kernel_size: 2, padding: 'same' });
      const cut = put('Cropping1D', [put('ZeroPadding1D', [spread], { padding: 1 })], { cropping: [2, 0] });
      return { name: put('Reshape', [cut], { target_shape: [side, side, 3] }), channels: 3 };
    },
    () => {
      const parts = [pick(maps), pick(maps)];
      const channels = parts.reduce((sum, part) => sum + part.channels, 0);
      return {
        name: put(
          'Concatenate',
          parts.map(({ name }) => name),
        ),
        channels,
      };
    },
    // Squeeze and excite: a factor per channel, made from all of them.
    () => {
      const { name, channels } = pick(maps);
      const squeezed = put('Dense', [put('GlobalAveragePooling2D', [name])], { units: 3, activation: 'relu' });
      const gate = put('Dense', [squeezed], { units: channels, activation: 'sigmoid' });
      const shaped = put('Reshape', [gate], { target_shape: pick([[1, 1, channels], [-1], [channels]]) });
      return { name: put('Multiply', [name, shaped]), channels };
    },
    // A gate per place, stretched over all channels.
    () => {
      const { name, channels } = pick(maps);
      return { name: put('Multiply', [name, conv(name, 1).name]), channels };
    },
    // Through rows of a sequence.
    () => {
      const { name, channels } = pick(maps);
      const rows = put('Reshape', [name], { target_shape: [side * side, channels] });
      const sequence = put('Conv1D', [rows], { filters: 4, kernel_size: 3, padding: 'same' });
      return { name: put('Reshape', [sequence], { target_shape: [side, side, 4] }), channels: 4 };
    },
    // Through recurrence, once along the rows and once more over what it made.
    () => {
      const { name, channels } = pick(maps);
      const rows = put('Reshape', [name], { target_shape: [side * side, channels] });
      const cell = () => ({
        activation: pick(['tanh', 'sigmoid', 'softmax']),
        reset_after: pick([true, false]),
        use_bias: pick([true, false]),
      });
      const kinds = ['LSTM', 'GRU', 'SimpleRNN'];
      const first = put(pick(kinds), [rows], { units: 3, return_sequences: true, ...cell() });
      const second = put(pick(kinds), [first], { units: 4, return_sequences: true, go_backwards: true, ...cell() });
      return { name: put('Reshape', [second], { target_shape: [side, side, 4] }), channels: 4 };
    },
    // Through attention: over all places, from one map to another, then through a product in Einstein's notation.
    () => {
      const [one, other] = [pick(maps), pick(maps)].map(({ name, channels }) =>
        put('Reshape', [name], { target_shape: [side * side, channels] }),
      ) as [string, string];
      const config = { num_heads: 2, key_dim: 3, use_bias: rng.next() < 0.5, output_shape: pick([null, 4]) };
      const seen = put('MultiHeadAttention', rng.next() < 0.5 ? [one, other] : [one, other, other], config);
      const product = { equation: pick(['abc,cde->abde', 'abc,cde->adbe', 'abc,dce->abde']), bias_axes: pick(['de', null]) };
      const output_shape = product.equation.endsWith('adbe') ? [side, side * side, 3] : [side * side, side, 3];
      const made = put('EinsumDense', [seen], { ...product, output_shape, activation: pick(['relu', 'softmax']) });
      const folded = put('Reshape', [made], { target_shape: [side, side, 9] });
      return { name: folded, channels: 9 };
    },
    // A decoder: units that become channels.
    () => {
      const code = put('Dense', [put('Flatten', [pick(maps).name])], { units: side * side * 3, activation: 'relu' });
      return { name: put('Reshape', [code], { target_shape: [side, side, 3] }), channels: 3 };
    },
    // Channels that are cut and joined across each other.
    () => {
      const made = conv(pick(maps).name, 6);
      const mixed = put('Reshape', [made.name], {
        target_shape: pick([
          [side, 6, side],
          [side * 2, side, 3],
          [9, 6],
          [6, 9],
          [27, 2],
        ]),
      });
      return { name: put('Reshape', [mixed], { target_shape: [side, side, 6] }), channels: 6 };
    },
  ];
  const count = 3 + rng.integer(6);
  for (let i = 0; i < count; i++) {
    const made = pick(kinds)();
    if (made.channels <= 12) maps.push(made);
  }
  const last = maps.at(-1) ?? pick(maps);
  const flat = put(pick(['Flatten', 'GlobalAveragePooling2D', 'GlobalMaxPooling2D']), [last.name]);
  const hidden = put('Dense', [flat], { units: 5, activation: 'relu' });
  put('Dense', [hidden], { units: 3, activation: 'softmax' });
  return layers;
}

/** Where two convolutions look alike, the second becomes another call of the first. */
function shareLayers(model: Model): Model {
  const seen = new Map<string, Model['nodes'][number]>();
  const nodes = model.nodes.map((node) => {
    if (node.op !== 'Conv2D') return node;
    const shapes = Object.values(node.weights).map((id) => model.weights.get(id)?.shape);
    const key = JSON.stringify([node.attrs, shapes]);
    const first = seen.get(key);
    if (first === undefined) seen.set(key, node);
    return first === undefined ? node : { ...node, weights: first.weights };
  });
  return { ...model, nodes };
}

/** Units drawn at random, such that every kernel keeps at least one channel. */
function drawUnits({ axes, protections }: ChannelGraph, rng: Rng): UnitFlags {
  const removed = new Uint8Array(protections.length);
  for (const unit of protections.keys()) {
    if (protections[unit] !== undefined || rng.next() < 0.6) continue;
    removed[unit] = 1;
    const emptied = axes.some(({ use, units }) => use === 'makes' && units.every((other) => removed[other] === 1));
    if (emptied) removed[unit] = 0;
  }
  return removed;
}

/** The model with zeros wherever a tensor counts one of the units. */
function zeroed(model: Model, { axes }: ChannelGraph, removed: UnitFlags): Model {
  const changes = new Map<string, Weight>();
  for (const { weight: id, axis, units } of axes) {
    const weight = changes.get(id) ?? model.weights.get(id);
    if (weight === undefined) continue;
    const stride = axisStride(weight.shape, axis);
    const values = weight.values.map((value, at) =>
      removed[units[Math.floor(at / stride) % units.length] as number] === 1 ? 0 : value,
    );
    changes.set(id, { ...weight, values });
  }
  return withWeights(model, changes);
}

async function answers(model: Model, input: Float32Array): Promise<Float32Array> {
  const predictor = await createPredictor(model);
  const [values = new Float32Array()] = await predictor.predict([input], 1);
  predictor.dispose();
  return values;
}

beforeAll(() => startBackend('simd'));
afterAll(() => stopBackend('simd'));

it('removes exactly what zeros would silence, over 300 random graphs', async () => {
  const rng = createRng(11);
  let smaller = 0;
  for (let seed = 0; seed < 300; seed++) {
    const model = shareLayers(buildNet(`random ${seed}`, [side, side, 2], randomLayers(rng), seed));
    const graph = channelGraph(model);
    const removed = drawUnits(graph, rng);
    const pruned = withoutUnits(model, graph, removed);
    validateModel(pruned);
    if (removed.includes(1)) smaller++;
    const input = Float32Array.from({ length: elementCount([side, side, 2]) }, () => rng.normal());
    const difference = relativeDifference(await answers(zeroed(model, graph, removed), input), await answers(pruned, input));
    expect(difference, `seed ${seed}: ${model.nodes.map(({ name }) => name).join(' ')}`).toBeLessThan(1e-5);
  }
  expect(smaller).toBeGreaterThan(280);
});
