import { createHash } from 'node:crypto';
import type { Group } from 'h5wasm';
import { describe, expect, it } from 'vitest';
import { fixtures, fixturesPresent } from '../../../../../scripts/fixtures.ts';
import type { Context } from '../../../context.ts';
import { createRng } from '../../../math/rng.ts';
import type { Json, Model } from '../../../model/model.ts';
import { caseModel, opCases } from '../../../model/ops/cases.ts';
import { inHdf5, kerasArchive, tinyTopology, tinyWeightStore } from '../../../testing/model-files.ts';
import { onGrid, smallModel } from '../../../testing/small-model.ts';
import { archiveEntries, sourceFile } from '../../files.ts';
import { openModel } from '../../index.ts';
import { kerasH5 } from '../h5.ts';
import { kerasZip } from '../keras-zip.ts';
import { kerasTopology } from './config.ts';

const context: Context = { signal: new AbortController().signal, report: () => {}, rng: createRng(1) };
const formats = [
  [kerasZip, 3],
  [kerasH5, 2],
] as const;
type Written = (typeof formats)[number][0];

async function bytesOf(format: Written, model: Model): Promise<Uint8Array<ArrayBuffer>> {
  const [file] = (await format.write?.(model, { precision: 'encoded' }, context)) ?? [];
  return file?.bytes ?? new Uint8Array();
}

const reread = async (format: Written, model: Model): Promise<Model> =>
  openModel([sourceFile(`model${format.extensions[0]}`, await bytesOf(format, model))], {}, context);

/** Layers with what they compute, how they are joined, and their numbers by position. */
function contentOf(model: Model) {
  const ids = new Map<string, number>();
  const place = (value: string): number => {
    ids.set(value, ids.get(value) ?? ids.size);
    return ids.get(value) as number;
  };
  const inputs = model.inputs.map(({ value, shape, dtype }) => [place(value), shape, dtype]);
  const nodes = model.nodes.map(({ op, attrs, inputs: from, outputs, weights }) => ({
    ...{ op, attrs, from: from.map(place), to: outputs.map(place) },
    weights: Object.entries(weights).map(([role, id]) => [role, model.weights.get(id)?.shape, model.weights.get(id)?.values]),
  }));
  return { inputs, nodes, outputs: model.outputs.map(place), stored: model.weights.size };
}

const shared = smallModel(
  { a: [4], b: [4], c: [4] },
  [
    { name: 'd1', op: 'Dense', config: { units: 4, activation: 'tanh' }, inputs: ['b'] },
    { name: 'd2', op: 'Dense', config: { units: 4, activation: 'swish' }, inputs: ['a'] },
    { name: 'd1:2', op: 'Dense', config: { units: 4, activation: 'tanh' }, inputs: ['d2'], shares: 'd1' },
    { name: 'add', op: 'Add', inputs: ['d1:2', 'd1'] },
    { name: 'd3', op: 'Dense', config: { units: 4 } },
    { name: 'mul', op: 'Multiply', inputs: ['d3', 'd2'] },
    { name: 'd2:2', op: 'Dense', config: { units: 4, activation: 'swish' }, inputs: ['d1'], shares: 'd2' },
  ],
  { outputs: ['mul', 'd2:2'] },
);

const inside = (class_name: string, config: object) => ({ class_name, config: { name: 'rnn', ...config } }) as never;

const lackedBy3 = /"hard_sigmoid"|gelu_tanh|^ThresholdedReLU |^SeparableConv1D .*causal/;
const lackedBy2 =
  /"hard_sigmoid_3"|gelu_tanh|hard_silu|hard_tanh|shrink|log_sigmoid|squareplus|sparse_|sparsemax|^(RMSNormalization|GroupQueryAttention) |^SeparableConv1D .*causal/;

