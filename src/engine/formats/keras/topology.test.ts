import { describe, expect, it } from 'vitest';
import { StudioError } from '../../errors.ts';
import type { Json } from '../../model/model.ts';
import { createNotes } from '../repairs.ts';
import { bindByOrder, type Holder, type StoredTensor } from './bind.ts';
import { snakeCase } from './class-groups.ts';
import { type FlatModel, flatten } from './flatten.ts';

import { topologicalOrder } from './order.ts';
import { readTopology } from './topology.ts';

type Config = Record<string, Json>;

const layer = (name: string, className: string, from: Json, config: Config = {}): Config => ({
  class_name: className,
  name,
  config: { name, ...config },
  inbound_nodes: from,
});
const input = (name: string, shape: Json = [null, 4]): Config => layer(name, 'InputLayer', [], { batch_input_shape: shape });
const dense = (name: string, from: Json): Config => layer(name, 'Dense', from, { units: 4 });
const model = (layers: Config[], inputs: Json, outputs: Json, name = 'net'): Config => ({
  class_name: 'Model',
  config: { name, layers, input_layers: inputs, output_layers: outputs },
});
const open = (json: Json): FlatModel & { codes: string[] } => {
  const notes = createNotes();
  const flat = flatten(readTopology(json, 'net.json', notes), 2, notes);
  return { ...flat, codes: notes.list().map(({ code }) => code) };
};
const problem = (json: Json): StudioError => {
  try {
    open(json);
  } catch (error) {
    if (error instanceof StudioError) return error;
    throw error;
  }
  throw new Error('it opened');
};

describe('shared and nested layers', () => {
  it('makes a node of each call of a shared layer, with the same leaf', () => {
    const flat = open(
      model(
        [
          input('a'),
          input('b'),
          dense('shared', [[['a', 0, 0, {}]], [['b', 0, 0, {}]]]),
          layer('sum', 'Add', [
            [
              ['shared', 0, 0, {}],
              ['shared', 1, 0, {}],
            ],
          ]),
        ],
        [
          ['a', 0, 0],
          ['b', 0, 0],
        ],
        [['sum', 0, 0]],
      ),
    );
    expect(flat.nodes.map(({ name, inputs }) => [name, inputs])).toEqual([
      ['shared', ['a']],
      ['shared:2', ['b']],
      ['sum', ['shared', 'shared:2']],
    ]);
    expect(flat.leaves.get('shared')).toBe(flat.leaves.get('shared:2'));
    expect(flat.inputs.map(({ name }) => name)).toEqual(['a', 'b']);
  });

  it.each([[0], [1]])('finds the calls of a nested model whose indices start at %i', (start) => {
    const inner = {
      ...model([input('x'), dense('d', [[['x', 0, 0, {}]]])], [['x', 0, 0]], [['d', 0, 0]], 'inner'),
      name: 'inner',
    };
    const flat = open(
      model(
        [
          input('a'),
          { ...inner, inbound_nodes: [[['a', 0, 0, {}]], [['inner', start, 0, {}]]] },
          layer('sum', 'Add', [
            [
              ['inner', start, 0, {}],
              ['inner', start + 1, 0, {}],
            ],
          ]),
        ],
        [['a', 0, 0]],
        [['sum', 0, 0]],
      ),
    );
    expect(flat.nodes.map(({ name, inputs }) => [name, inputs])).toEqual([
      ['inner/d', ['a']],
      ['inner:2/d', ['inner/d']],
      ['sum', ['inner/d', 'inner:2/d']],
    ]);
    expect(flat.leaves.get('inner:2/d')?.path).toBe('inner/d');
  });

  it('reads inputs that are named in the call', () => {
    const tensor = { class_name: '__keras_tensor__', config: { shape: [null, 4], dtype: 'float32', keras_history: ['a', 0, 0] } };
    const named = { ...dense('d', [{ args: [], kwargs: { inputs: tensor } }]), module: 'keras.layers' };
    const flat = open(model([input('a'), named], [['a', 0, 0]], [['d', 0, 0]]));
    expect(flat.nodes.map(({ name, inputs }) => [name, inputs])).toEqual([['d', ['a']]]);
    const training = { ...named, inbound_nodes: [{ args: [tensor], kwargs: { training: true } }] };
    expect(problem(model([input('a'), training], [['a', 0, 0]], [['d', 0, 0]])).detail).toContain('training = true');
  });

  it('drops augmentation, and turns an activation saved as a layer into one', () => {
    const leaky = { class_name: 'LeakyReLU', config: { name: 'leaky', negative_slope: 0.1 } };
    const flat = open({
      class_name: 'Sequential',
      config: {
        name: 's',
        layers: [
          { class_name: 'RandomFlip', config: { name: 'flip', batch_input_shape: [null, 4], mode: 'horizontal' } },
          { class_name: 'Dense', config: { name: 'd', units: 2, activation: leaky } },
        ],
      },
    });
    expect(flat.nodes.map(({ name, op, inputs }) => [name, op, inputs])).toEqual([
      ['d', 'Dense', ['flip_input']],
      ['d/activation', 'LeakyReLU', ['d']],
    ]);
    expect(flat.outputs).toEqual(['d/activation']);
    expect(flat.codes).toEqual(['KERAS_AUGMENTATION', 'KERAS_ACTIVATION_LAYER', 'KERAS_NEGATIVE_SLOPE']);
  });
});

