import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { applyRecipe } from '../../apply.ts';
import type { Context } from '../../context.ts';
import { StudioError } from '../../errors.ts';
import { estimateRecipe } from '../../estimate.ts';
import type { OutputFile, SourceFile } from '../../format.ts';
import { createRng } from '../../math/rng.ts';
import type { Json, Model } from '../../model/model.ts';
import type { Step } from '../../recipe.ts';
import { runRecipe } from '../../run.ts';
import { startBackend } from '../../runtime/backends.ts';
import { createPredictor } from '../../runtime/executor.ts';
import { searchRecipes } from '../../search/search.ts';
import { sketchModel } from '../../sketch.ts';
import { summarize } from '../../summary.ts';
import { jsonFile, zip } from '../../testing/model-files.ts';
import { tinyGraph, tinyGraphFiles, tinyGraphWeights } from '../../testing/tiny-graph.ts';
import { verifyTfjsGraph } from '../../verify-graph.ts';
import { sourceFile } from '../files.ts';
import { openModel, requireWritable } from '../index.ts';
import { tfjsLayers } from '../tfjs-layers/index.ts';
import { tfjsGraph } from './index.ts';

const context: Context = { signal: new AbortController().signal, report: () => {}, rng: createRng(1) };
const open = (files: readonly SourceFile[]): Promise<Model> => openModel(files, {}, context);
const recipe = (...steps: Step[]) => ({ recipe: 1, seed: 7, steps }) as const;
const inputs = (count: number): Float32Array => Float32Array.from({ length: count * 72 }, (_, i) => Math.sin(i));

/** The same net in operators of TF.js core, without the converter. */
function expected(values: Float32Array, count: number): number[] {
  const weights = tinyGraphWeights();
  return tf.tidy(() => {
    const of = (name: string) => {
      const { values: numbers = new Float32Array(), shape = [] } = weights.get(name) ?? {};
      return tf.tensor(numbers, [...shape]);
    };
    const x = tf.tensor4d(values, [count, 6, 6, 2]);
    const conv = tf.relu(tf.add(tf.conv2d(x, of('conv/kernel') as tf.Tensor4D, 1, 'same'), of('conv/bias'))) as tf.Tensor4D;
    const added = tf.add(conv, tf.depthwiseConv2d(conv, of('dw/kernel') as tf.Tensor4D, 1, 'same'));
    const head = tf.add(tf.matMul(tf.reshape(added, [count, 144]), of('head/kernel') as tf.Tensor2D), of('head/bias'));
    return [...tf.softmax(head).dataSync()];
  });
}

beforeAll(() => startBackend('simd'));

