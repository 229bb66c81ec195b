import { readdirSync } from 'node:fs';
import { join, relative } from 'node:path';
import { type Dataset, File, FS, type Group, ready } from 'h5wasm';
import { describe, expect, it } from 'vitest';
import { corpusRoot, fixtures, fixturesPresent } from '../../../scripts/fixtures.ts';
import type { Context } from '../context.ts';
import { StudioError } from '../errors.ts';
import type { SourceFile } from '../format.ts';
import { createRng } from '../math/rng.ts';
import { type Model, parameterCount } from '../model/model.ts';
import { summarize } from '../summary.ts';
import { archiveEntries } from './files.ts';
import { openModel } from './index.ts';

const context: Context = { signal: new AbortController().signal, report: () => {}, rng: createRng(1) };
const open = (files: readonly SourceFile[]): Promise<Model> => openModel(files, {}, context);

const fer = 'fer2013-xception/trained_models';
const tensorspace = 'tensorspace-mnist/docs';
const teachable = 'teachablemachine/snippets/converter/image/test';
const lenet = 'tensorspace-mnist/examples/lenet/lenetModel';
const tfjs = 'tfjs-e2e/e2e/integration_tests/load_predict_data/layers_model';
const mobilenet = 'mobilenet_v1_0.25_224-assembled';

const layersModels: readonly (readonly [parameters: number, nodes: number, paths: readonly string[]])[] = [
  [44_426, 9, [`${tensorspace}/keras/convertedModel/model.json`, `${tensorspace}/keras/convertedModel/group1-shard1of1`]],
  [
    44_426,
    9,
    [
      `${tensorspace}/tensorflow/convertedModel/layerModel/model.json`,
      `${tensorspace}/tensorflow/convertedModel/layerModel/group1-shard1of1`,
    ],
  ],
  [61_706, 9, [`${tensorspace}/tfjs/convertedModel/model.json`, `${tensorspace}/tfjs/convertedModel/weights.bin`]],
  [61_706, 9, [`${tensorspace}/tfjs/rawModel/mnist.json`, `${tensorspace}/tfjs/rawModel/mnist.weights.bin`]],
  [61_706, 9, [`${lenet}/mnist.json`, `${lenet}/mnist.weights.bin`]],
  [2_300, 2, [`${tfjs}/model.json`, `${tfjs}/weights.bin`]],
  [475_544, 87, [`${mobilenet}/model.json`, `${mobilenet}/group1-shard1of1.bin`]],
];

const integration = 'tfjs-e2e/e2e/integration_tests/load_predict_data/graph_model';
const dense = 'tfjs-e2e/e2e/custom_module/dense_model/model';
const graph = `${tensorspace}/tensorflow/convertedModel/graphModel`;
/** Of graph-models: MAC counts beside, by hand where the net is small. */
const graphModels: readonly (readonly [parameters: number, nodes: number, macs: number, paths: readonly string[]])[] = [
  [134_704, 144, 188_749_824, ['npm-human/blazeface.json', 'npm-human/blazeface.bin']],
  [205_127, 21, 65_768_288, ['npm-human/emotion.json', 'npm-human/emotion.bin']],
  [44_426, 18, 281_640, [`${graph}/model.json`, `${graph}/group1-shard1of1`]],
  [2, 2, 1, [`${dense}/model.json`, `${dense}/group1-shard1of1.bin`]],
  [4, 1, 4, [`${integration}/model.json`, `${integration}/weights.bin`]],
  [4, 1, 4, [`${integration}/model_new.json`, `${integration}/weights.bin`]],
];

const h5Files: readonly (readonly [path: string, parameters: number, nodes: number])[] = [
  ['mlperf-tiny/image-classification/pretrainedResnet.h5', 78_666, 29],
  ['mlperf-tiny/visual-wake-words/vww_96.h5', 221_794, 84],
  ['keras-moonflower-mnist/mnist_model.h5', 34_826, 7],
  [`${tensorspace}/keras/rawModel/combined/mnist.h5`, 44_426, 9],
  [`${tensorspace}/tensorflow/rawModel/keras/tf_keras_model.h5`, 44_426, 9],
  [`${fer}/emotion_models/fer2013_mini_XCEPTION.102-0.66.hdf5`, 58_423, 45],
  [`${fer}/fer2013_big_XCEPTION.54-0.66.hdf5`, 208_871, 28],
  [`${fer}/gender_models/gender_mini_XCEPTION.21-0.95.hdf5`, 52_658, 45],
];

const teachableZips = [
  ['image-model', 538_508],
  ['tiny-image-model', 243_276],
] as const;