describe('functions that Keras 2 saves as layers', () => {
  const called = (name: string, inbound: Json, className = 'TFOpLambda'): FlatModel & { codes: string[] } =>
    open(
      model(
        [input('a', [null, 4, 6]), input('b', [null, 4, 6]), layer('f', className, inbound, { function: name })],
        [
          ['a', 0, 0],
          ['b', 0, 0],
        ],
        [['f', 0, 0]],
      ),
    );
  const slice = (start: Json, stop: Json): Json => ({ start, stop, step: null });

  it.each<[string, Json, [string, Json, string[]][]]>([
    ['__operators__.add', [['a', 0, 0, { y: 1, name: null }]], [['Rescaling', { scale: 1, offset: 1 }, ['a']]]],
    [
      'math.subtract',
      [['_CONSTANT_VALUE', -1, 2, { y: ['a', 0, 0], name: null }]],
      [['Rescaling', { scale: -1, offset: 2 }, ['a']]],
    ],
    ['math.multiply', [['a', 0, 0, { y: ['b', 0, 0], name: null }]], [['Multiply', {}, ['a', 'b']]]],
    ['math.truediv', [['a', 0, 0, { y: 4, name: null }]], [['Rescaling', { scale: 0.25, offset: 0 }, ['a']]]],
    ['nn.relu6', [['a', 0, 0, { name: null }]], [['Activation', { activation: 'relu6' }, ['a']]]],
    ['math.reduce_mean', [['a', 0, 0, { axis: 1, keepdims: true }]], [['GlobalAveragePooling1D', { keepDims: true }, ['a']]]],
    [
      'concat',
      [
        [
          ['a', 0, 0, { axis: 1 }],
          ['b', 0, 0, { axis: 1 }],
        ],
      ],
      [['Concatenate', { axis: 1 }, ['a', 'b']]],
    ],
    ['nn.sparsemax', [['a', 0, 0, { axis: -1 }]], [['Activation', { activation: 'sparsemax' }, ['a']]]],
    ['threshold', [['a', 0, 0, { threshold: 0.5, default_value: 0 }]], [['ThresholdedReLU', { theta: 0.5 }, ['a']]]],
    ['reshape', [['a', 0, 0, { shape: [-1, 24] }]], [['Reshape', { targetShape: [24] }, ['a']]]],
    ['compat.v1.transpose', [['a', 0, 0, { perm: [0, 2, 1] }]], [['Permute', { dims: [2, 1] }, ['a']]]],
  ])('%s', (name, inbound, expected) => {
    const flat = called(name, inbound);
    expect(flat.nodes.map(({ op, attrs, inputs }) => [op, attrs, inputs])).toEqual(expected);
    expect(flat.outputs).toEqual(['f']);
    expect(flat.codes).toContain('KERAS_FUNCTIONS');
  });

  it('a gated linear unit is one half times the sigmoid of the other', () => {
    const flat = called('nn.glu', [['a', 0, 0, { axis: -1 }]]);
    const half = ['Reshape', 'Cropping2D', 'Reshape'];
    expect(flat.nodes.map(({ op }) => op)).toEqual([...half, ...half, 'Activation', 'Multiply']);
    expect(flat.nodes.filter(({ op }) => op === 'Cropping2D').map(({ attrs }) => attrs.cropping)).toEqual([
      [
        [0, 0],
        [0, 3],
      ],
      [
        [0, 0],
        [3, 0],
      ],
    ]);
    const [left, gate] = [flat.nodes[2]?.outputs[0], flat.nodes[6]?.outputs[0]];
    expect([flat.nodes[7]?.inputs, flat.nodes[3]?.inputs, flat.nodes[0]?.inputs]).toEqual([[left, gate], ['a'], ['a']]);
  });

  it('parts of a sample are croppings', () => {
    const spec = [slice(null, null), slice(1, -1), 0];
    const flat = called('__operators__.getitem', [['a', 0, 0, { slice_spec: spec }]], 'SlicingOpLambda');
    expect(flat.nodes.map(({ op }) => op)).toEqual([
      'Reshape',
      'Cropping2D',
      'Reshape',
      'Reshape',
      'Cropping2D',
      'Reshape',
      'Reshape',
    ]);
    expect(flat.nodes.at(-1)?.attrs).toEqual({ targetShape: [2] });
  });

  it.each<[string, Json]>([
    ['math.truediv', [['_CONSTANT_VALUE', -1, 2, { y: ['a', 0, 0] }]]],
    ['math.reduce_mean', [['a', 0, 0, { axis: 2 }]]],
    ['threshold', [['a', 0, 0, { threshold: 0.5, default_value: 1 }]]],
    ['image.resize', [['a', 0, 0, { size: [8, 8] }]]],
    ['reshape', [['a', 0, 0, { shape: [4, -1] }]]],
  ])('%s is refused with arguments that no layer has', (name, inbound) => {
    expect(() => called(name, inbound)).toThrow(StudioError);
    expect(() => called(name, inbound)).toThrow('(layer "f")');
  });
});