describe.each(formats)('%s', (format, keras) => {
  it.each(opCases.map((opCase) => [opCase.name, opCase] as const))('%s comes back as it was', async (_, opCase) => {
    const model = caseModel(opCase);
    if (format.cannotExpress?.(model).some(({ code }) => code === 'layer-not-in-keras')) {
      await expect(bytesOf(format, model)).rejects.toMatchObject({ code: 'EXPORT_LAYER' });
      // A mask is no input in Keras.
      if (/^(LSTM|GRU)$/.test(opCase.className) && opCase.inputs.length > 1) return;
      // What one version of Keras has and the other lacks.
      const [node] = model.nodes;
      expect(`${node?.op} ${JSON.stringify(node?.attrs)}`).toMatch(keras === 3 ? lackedBy3 : lackedBy2);
      return;
    }
    expect(contentOf(await reread(format, model))).toEqual(contentOf(model));
  });

  it('several inputs and outputs, shared layers: stored once, called in the same places', async () => {
    const again = await reread(format, shared);
    expect(again.inputs.map(({ name }) => name)).toEqual(['a', 'b', 'c']);
    expect(again.weights.size).toBe(6);
    const flow = new Map(again.nodes.map(({ outputs, weights, inputs }) => [outputs[0], [weights.kernel, inputs]]));
    const [first, second] = again.outputs.map((value) => again.nodes.find(({ outputs }) => outputs[0] === value));
    expect([first?.op, second?.weights.kernel]).toEqual(['Multiply', 'd2/kernel']);
    expect(flow.get(second?.inputs[0])).toEqual(['d1/kernel', ['b']]);
    for (const [id, { values }] of shared.weights) expect(again.weights.get(id)?.values).toEqual(values);
  });

  it('a nested model is unfolded, its path in the names', async () => {
    const archive = kerasArchive(tinyTopology(3), await tinyWeightStore());
    const model = await openModel([sourceFile('net.keras', archive)], {}, context);
    const again = await reread(format, model);
    expect(again.nodes.map(({ name }) => name)).toEqual(['conv', 'bn', 'dw', 'add', 'head_flat', 'head_logits']);
    expect(contentOf(again)).toEqual(contentOf(model));
  });

  it('the same model gives the same bytes, whatever the clock says', async () => {
    expect(await bytesOf(format, shared)).toEqual(await bytesOf(format, { ...shared }));
  });

  it('codes are written as what they stand for, said before', async () => {
    const model = onGrid(shared, 'd1/kernel', { bits: 4, axis: 1, symmetric: true });
    const [loss, ...others] = format.cannotExpress?.(model) ?? [];
    expect([loss?.code, others]).toEqual(['keras-without-codes', []]);
    expect(loss?.text).toContain('1 tensors are written as the float32 numbers');
    expect((await reread(format, model)).weights.get('d1/kernel')?.values).toEqual(model.weights.get('d1/kernel')?.values);
    expect(format.cannotExpress?.(shared)).toEqual([]);
  });
});

describe.each(formats)('masks in %s', (format) => {
  const units = (more: object) => ({ units: 3, recurrent_activation: 'sigmoid', reset_after: true, ...more });
  /** Recurrent layers behind an Embedding, one of them behind a Dense, and one behind a Masking. */
  const net = smallModel({ ids: [5], x: [4, 2] }, [
    { name: 'emb', op: 'Embedding', config: { input_dim: 6, output_dim: 4, mask_zero: true }, inputs: ['ids'] },
    {
      name: 'rnn',
      op: 'Bidirectional',
      config: { layer: inside('LSTM', units({ return_sequences: true })) },
      inputs: ['emb', 'ids'],
    },
    { name: 'fc', op: 'Dense', config: { units: 3 } },
    { name: 'last', op: 'GRU', config: units({}), inputs: ['fc', 'ids'] },
    { name: 'skip', op: 'Masking', config: { mask_value: 0.5 }, inputs: ['x'] },
    { name: 'other', op: 'GRU', config: units({}), inputs: ['skip', 'x'] },
    { name: 'both', op: 'Concatenate', inputs: ['last', 'other'] },
  ]);
  const nodes = net.nodes.map((node) => (node.name === 'other' ? { ...node, attrs: { ...node.attrs, maskValue: 0.5 } } : node));
  const model = { ...net, nodes };

  it('are handed on by the layers that begin them, and read back as inputs', async () => {
    const again = await reread(format, model);
    const seen = ({ name, inputs, attrs }: Model['nodes'][number]) => [name, inputs, attrs];
    const byName = (all: Model['nodes']) => all.map(seen).sort(([a], [b]) => (String(a) < String(b) ? -1 : 1));
    expect(byName(again.nodes)).toEqual(byName(model.nodes));
    expect(contentOf(again).stored).toBe(contentOf(model).stored);
  });

  it('that Keras would not hand on, or would where there is none, are refused by layer', async () => {
    const changed = (name: string, change: (node: Model['nodes'][number]) => object): Model => ({
      ...model,
      nodes: model.nodes.map((node) => (node.name === name ? { ...node, ...change(node) } : node)),
    });
    const refusedIn = (other: Model) =>
      (format.cannotExpress?.(other) ?? []).flatMap(({ code, layer }) => (code === 'layer-not-in-keras' ? [layer] : []));
    expect(refusedIn(model)).toEqual([]);
    expect(refusedIn(changed('last', ({ inputs }) => ({ inputs: inputs.slice(0, 1) })))).toEqual(['last']);
    expect(refusedIn(changed('emb', ({ attrs }) => ({ attrs: { ...attrs, maskZero: false } })))).toEqual(['rnn', 'last']);
    expect(refusedIn(changed('other', ({ attrs }) => ({ attrs: { ...attrs, maskValue: 1 } })))).toEqual(['other']);
  });
});

it('says which layers of a .h5 file Keras 3 would make others of', () => {
  const older = smallModel({ a: [4] }, [
    { name: 'old', op: 'Dense', config: { units: 4, activation: 'hard_sigmoid' } },
    { name: 'both', op: 'Dense', config: { units: 4, activation: 'sigmoid' } },
  ]);
  expect(kerasH5.cannotExpress?.(older).map(({ layer, code }) => [layer, code])).toEqual([['old', 'keras-2-only']]);
});