describe('a graph-model', () => {
  it('takes the largest of negative volumes, and says on which backends it would not', async () => {
    const list = (...i: number[]) => ({ list: { i: i.map(String) } });
    const dims = [-1, 2, 2, 4, 1].map((size) => ({ size: String(size) }));
    const node = [
      { name: 'x', op: 'Placeholder', attr: { dtype: { type: 'DT_FLOAT' }, shape: { shape: { dim: dims } } } },
      {
        ...{ name: 'pool', op: 'MaxPool3D', input: ['x'] },
        attr: {
          ksize: list(1, 2, 2, 2, 1),
          strides: list(1, 2, 2, 2, 1),
          padding: { s: btoa('VALID') },
          data_format: { s: btoa('NDHWC') },
        },
      },
    ];
    const model = await open([
      jsonFile('model.json', {
        format: 'graph-model',
        modelTopology: { node, versions: { producer: 808 } },
        weightsManifest: [],
      }),
    ]);
    expect(model.source.notes.find(({ code }) => code === 'GRAPH_VOLUMES')?.text).toContain('MaxPool3D');
    const predictor = await createPredictor(model);
    const [values] = await predictor.predict([Float32Array.from({ length: 16 }, (_, i) => -1 - i)], 1);
    predictor.dispose();
    expect([...(values ?? [])]).toEqual([-1, -3]);
  });

  it('is read as operators with the constants that each reads, with shapes and cost', async () => {
    const summary = summarize(await open(tinyGraphFiles()));
    const rows = summary.layers.map(({ name, op, shape, macs, weights }) => [
      ...[name, op, shape, macs],
      ...weights.map(({ id, role, kind }) => `${role} ${id} ${kind}`),
    ]);
    expect(rows).toEqual([
      ['conv', 'tf._FusedConv2D', [6, 6, 4], 36 * 72, 'kernel conv/kernel kernel', 'bias conv/bias vector'],
      ['dw', 'tf.DepthwiseConv2dNative', [6, 6, 4], 36 * 36, 'kernel dw/kernel kernel'],
      ['add', 'tf.AddV2', [6, 6, 4], 0],
      ['flat', 'tf.Reshape', [144], 0],
      ['head', 'tf.MatMul', [3], 432, 'kernel head/kernel kernel'],
      ['head/biased', 'tf.BiasAdd', [3], 0, 'bias head/bias vector'],
      ['answer', 'tf.Softmax', [3], 0],
    ]);
    expect([summary.format, summary.parameters, summary.macs]).toEqual(['tfjs-graph', 547, 2592 + 1296 + 432]);
    expect(summary.outputs).toEqual([{ name: 'answer', shape: [3] }]);
  });

  it.each([-1, 1, 2])('answers as the same net in single operators, taking batches of %i', async (batch) => {
    const predictor = await createPredictor(await open(tinyGraphFiles(batch)));
    const [answers = new Float32Array()] = await predictor.predict([inputs(3)], 3);
    const truth = expected(inputs(3), 3);
    expect(answers.length).toBe(9);
    expect(Math.max(...answers.map((value, i) => Math.abs(value - (truth[i] ?? Number.NaN))))).toBeLessThan(1e-6);
    // Weights and at least what the first layer makes of one sample.
    expect(predictor.peakBytes).toBeGreaterThan(547 * 4 + 144 * 4);
    const before = tf.memory().numTensors;
    await predictor.predict([inputs(3)], 3);
    expect(tf.memory().numTensors).toBe(before);
    predictor.dispose();
  });

  it('is found in a zip, in folders, and without a format', async () => {
    const { json, shards } = tinyGraph();
    const { format: _format, signature: _signature, ...bare } = json;
    const entries: Record<string, Uint8Array> = { 'net/model.json': await jsonFile('', bare).bytes() };
    for (const shard of shards) entries[`net/${shard.path}`] = await shard.bytes();
    const model = await open([sourceFile('net.zip', zip(entries))]);
    expect([model.source.format, model.name, model.outputs]).toEqual(['tfjs-graph', 'net', ['answer']]);
  });
});

const textOf = (files: readonly OutputFile[]): Record<string, Json> => JSON.parse(new TextDecoder().decode(files[0]?.bytes));