describe('masks and states', () => {
  const chain = (...entries: [string, string, Config][]): Config => ({
    class_name: 'Sequential',
    config: {
      name: 's',
      layers: [
        input('x', [null, 5]),
        ...entries.map(([name, className, config]) => ({ class_name: className, config: { name, ...config } })),
      ],
    },
  });
  const words: [string, string, Config] = ['words', 'Embedding', { input_dim: 9, output_dim: 3, mask_zero: true }];
  const inputsOf = (flat: FlatModel) => Object.fromEntries(flat.nodes.map(({ name, inputs }) => [name, inputs]));

  it('go from layer to layer up to the last that gives out every step', () => {
    const inner = { class_name: 'Dense', config: { name: 'inner', units: 4 } };
    const flat = open(
      chain(
        words,
        ['each', 'TimeDistributed', { layer: inner }],
        ['first', 'LSTM', { units: 2, return_sequences: true, stateful: true, dropout: 0.2 }],
        ['last', 'GRU', { units: 2 }],
        ['out', 'Dense', { units: 2 }],
      ),
    );
    expect(inputsOf(flat)).toEqual({ words: ['x'], each: ['words'], first: ['each', 'x'], last: ['first', 'x'], out: ['last'] });
    expect(flat.nodes[1]?.op).toBe('Dense');
    expect(flat.codes).toEqual(['KERAS_STATEFUL', 'KERAS_RECURRENT_DROPOUT']);
  });

  it('normalizations around all steps count their axes with the steps', () => {
    const within = (className: string, axis: Json): [string, string, Config] => [
      className,
      'TimeDistributed',
      { layer: { class_name: className, config: { name: 'in', axis } } },
    ];
    const flat = open(
      chain(['words', 'Embedding', words[2]], within('BatchNormalization', [1]), within('LayerNormalization', -1)),
    );
    expect(flat.nodes.map(({ op, attrs }) => [op, attrs.axis ?? attrs.axes])).toEqual([
      ['Embedding', undefined],
      ['BatchNormalization', 2],
      ['LayerNormalization', [-1]],
    ]);
  });

  it('of a Masking layer hold its value', () => {
    const flat = open({
      class_name: 'Sequential',
      config: {
        name: 's',
        layers: [
          input('x', [null, 5, 2]),
          { class_name: 'Masking', config: { name: 'm', mask_value: -1 } },
          { class_name: 'LSTM', config: { name: 'l', units: 2 } },
        ],
      },
    });
    expect(inputsOf(flat).l).toEqual(['m', 'x']);
    expect(flat.nodes[1]?.attrs.maskValue).toBe(-1);
  });

  const tensor = (...history: Json[]): Config => ({
    class_name: '__keras_tensor__',
    config: { shape: [null, 5], keras_history: history },
  });
  const called = (name: string, className: string, args: Json[], kwargs: Config = {}, config: Config = {}): Config => ({
    ...layer(name, className, [{ args, kwargs }], config),
    ...(className === 'NotEqual' ? { module: 'keras.src.ops.numpy' } : {}),
  });
  /** As Keras 3 writes a functional model; `value` is what its comparison masks. */
  const recent = (value: number): Config =>
    model(
      [
        input('x', [null, 5]),
        called('words', 'Embedding', [tensor('x', 0, 0)], {}, { trainable: true, input_dim: 9, output_dim: 3, mask_zero: true }),
        called('not_equal', 'NotEqual', [tensor('x', 0, 0), value]),
        called('l', 'LSTM', [tensor('words', 0, 0)], { mask: tensor('not_equal', 0, 0) }, { trainable: true, units: 2 }),
      ],
      [['x', 0, 0]],
      [['l', 0, 0]],
    );

  it('as arguments of Keras 3 are read where they are what layers hand on, else refused', () => {
    expect(inputsOf(open(recent(0)))).toEqual({ words: ['x'], l: ['words', 'x'] });
    expect(problem(recent(1)).detail).toContain('mask = one that no layer before it hands on');
  });

  it.each<[string, Config, string]>([
    ['GlobalAveragePooling1D', chain(words, ['mean', 'GlobalAveragePooling1D', {}]), 'leaves out the steps'],
    [
      'LSTM',
      model(
        [
          input('x', [null, 5, 2]),
          layer('a', 'LSTM', [[['x', 0, 0, {}]]], { units: 2, return_state: true }),
          layer('b', 'Dense', [[['a', 1, 0, {}]]], { units: 2 }),
        ],
        [['x', 0, 0]],
        [['b', 0, 0]],
      ),
      'not there',
    ],
    [
      'LSTM',
      model(
        [
          input('x', [null, 5, 2]),
          layer('a', 'LSTM', [[['x', 0, 0, {}]]], { units: 2, return_state: true }),
          layer('b', 'Dense', [[['a', 0, 1, {}]]], { units: 2 }),
        ],
        [['x', 0, 0]],
        [['b', 0, 0]],
      ),
      'It gives its states to other layers',
    ],
    [
      'LSTM',
      model(
        [
          input('x', [null, 5, 2]),
          input('h', [null, 2]),
          layer(
            'a',
            'LSTM',
            [
              [
                ['x', 0, 0, {}],
                ['h', 0, 0, {}],
                ['h', 0, 0, {}],
              ],
            ],
            { units: 2 },
          ),
        ],
        [
          ['x', 0, 0],
          ['h', 0, 0],
        ],
        [['a', 0, 0]],
      ),
      'given its first states by other layers',
    ],
  ])('of %s that can not be followed are refused', (_, json, reason) => {
    expect(problem(json).detail).toContain(reason);
  });
});