const kerasZips = [
  ['keras-moonflower-mnist/mnist_model.keras', 34_826],
  ['keras-colourspark/autoencoder.keras', 297_603],
  ['keras-lstmpractice/lstm_model.keras', 36_527],
  ['keras-emg-pairs/output/SavedModels/RNN2/Saved_models_120ms/model.keras', 2_020],
  ['keras-emg-pairs/output/SavedModels/RNN2/Saved_models_120ms_2state/model.keras', 1_954],
] as const;

/** Folders of a topology.json and a weights.h5. */
const separated = [`${tensorspace}/keras/rawModel/separated`, `${tensorspace}/tensorflow/rawModel/keras_separated`];

const refused: readonly (readonly [paths: readonly string[], code: string, words: string])[] = [
  [['keras-repo/keras/src/saving/test_data/pre_pr22362_nested_container.keras'], 'FORMAT_KERAS_SUBCLASSED', '"NestedDenseModel"'],
  [[`${tensorspace}/tensorflow/rawModel/frozen/frozen_model.pb`], 'FORMAT_SAVED_MODEL', 'frozen graph'],
  [[`${tensorspace}/tensorflow/rawModel/saved/saved_model.pb`], 'FORMAT_SAVED_MODEL', 'SavedModel'],
  [[`${teachable}/image-model-data.zip`], 'FORMAT_ZIP_NO_MODEL', 'no model in this archive'],
  [[`${tensorspace}/keras/rawModel/separated/weights.h5`], 'FORMAT_NO_TOPOLOGY', 'save_weights'],
];

/** Tensors of an HDF5 file as h5wasm reads them: by layer, in the order of weight_names. */
async function judged(file: SourceFile): Promise<Map<string, Float32Array[]>> {
  await ready;
  FS?.writeFile('judge.h5', await file.bytes());
  const h5 = new File('judge.h5', 'r');
  const layers = new Map<string, Float32Array[]>();
  const root = h5.get('model_weights') as Group;
  for (const name of root.keys()) {
    const group = root.get(name) as Group;
    const names = (group.attrs.weight_names?.value ?? []) as string[];
    const arrays = [...names].map((weight) => (group.get(weight) as Dataset).value as Float32Array);
    if (arrays.length > 0) layers.set(name, arrays);
  }
  h5.close();
  FS?.unlink('judge.h5');
  return layers;
}

/** Manifest entries by name, cut out of the shards without our reader. */
async function manifestValues(files: readonly SourceFile[]): Promise<Map<string, Float32Array>> {
  const [description, weights] = files;
  const json = JSON.parse(new TextDecoder().decode(await description?.bytes()));
  const bytes = (await weights?.bytes()) ?? new Uint8Array();
  const values = new Map<string, Float32Array>();
  let at = 0;
  for (const { name, shape } of json.weightsManifest[0].weights as { name: string; shape: number[] }[]) {
    const count = shape.reduce((a, b) => a * b, 1);
    values.set(name, new Float32Array(bytes.slice(at, at + 4 * count).buffer));
    at += 4 * count;
  }
  expect(at).toBe(bytes.length);
  return values;
}

const bytesOf = ({ buffer, byteOffset, byteLength }: Float32Array): Buffer => Buffer.from(buffer, byteOffset, byteLength);

function expectValues(model: Model, expected: ReadonlyMap<string, Float32Array>): void {
  expect(model.weights.size).toBe(expected.size);
  for (const [id, weight] of model.weights) {
    const name = id.split('/').slice(-2).join('/');
    expect(bytesOf(weight.values).equals(bytesOf(expected.get(name) ?? new Float32Array())), id).toBe(true);
  }
}