describe('a graph-model, compressed', () => {
  const write = (model: Model) => tfjsGraph.write?.(model, { precision: 'encoded' }, context) as Promise<OutputFile[]>;
  const verified = (model: Model, files: OutputFile[]) =>
    verifyTfjsGraph(
      { model, files, createPredictor, read: tfjsGraph.read, dataset: null, preprocessing: 'raw', limit: 5 },
      { ...context, rng: createRng(1) },
    );

  it.each<[string, Step, number]>([
    ['8 bits, asked for per channel', { use: 'quantize/affine', bits: 8, per: 'channel' }, 580],
    ['4 bits per tensor', { use: 'quantize/affine', bits: 4, per: 'tensor', symmetric: false }, 580],
    ['16 bits', { use: 'quantize/affine', bits: 16, per: 'tensor' }, 1120],
    ['half floats', { use: 'quantize/float16' }, 0],
    ['a palette', { use: 'quantize/codebook', bits: 3 }, 0],
    ['pruned', { use: 'prune/magnitude', sparsity: 0.5 }, 0],
  ])('%s: written, loaded by stock TF.js, outputs equal', async (_, step, bytes) => {
    const model = await open(tinyGraphFiles());
    const { model: result, notes } = await applyRecipe(model, recipe(step), context);
    const files = await write(result);
    const { maxRelativeError, text } = await verified(result, files);
    expect(maxRelativeError).toBeLessThan(1e-6);
    expect(text).toContain('Re-opened in stock TF.js');
    if (step.per === 'channel') expect(notes.map(({ code }) => code)).toContain('one-scale');
    const { weightsManifest, ...rest } = textOf(files);
    const { weightsManifest: _old, ...was } = tinyGraph().json;
    expect(rest).toEqual(was);
    const groups = weightsManifest as { weights: { name: string }[] }[];
    expect(groups.map(({ weights }) => weights.map(({ name }) => name))).toEqual([
      ['conv/kernel', 'conv/bias', 'dw/kernel'],
      ['head/kernel', 'head/bias', 'flat/zero', 'flat/one', 'flat/rest'],
    ]);
    // 540 weights of kernels as codes, 7 biases as float32, 3 whole numbers.
    const stored = files.slice(1).reduce((sum, file) => sum + file.bytes.length, 0);
    if (bytes > 0) expect(stored).toBe(bytes);
    expect(await write(result)).toEqual(files);
  });

  it('keeps codes when it is opened again', async () => {
    const { model } = await applyRecipe(
      await open(tinyGraphFiles()),
      recipe({ use: 'quantize/affine', bits: 8, per: 'tensor' }),
      context,
    );
    const again = await open((await write(model)).map(({ path, bytes }) => sourceFile(path, bytes)));
    expect(again.weights.get('head/kernel')?.encoding).toMatchObject({ kind: 'affine', bits: 8, axis: null });
    expect(again.weights.get('head/kernel')?.values).toEqual(model.weights.get('head/kernel')?.values);
    expect(again.source.notes.map(({ code }) => code)).toEqual(['GRAPH_MODEL', 'GRAPH_CODES']);
    expect(again.graph?.json).toEqual(model.graph?.json);
  });

  it('is measured before and after by the same run', async () => {
    const environment = { engine: '0', backend: 'wasm', agent: 'test', isolated: false };
    const model = await open(tinyGraphFiles());
    const steps = recipe({ use: 'quantize/affine', bits: 8, per: 'tensor' });
    const job = {
      model,
      recipe: { ...steps, measure: ['agreement' as string] },
      dataset: null,
      preprocessing: 'raw' as const,
      environment,
      context,
    };
    const { report } = await runRecipe(job);
    expect(report.before['size/file']?.value).toBeGreaterThan(547 * 4);
    expect(report.after['size/payload']?.value).toBeLessThan(600);
    const estimate = estimateRecipe(model, sketchModel(model), steps);
    expect(estimate.payload).toBe(report.after['size/payload']?.value);
    expect(estimate.file / (report.after['size/file']?.value ?? 0)).toBeCloseTo(1, 1);
    expect(report.after['agreement/top1']?.value).toBeGreaterThan(0.9);
    expect(report.layers.find(({ name }) => name === 'head')).toMatchObject({ stored: 'int8 per tensor', macs: 432 });
    expect(report.layers.find(({ name }) => name === 'head')?.sqnr).toBeGreaterThan(30);
  });

  it('is searched', async () => {
    const job = { model: await open(tinyGraphFiles()), dataset: null, preprocessing: 'raw' as const, context };
    const { best, points } = await searchRecipes({ ...job, goal: { kind: 'size', maxBytes: 1800 } as never, onPoint: () => {} });
    expect(points.find(({ id }) => id === best)?.gzip).toBeLessThan(1800);
  });

  it('answers with exchanged weights as with its own', async () => {
    const model = await open(tinyGraphFiles());
    const { model: pruned } = await applyRecipe(model, recipe({ use: 'prune/magnitude', sparsity: 0.7 }), context);
    const [fresh, moved] = [await createPredictor(pruned), await createPredictor(model)];
    expect(moved.updateWeights(pruned)).toBe(true);
    expect(await moved.predict([inputs(2)], 2)).toEqual(await fresh.predict([inputs(2)], 2));
    expect(moved.updateWeights(model)).toBe(true);
    expect((await moved.predict([inputs(2)], 2))[0]?.length).toBe(6);
    fresh.dispose();
    moved.dispose();
  });

  it.each([
    'prune/channels',
    'decompose/low-rank',
    'quantize/static',
    'quantize/aware',
    'train/fine-tune',
    'distill/logits',
    'distill/student',
  ])('refuses %s by name', async (use) => {
    const failure = await applyRecipe(await open(tinyGraphFiles()), recipe({ use } as Step), context).catch((error) => error);
    expect(failure).toBeInstanceOf(StudioError);
    expect([failure.code, failure.title]).toEqual(['RECIPE_NEEDS_LAYERS', expect.stringContaining(use)]);
  });

  it('folds nothing, and is written in no other format', async () => {
    const model = await open(tinyGraphFiles());
    const { notes, model: same } = await applyRecipe(model, recipe({ use: 'fold/batch-norm' }), context);
    expect([notes[0]?.code, notes[0]?.text]).toEqual(['nothing-to-do', expect.stringContaining('graph-model')]);
    expect(same.nodes).toBe(model.nodes);
    expect(() => requireWritable(tfjsLayers, model)).toThrowError(expect.objectContaining({ code: 'EXPORT_NEEDS_LAYERS' }));
    const { graph: _graph, ...layers } = model;
    expect(() => requireWritable(tfjsGraph, layers)).toThrowError(expect.objectContaining({ code: 'EXPORT_NEEDS_GRAPH' }));
  });
});