describe('refused by name', () => {
  const sequence = (entry: Json): Config => ({ class_name: 'Sequential', config: { name: 's', layers: [input('i'), entry] } });

  it.each([
    ['Lambda', {}, 'A Lambda layer holds Python code'],
    ['CuDNNLSTM', {}, 'LSTM, GRU, SimpleRNN, and Bidirectional'],
    ['TFOpLambda', {}, 'bare function call'],
    ['Add', { module: 'keras.src.ops.numpy' }, 'bare function call in Python (keras.src.ops.numpy)'],
    ['Gate', { module: 'my_project', registered_name: 'mine>Gate' }, 'class of its own'],
    ['Hashing', { module: 'keras.layers' }, 'prepares texts, categories or sounds'],
    ['Discretization', {}, 'prepares texts, categories or sounds'],
    ['CategoryEncoding', {}, 'prepares texts, categories or sounds'],
    ['StringLookup', {}, 'prepares texts, categories or sounds'],
    ['SpectralNormalization', { module: 'keras.layers' }, 'no exact arithmetic'],
  ])('%s %o', (className, extra, reason) => {
    const error = problem(sequence({ class_name: className, config: { name: 'odd' }, ...extra }));
    expect(error.code).toBe('FORMAT_KERAS_UNSUPPORTED_LAYER');
    expect(error.title).toContain(`${className} (layer "odd")`);
    expect(error.detail).toContain(reason);
    expect(error.hint).not.toBe('');
  });

  it('what runs on every step by itself: layers and models that are none', () => {
    const around = (class_name: string): Json => ({
      class_name: 'TimeDistributed',
      config: { name: 'odd', layer: { class_name, config: { name: 'in', layers: [] } } },
    });
    expect(problem(sequence(around('Lambda'))).title).toContain('Lambda (layer "odd")');
    expect(problem(sequence(around('Sequential'))).detail).toContain('a whole model on every step');
    expect(problem(sequence(around('Add'))).title).toContain('the layer Add inside');
  });

  it('a layer called with arguments that change it', () => {
    const error = problem(model([input('a'), dense('d', [[['a', 0, 0, { training: true }]]])], [['a', 0, 0]], [['d', 0, 0]]));
    expect(error.detail).toContain('training = true');
  });

  it('policies of quantized layers', () => {
    const policy = { class_name: 'QuantizedDTypePolicy', config: { mode: 'float8', source_name: 'float32' } };
    const error = problem(sequence({ class_name: 'Dense', config: { name: 'd', units: 2, dtype: policy } }));
    expect(error.code).toBe('FORMAT_KERAS_QUANTIZED');
  });

  it('text inputs', () => {
    const strings = layer('words', 'InputLayer', [], { batch_input_shape: [null, 1], dtype: 'string' });
    expect(problem(model([strings, dense('d', [[['words', 0, 0, {}]]])], [['words', 0, 0]], [['d', 0, 0]])).code).toBe(
      'FORMAT_KERAS_INPUT_DTYPE',
    );
  });

  it('a Sequential model that was never built', () => {
    const error = problem({
      class_name: 'Sequential',
      config: { name: 's', layers: [{ class_name: 'Dense', config: { name: 'd', units: 2 } }] },
    });
    expect(error.code).toBe('FORMAT_KERAS_NO_INPUT_SHAPE');
  });

  it('layers in a circle', () => {
    const error = problem(
      model([input('a'), dense('x', [[['y', 0, 0, {}]]]), dense('y', [[['x', 0, 0, {}]]])], [['a', 0, 0]], [['y', 0, 0]]),
    );
    expect(error.code).toBe('FORMAT_KERAS_CYCLE');
    expect(error.detail).toContain('"x", "y"');
  });

  it('models nested into each other so that calls multiply', () => {
    let inner: Config = { ...dense('d', []), name: 'd' };
    inner = { ...model([input('x'), dense('d', [[['x', 0, 0, {}]]])], [['x', 0, 0]], [['d', 0, 0]], 'm0'), name: 'm0' };
    for (let level = 1; level <= 20; level++) {
      const below = `m${level - 1}`;
      const twice = { ...inner, inbound_nodes: [[['x', 0, 0, {}]], [[below, 1, 0, {}]]] };
      inner = { ...model([input('x'), twice], [['x', 0, 0]], [[below, 2, 0]], `m${level}`), name: `m${level}` };
    }
    expect(problem(inner).code).toBe('MODEL_TOO_COMPLEX');
  });

  it.each([['__proto__'], ['constructor'], ['toString']])('takes a layer called %s for an odd name, nothing more', (name) => {
    const flat = open(
      JSON.parse(
        JSON.stringify(model([input('a'), dense('NAME', [[['a', 0, 0, {}]]])], [['a', 0, 0]], [['NAME', 0, 0]])).replaceAll(
          'NAME',
          name,
        ),
      ),
    );
    expect(flat.nodes.map((node) => node.name)).toEqual([name]);
    expect(Object.prototype).not.toHaveProperty('units');
  });
});