describe.skipIf(!fixturesPresent)('the corpus opens', () => {
  it('with every model in it met here', () => {
    const met = new Set([
      ...[...layersModels, ...graphModels].flatMap((row) => row.at(-1) as string[]),
      ...[...h5Files, ...kerasZips].map(([path]) => path),
      ...teachableZips.map(([name]) => `${teachable}/${name}.zip`),
      ...separated.flatMap((folder) => [`${folder}/topology.json`, `${folder}/weights.h5`]),
      ...refused.flatMap(([paths]) => paths),
    ]);
    // Data, and what belongs to the SavedModel; .tflite files are met in tflite/corpus.test.ts.
    const others = /^tabular\/|\/saved\/variables\//;
    const there = readdirSync(corpusRoot, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && /\.(json|h5|hdf5|keras|zip|pb|bin)$|shard\d+of\d+$/.test(entry.name))
      .map((entry) => relative(corpusRoot, join(entry.parentPath, entry.name)).replaceAll('\\', '/'))
      .filter((path) => !others.test(path));
    expect(there.length).toBeGreaterThan(30);
    expect(there.filter((path) => !met.has(path))).toEqual([]);
  });

  it.each(h5Files)('%s: parameters as measured, values as h5wasm reads them', async (path, parameters, nodes) => {
    const [file] = fixtures(path) as [SourceFile];
    const model = await open([file]);
    expect(parameterCount(model)).toBe(parameters);
    expect(model.nodes).toHaveLength(nodes);
    const expected = await judged(file);
    const own = model.nodes.filter((node) => Object.keys(node.weights).length > 0);
    expect(own.map(({ name }) => name).sort()).toEqual([...expected.keys()].sort());
    for (const node of own) {
      const values = Object.values(node.weights).map((id) => model.weights.get(id)?.values);
      expect(values, node.name).toEqual(expected.get(node.name));
    }
  });

  it.each(layersModels)('%i parameters, %i layers: %s', async (parameters, nodes, paths) => {
    const files = fixtures(...paths);
    const model = await open(files);
    expect(parameterCount(model)).toBe(parameters);
    expect(model.nodes).toHaveLength(nodes);
    expectValues(model, await manifestValues(files));
  });

  it.each(graphModels)('%i parameters, %i operators, %i multiply-accumulates: %s', async (parameters, nodes, macs, paths) => {
    const files = fixtures(...paths);
    const model = await open(files);
    const summary = summarize(model);
    expect([summary.parameters, summary.layers.length, summary.macs]).toEqual([parameters, nodes, macs]);
    const stored = await manifestValues(files);
    for (const [name, { values }] of model.weights) expect(values, name).toEqual(stored.get(name));
  });

  it.each(teachableZips)('Teachable Machine %s.zip', async (name, parameters) => {
    const files = fixtures(`${teachable}/${name}.zip`);
    const model = await open(files);
    expect(model.name).toBe(name);
    expect(parameterCount(model)).toBe(parameters);
    expect(model.source.notes.map(({ code }) => code)).toEqual(['TFJS_WITHOUT_FORMAT']);
    const entries = archiveEntries((await files[0]?.bytes()) ?? new Uint8Array(), name);
    const inside = ['model.json', 'weights.bin'].map((path) => entries.find((entry) => entry.path === path) as SourceFile);
    expectValues(model, await manifestValues(inside));
  });

  it.each(kerasZips)('%s', async (path, parameters) => {
    const model = await open(fixtures(path));
    expect(parameterCount(model)).toBe(parameters);
    expect(model.source.optimizerBytes).toBeGreaterThan(8 * parameters - 1);
  });

  it.each(separated)('%s', async (folder) => {
    const model = await open(fixtures(`${folder}/topology.json`, `${folder}/weights.h5`));
    expect(parameterCount(model)).toBe(44_426);
  });
});

describe.skipIf(!fixturesPresent)('forms of one net hold the same numbers', () => {
  const keras = `${tensorspace}/keras`;
  const tf = `${tensorspace}/tensorflow`;
  it.each<[string, string[], string[]]>([
    [
      '.h5 and topology with weights',
      [`${keras}/rawModel/combined/mnist.h5`],
      ['topology.json', 'weights.h5'].map((name) => `${keras}/rawModel/separated/${name}`),
    ],
    [
      '.h5 and layers-model',
      [`${keras}/rawModel/combined/mnist.h5`],
      ['model.json', 'group1-shard1of1'].map((name) => `${keras}/convertedModel/${name}`),
    ],
    [
      '.h5 of tf.keras and layers-model',
      [`${tf}/rawModel/keras/tf_keras_model.h5`],
      ['model.json', 'group1-shard1of1'].map((name) => `${tf}/convertedModel/layerModel/${name}`),
    ],
    [
      'layers-models of TF.js',
      ['mnist.json', 'mnist.weights.bin'].map((name) => `${tensorspace}/tfjs/rawModel/${name}`),
      ['model.json', 'weights.bin'].map((name) => `${tensorspace}/tfjs/convertedModel/${name}`),
    ],
  ])('%s', async (_, one, other) => {
    const valuesOf = async (paths: string[]) =>
      [...(await open(fixtures(...paths))).weights.values()].map(({ values }) => values);
    expect(await valuesOf(other)).toEqual(await valuesOf(one));
  });
});

describe.skipIf(!fixturesPresent)('the corpus is refused by name', () => {
  it.each(refused)('%s', async (paths, code, words) => {
    const error = await open(fixtures(...paths)).then(
      () => undefined,
      (reason: unknown) => reason,
    );
    expect(error).toBeInstanceOf(StudioError);
    const { title, detail, hint, ...rest } = error as StudioError;
    expect(rest.code).toBe(code);
    expect(`${title} ${detail}`).toContain(words);
    expect(hint).not.toBe('');
  });
});