describe('a graph-model that is none', () => {
  type Nodes = { name: string; op: string; input?: string[]; attr: Record<string, unknown> }[];
  const changed = (change: (json: Record<string, Json>, nodes: Nodes) => void) => {
    const { json, shards } = structuredClone({ json: tinyGraph().json, shards: [] as SourceFile[] });
    change(json, (json.modelTopology as unknown as { node: Nodes }).node);
    return [jsonFile('model.json', json), ...shards, ...tinyGraph().shards];
  };
  const at = (nodes: Nodes, name: string) => nodes.find((node) => node.name === name) as Nodes[number];

  it.each<[string, string, string, (json: Record<string, Json>, nodes: Nodes) => void]>([
    ['a loop', 'FORMAT_GRAPH_OPERATOR', 'While', (_, nodes) => Object.assign(at(nodes, 'add'), { op: 'While' })],
    [
      'an unknown operator',
      'FORMAT_GRAPH_OPERATOR',
      'Frobnicate',
      (_, nodes) => Object.assign(at(nodes, 'add'), { op: 'Frobnicate' }),
    ],
    [
      'random numbers',
      'FORMAT_GRAPH_OPERATOR',
      'RandomUniform',
      (_, nodes) => Object.assign(at(nodes, 'dw'), { op: 'RandomUniform' }),
    ],
    ['a circle', 'FORMAT_KERAS_CYCLE', '"conv"', (_, nodes) => at(nodes, 'conv').input?.push('^answer')],
    ['an odd name', 'FORMAT_STRUCTURE', '__proto__', (_, nodes) => Object.assign(at(nodes, 'conv/bias'), { name: '__proto__' })],
    ['a name twice', 'FORMAT_STRUCTURE', 'same name', (_, nodes) => Object.assign(at(nodes, 'add'), { name: 'conv' })],
    ['an input that is not there', 'FORMAT_STRUCTURE', '"gone"', (_, nodes) => at(nodes, 'add').input?.push('gone')],
    [
      'a constant without values',
      'FORMAT_WEIGHT_MISSING',
      'extra',
      (_, nodes) => nodes.unshift({ name: 'extra', op: 'Const', attr: {} }),
    ],
    [
      'an absurd shape',
      'FORMAT_TFJS_SHARD_LENGTH',
      '5368709280 bytes',
      (json) => {
        const [group] = json.weightsManifest as { weights: { shape: number[] }[] }[];
        Object.assign(group?.weights[0] ?? {}, { shape: [1342177280] });
      },
    ],
    ['no nodes', 'FORMAT_STRUCTURE', '"node"', (json) => Object.assign(json, { modelTopology: {} })],
    ['no input', 'FORMAT_GRAPH_INPUT', 'no placeholder', (_, nodes) => Object.assign(at(nodes, 'x'), { op: 'NoOp' })],
    [
      'texts',
      'FORMAT_GRAPH_INPUT',
      'DT_STRING',
      (_, nodes) => Object.assign(at(nodes, 'x').attr, { dtype: { type: 'DT_STRING' } }),
    ],
    [
      'an open number of dimensions',
      'FORMAT_GRAPH_INPUT',
      'how many dimensions',
      (json, nodes) => {
        Object.assign(at(nodes, 'x').attr, { shape: { shape: { unknownRank: true } } });
        Object.assign(json, { signature: {} });
      },
    ],
    [
      'an output that is not there',
      'FORMAT_GRAPH_OUTPUT',
      'lost',
      (json) => Object.assign(json, { signature: { outputs: { lost: {} } } }),
    ],
    [
      'an output that is a constant',
      'FORMAT_GRAPH_OUTPUT',
      'conv/bias',
      (json) => Object.assign(json, { signature: { outputs: { 'conv/bias': {} } } }),
    ],
  ])('%s', async (_, code, words, change) => {
    const error = await open(changed(change)).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(StudioError);
    const { title, detail, ...rest } = error as StudioError;
    expect(rest.code).toBe(code);
    expect(`${title} ${detail}`).toContain(words);
  });

  it('says what of it TF.js does not run', async () => {
    const model = await open(changed((_, nodes) => Object.assign(at(nodes, 'head').attr, { transpose_b: { b: true } })));
    const predictor = await createPredictor(model);
    const error = await predictor.predict([inputs(1)], 1).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: 'RUNTIME_GRAPH' });
    predictor.dispose();
  });
});