it('orders a chain of 100,000 layers without recursion', () => {
  const count = 100_000;
  const sorted = topologicalOrder(count, (item) => (item === count - 1 ? [] : [item + 1]));
  expect('order' in sorted && sorted.order[0]).toBe(count - 1);
});

it('names groups as Keras does', () => {
  const names = [
    'Conv2D',
    'BatchNormalization',
    'SeparableConv2D',
    'PReLU',
    'ReLU',
    'DepthwiseConv2D',
    'Dense',
    'LSTM',
    'UpSampling2D',
  ];
  expect(names.map(snakeCase)).toEqual(
    'conv2d batch_normalization separable_conv2d p_re_lu re_lu depthwise_conv2d dense lstm up_sampling2d'.split(' '),
  );
});

it('binds a nested model with a frozen layer in the order of Keras: trained tensors first, then the others', () => {
  const slot = (role: string) => ({ role, shape: [2], channelAxis: 0, kind: 'vector' as const });
  const holder = (name: string, roles: string[], trainable: boolean): Holder => ({
    path: `m/${name}`,
    chain: ['m', name],
    slots: roles.map(slot),
    trainable,
  });
  const tensor = (name: string): StoredTensor => ({
    name,
    shape: [2],
    load: () => ({ values: new Float32Array(2), encoding: { kind: 'float32' }, converted: false }),
  });
  const batch = ['gamma', 'beta', 'moving_mean', 'moving_variance'];
  const holders = [holder('frozen', batch, false), holder('bn', batch, true)];
  const names = [
    'b/gamma:0',
    'b/beta:0',
    'f/gamma:0',
    'f/beta:0',
    'f/moving_mean:0',
    'f/moving_variance:0',
    'b/moving_mean:0',
    'b/moving_variance:0',
  ];
  const bindings = bindByOrder(holders, names.map(tensor));
  expect(bindings?.get('m/frozen')?.map(({ name }) => name)).toEqual(batch.map((role) => `f/${role}:0`));
  expect(bindings?.get('m/bn')?.map(({ name }) => name)).toEqual(batch.map((role) => `b/${role}:0`));
});