it('lists layers in the order of Keras, by which it counts groups of weights', () => {
  // keras 3.15.1: a, b, c = Input(4) …; x = d1(b); y = d2(a); w = d3(add([d1(y), x]));
  // [l.name for l in Model([a, b, c], [mul([w, y]), d2(x)]).layers]
  expect(kerasTopology(shared).stored.map(({ name }) => name)).toEqual(['a', 'd2', 'b', 'd1', 'add', 'd3', 'c', 'mul']);
});

/** Every value of a JSON by its path. */
function leaves(json: Json, path = ''): [string, Json][] {
  if (typeof json !== 'object' || json === null) return [[path, json]];
  const own = Object.entries(json);
  return own.length === 0 ? [[path, json]] : own.flatMap(([key, value]) => leaves(value as Json, `${path}/${key}`));
}

describe.skipIf(!fixturesPresent)('beside files that Keras wrote', () => {
  /** Settings that no longer matter once a model is trained, and the optimizer's; Keras fills in the rest. */
  const leftOut = /_(initializer|regularizer|constraint)\b|\/compile_config\/|\/(groups|seed|noise_shape)$|\/data_format$/;

  const recurrent = 'keras-emg-pairs/output/SavedModels/RNN2';
  /** Settings with their default, which Keras fills in; unrolled loops compute the same. */
  const ofMasks = '/config/layers/*/config/zero_output_for_mask';
  const loops = ['/config/layers/*/config/unroll', ofMasks];
  /** Keras 3.9 writes the type as an object of its policy, which is the text that is written here. */
  const later = ['/config/dtype', '/config/layers/*/config/ragged', '/config/layers/*/config/dtype', ...loops];
  /** Every `.keras` of the corpus that opens, with what differs beside the name of the model. */
  it.each<[string, string[]]>([
    ['keras-moonflower-mnist/mnist_model.keras', []],
    ['keras-lstmpractice/lstm_model.keras', [ofMasks]],
    [`${recurrent}/Saved_models_120ms/model.keras`, later],
    [`${recurrent}/Saved_models_120ms_2state/model.keras`, later],
    // A layer that stands in place of an activation's name is a layer of its own here.
    ['keras-colourspark/autoencoder.keras', ['activation']],
  ])('%s: config.json, metadata.json and the tree of weights', async (path, differing) => {
    const [file] = fixtures(path);
    if (file === undefined) throw new Error('no fixture');
    const theirs = new Map(archiveEntries(await file.bytes(), path).map((entry) => [entry.path, entry]));
    const bytes = await bytesOf(kerasZip, await openModel([file], {}, context));
    const ours = new Map(archiveEntries(bytes, path).map((entry) => [entry.path, entry]));
    expect([...ours.keys()]).toEqual([...theirs.keys()]);
    const jsonOf = async (entries: typeof ours, name: string): Promise<Json> =>
      JSON.parse(new TextDecoder().decode(await entries.get(name)?.bytes()));
    const metadata = (await jsonOf(ours, 'metadata.json')) as Record<string, string>;
    expect(Object.keys(metadata)).toEqual(Object.keys((await jsonOf(theirs, 'metadata.json')) as object));
    expect(metadata.date_saved).toMatch(/^\d{4}-\d\d-\d\d@\d\d:\d\d:\d\d$/);
    const treeOf = async (entries: typeof ours) => inHdf5((await entries.get('model.weights.h5')?.bytes()) as Uint8Array, tree);
    const [mine, real] = [await treeOf(ours), await treeOf(theirs)];
    const weights = real.filter(([name]) => !/^optimizer|\/activation(\/|$)/.test(name));
    if (differing.length > 0) {
      expect(mine.filter(([name]) => /\/vars\/\d/.test(name))).toEqual(weights.filter(([name]) => /\/vars\/\d/.test(name)));
      return;
    }
    expect(mine).toEqual(weights);
    const config = new Map(leaves(await jsonOf(ours, 'config.json')));
    const missing = leaves(await jsonOf(theirs, 'config.json')).filter(
      ([at, value]) => config.get(at) !== value && !leftOut.test(at),
    );
    const named = missing.map(([at]) => at.replace(/\/dtype\/.*/, '/dtype').replace(/layers\/\d+/, 'layers/*'));
    expect([...new Set(named)]).toEqual(['/config/name', ...differing]);
  });
});

/** Names, shapes and values of everything in a file. */
function tree(group: Group, path = ''): [string, Json][] {
  return group.keys().flatMap((name): [string, Json][] => {
    const child = group.get(name);
    const at = path + name;
    if (child !== null && 'keys' in child) return [[at, null], ...tree(child as Group, `${at}/`)];
    const { shape, value } = child as unknown as { shape: number[]; value: Float32Array | number };
    return [[at, [shape, value instanceof Float32Array ? createHash('sha1').update(value).digest('hex') : String(value)]]];
  });
}
