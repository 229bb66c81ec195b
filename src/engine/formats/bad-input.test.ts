import { describe, expect, it, vi } from 'vitest';
import type { Context } from '../context.ts';
import { StudioError } from '../errors.ts';
import type { SourceFile } from '../format.ts';
import { createRng } from '../math/rng.ts';
import type { Json } from '../model/model.ts';
import {
  jsonFile,
  kerasArchive,
  tinyH5,
  tinyLayersModel,
  tinyTopology,
  tinyWeightStore,
  tinyWeights,
  zip,
} from '../testing/model-files.ts';
import { sourceFile } from './files.ts';
import { openModel } from './index.ts';

const context: Context = { signal: new AbortController().signal, report: () => {}, rng: createRng(1) };
const text = (content: string): Uint8Array<ArrayBuffer> => new TextEncoder().encode(content);

async function problem(...files: SourceFile[]): Promise<StudioError> {
  const error = await openModel(files, {}, context).then(
    () => 'it opened',
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(StudioError);
  return error as StudioError;
}

/** The parts of a layers-model with its description changed. */
function layersModel(change: (json: ReturnType<typeof tinyLayersModel>['json']) => unknown): SourceFile[] {
  const { json, shards } = tinyLayersModel(2);
  return [
    jsonFile('net/model.json', change(structuredClone(json))),
    ...shards.map((shard) => ({ ...shard, path: `net/${shard.path}` })),
  ];
}

describe('files that are something else', () => {
  it.each<[string, string, Uint8Array<ArrayBuffer>, string, string]>([
    ['an HTML page saved as .h5', 'model.h5', text('\n<!DOCTYPE html><html>'), 'FORMAT_HTML', 'This is a web page, not a model'],
    [
      'a Git LFS pointer',
      'model.h5',
      text('version https://git-lfs.github.com/spec/v1\noid sha256:0\n'),
      'FORMAT_GIT_LFS',
      'This is a Git LFS pointer',
    ],
    ['a pickle', 'model.pt', Uint8Array.of(0x80, 2, 0x8a, 0x2e), 'FORMAT_PYTORCH', 'for safety'],
    [
      'a PyTorch zip',
      'model.pt',
      zip({ 'archive/data.pkl': new Uint8Array(3), 'archive/data/0': new Uint8Array(8) }),
      'FORMAT_PYTORCH',
      'for safety',
    ],
    ['a cut .tflite', 'model.tflite', Uint8Array.of(28, 0, 0, 0, 84, 70, 76, 51, 0), 'FORMAT_DAMAGED', 'bytes 28 … 31 of 9'],
    ['an ONNX model', 'model.onnx', Uint8Array.of(8, 7, 18, 7), 'FORMAT_ONNX', 'ONNX model'],
    ['a SavedModel', 'saved_model.pb', Uint8Array.of(8, 1, 18, 7), 'FORMAT_SAVED_MODEL', 'SavedModel or frozen graph'],
    ['a safetensors file', 'a.safetensors', text('\x10\0\0\0\0\0\0\0{"a":{}}'), 'FORMAT_SAFETENSORS', 'safetensors'],
    ['a gzip file', 'model.h5.gz', Uint8Array.of(0x1f, 0x8b, 8, 0), 'FORMAT_GZIP', 'gzip or tar'],
    ['unknown bytes', 'model.xyz', Uint8Array.of(1, 2, 3, 4), 'FORMAT_UNKNOWN', 'first bytes 01 02 03 04'],
    [
      'a zip without a model',
      'cats.zip',
      zip({ 'cat.png': new Uint8Array(3) }),
      'FORMAT_ZIP_NO_MODEL',
      '"cats.zip" holds "cat.png"',
    ],
    ['a zip with other JSON only', 'a.zip', zip({ 'package.json': text('{}') }), 'FORMAT_UNKNOWN', 'a/package.json'],
    ['a topology alone', 'topology.json', text(JSON.stringify(tinyTopology(2))), 'FORMAT_NO_WEIGHTS', 'topology only'],
    ['an empty file', 'model.h5', new Uint8Array(0), 'FORMAT_EMPTY', 'There is no file to open'],
  ])('%s', async (_, path, bytes, code, words) => {
    const error = await problem(sourceFile(path, bytes));
    expect(error.code).toBe(code);
    expect(`${error.title} ${error.detail}`).toContain(words);
    expect(error.hint.length).toBeGreaterThan(10);
  });

  it('nothing at all', async () => {
    expect((await problem()).code).toBe('FORMAT_EMPTY');
  });

  it('a 3 GB file, which is not read', async () => {
    const bytes = vi.fn<SourceFile['bytes']>();
    const error = await problem({ path: 'huge.h5', size: 3 * 2 ** 30, bytes });
    expect(error.code).toBe('FORMAT_TOO_LARGE');
    expect(error.detail).toContain(`${3 * 2 ** 30} bytes`);
    expect(bytes).not.toHaveBeenCalled();
  });

  it('weights of a TF.js model alone', async () => {
    const error = await problem(...tinyLayersModel(2).shards);
    expect([error.code, error.hint]).toEqual(['FORMAT_TFJS_WEIGHTS_ONLY', expect.stringContaining('Drop model.json')]);
  });

  it('a file that can no longer be read', async () => {
    const error = await problem({ path: 'gone.h5', size: 9, bytes: () => Promise.reject(new Error('NotReadableError')) });
    expect([error.code, error.detail]).toEqual(['FORMAT_UNREADABLE', '"gone.h5": NotReadableError.']);
  });

  it('two models at once', async () => {
    const h5 = await tinyH5(2);
    const error = await problem(sourceFile('a.h5', h5), sourceFile('b.h5', h5));
    expect([error.code, error.detail]).toEqual(['FORMAT_SEVERAL_MODELS', 'Found 2 models: "a.h5", "b.h5".']);
  });

  it('models of two formats at once', async () => {
    const { json, shards } = tinyLayersModel(2);
    const error = await problem(sourceFile('a.h5', await tinyH5(2)), jsonFile('model.json', json), ...shards);
    expect([error.code, error.detail]).toEqual(['FORMAT_SEVERAL_MODELS', 'Found 2 models: "TF.js layers-model", "Keras HDF5".']);
  });

  it('a subclassed model', async () => {
    const config = { module: 'app', class_name: 'MyNet', registered_name: 'app>MyNet', config: { width: 3 } };
    const error = await problem(sourceFile('m.keras', kerasArchive(config, await tinyWeightStore())));
    expect(error.code).toBe('FORMAT_KERAS_SUBCLASSED');
    expect(error.detail).toContain('"MyNet"');
  });
});

describe('archives', () => {
  const archive = zip({ 'model.json': text('{}') });
  const patched = (change: (view: DataView, directory: number) => void): SourceFile => {
    const bytes = archive.slice();
    const view = new DataView(bytes.buffer);
    change(view, view.getUint32(bytes.length - 6, true));
    return sourceFile('a.zip', bytes);
  };

  it('encrypted', async () => {
    const error = await problem(patched((view, at) => view.setUint16(at + 8, 1, true)));
    expect(error.title).toBe('The archive "a.zip" is encrypted.');
  });

  it('a bomb, before anything is unpacked', async () => {
    const error = await problem(patched((view, at) => view.setUint32(at + 24, 0x7ffffff0, true)));
    expect(error.code).toMatch(/ZIP_BOMB$/);
    expect(error.detail).toContain(String(0x7ffffff0));
  });

  it('paths that leave the archive', async () => {
    const error = await problem(sourceFile('a.zip', zip({ '../model.json': text('{}') })));
    expect(error.code).toBe('ZIP_PATH');
  });

  it('cut off', async () => {
    const error = await problem(sourceFile('a.zip', archive.slice(0, -30)));
    expect(error.code).toBe('ZIP_DAMAGED');
  });
});

describe('layers-models', () => {
  it('a missing shard', async () => {
    const [json, first] = layersModel((same) => same) as [SourceFile, SourceFile];
    const error = await problem(json, first);
    expect(error.code).toBe('FORMAT_TFJS_MISSING_SHARD');
    expect(error.detail).toContain('model.json names "group1-shard2of2.bin", which is not among the files given');
  });

  it('a wrong shard length, with both counts', async () => {
    const [json, first, second] = layersModel((same) => same) as [SourceFile, SourceFile, SourceFile];
    const short = { ...second, bytes: async () => (await second.bytes()).slice(4) };
    const total = first.size + second.size;
    const error = await problem(json, first, short);
    expect(error.code).toBe('FORMAT_TFJS_SHARD_LENGTH');
    expect(error.detail).toContain(`${total - 4} bytes given, ${total} bytes needed`);
  });

  it.each<[string, (json: Record<string, Json>) => unknown, string, string]>([
    ['without topology', (json) => ({ ...json, modelTopology: null }), 'FORMAT_NO_TOPOLOGY', 'modelTopology is null'],
    ['without manifest', ({ weightsManifest: _, ...json }) => json, 'FORMAT_NO_WEIGHTS', 'topology only'],
    [
      'with a manifest that is no list',
      (json) => ({ ...json, weightsManifest: 4 }),
      'FORMAT_STRUCTURE',
      'should be a list and is 4',
    ],
  ])('%s', async (_, change, code, words) => {
    const error = await problem(...layersModel(change));
    expect(error.code).toBe(code);
    expect(error.detail).toContain(words);
  });

  it('cut off in the middle of its JSON', async () => {
    const [json, ...shards] = layersModel((same) => same) as [SourceFile, ...SourceFile[]];
    const half = (await json.bytes()).slice(0, json.size >> 1);
    expect(
      (
        await problem(
          sourceFile('model.json', text(`{"weightsManifest":[],${new TextDecoder().decode(half).slice(1)}`)),
          ...shards,
        )
      ).code,
    ).toBe('FORMAT_JSON');
  });

  it('JSON nested 100,000 levels deep', async () => {
    const error = await problem(sourceFile('model.json', text(`{"modelTopology":${'['.repeat(1e5)}`)));
    expect([error.code, error.detail]).toEqual(['FORMAT_JSON', '"model.json": it is nested more than 200 levels deep.']);
  });

  it('a layer of 2^40 units, before anything is allocated', async () => {
    const error = await problem(
      ...layersModel((json) => JSON.parse(JSON.stringify(json).replace('"units":4', `"units":${2 ** 40}`))),
    );
    expect(error.code).toMatch(/^(FORMAT|MODEL)_/);
    expect(error.message).toContain('logits');
  });

  it('a tensor of 2^40 elements, before anything is allocated', async () => {
    const error = await problem(
      ...layersModel((json) => JSON.parse(JSON.stringify(json).replace('"shape":[108,4]', `"shape":[${2 ** 20},${2 ** 20}]`))),
    );
    expect(error.code).toBe('FORMAT_TFJS_SHARD_LENGTH');
  });

  it('weights of another model', async () => {
    const renamed = (json: unknown): unknown => JSON.parse(JSON.stringify(json).replace('"units":4', '"units":5'));
    const error = await problem(...layersModel(renamed));
    expect(error.code).toBe('FORMAT_WEIGHT_SHAPE');
    expect(error.detail).toContain('the file has [108, 4], the layer needs [108, 5]');
  });
});

describe('HDF5', () => {
  it('cut off, with both counts', async () => {
    const bytes = await tinyH5(2);
    const error = await problem(sourceFile('net.h5', bytes.slice(0, bytes.length - 100)));
    expect(error.code).toBe('FORMAT_TRUNCATED');
    expect(error.detail).toContain(`has ${bytes.length - 100} bytes, but its header says ${bytes.length}`);
  });

  it('weights without a topology', async () => {
    const error = await problem(sourceFile('weights.h5', await tinyWeightStore()));
    expect([error.code, error.detail]).toEqual(['FORMAT_NO_TOPOLOGY', expect.stringContaining('save_weights')]);
  });

  it('a .keras archive without its weights', async () => {
    const files = zip({ 'config.json': text(JSON.stringify(tinyTopology(3))), 'model.weights.pkl': new Uint8Array(4) });
    const error = await problem(sourceFile('m.keras', files));
    expect(error.detail).toContain('its weights are kept in "model.weights.pkl"; only model.weights.h5 and model.weights.npz');
  });

  // What pickle.dumps makes of an object whose __reduce__ is (os.system, ('id',)).
  const attack = 'cposix\nsystem\nq\x00X\x02\x00\x00\x00idq\x01\x85q\x02Rq\x03.';
  const [array, float] = ['cnumpy\nndarray\n)R', 'cnumpy\ndtype\nX\x02\x00\x00\x00f4\x85R'];
  const long = '\x8a\x05\x00\x00\x00\x80\x00';
  const huge = `${array}(K\x01${long}${long}\x86${float}\x89C\x04\x00\x00\x00\x00tb`;
  it.each([
    ['runs a program', attack, 'FORMAT_PICKLE', 'names "posix.system". Nothing of it was run.'],
    ['is empty', '.', 'FORMAT_DAMAGED', 'its pickle takes more than it gave'],
    ['is cut off', 'X\xff\xff\xff\xffabc', 'FORMAT_DAMAGED', 'its pickle is cut off'],
    ['never ends', 'N0'.repeat(600_000), 'FORMAT_DAMAGED', 'takes more than'],
    ['is written in the oldest protocol', "S'text'\n.", 'FORMAT_DAMAGED', 'the opcode 0x53'],
    [
      'claims 2^62 numbers',
      `${array}(K\x01)N\x89]}X\x01\x00\x00\x000${huge}satb.`,
      'FORMAT_DAMAGED',
      'needs 18446744073709552000 bytes, and it has 4',
    ],
  ])('a .keras archive whose npz store %s', async (_, pickle, code, words) => {
    const header = "{'descr': '|O', 'fortran_order': False, 'shape': (), }";
    const npy = Uint8Array.from(`\x93NUMPY\x01\x00${String.fromCharCode(header.length)}\x00${header}${pickle}`, (letter) =>
      letter.charCodeAt(0),
    );
    const config = text(JSON.stringify(tinyTopology(3)));
    const files = zip({ 'config.json': config, 'model.weights.npz': zip({ 'layers/dense.npy': npy }) });
    const error = await problem(sourceFile('m.keras', files));
    expect([error.code, error.detail]).toEqual([code, expect.stringContaining(words)]);
  });
});

describe('weights that are not numbers', () => {
  const broken = async (): Promise<SourceFile> => {
    const weights = tinyWeights();
    (weights[0]?.values ?? [])[3] = Number.NaN;
    (weights[8]?.values ?? [])[5] = Number.POSITIVE_INFINITY;
    return sourceFile('nan.h5', await tinyH5(2, tinyTopology(2), weights));
  };

  it('are named by layer', async () => {
    const error = await problem(await broken());
    expect(error.code).toBe('MODEL_NON_FINITE');
    expect(error.detail).toBe('Layers: "conv", "head/logits".');
    expect(error.context).toEqual({ layers: ['conv', 'head/logits'] });
  });

  it('can be opened all the same, with a note', async () => {
    const model = await openModel([await broken()], { allowNonFinite: true }, context);
    expect(model.source.notes.at(-1)).toMatchObject({
      code: 'MODEL_NON_FINITE',
      text: expect.stringContaining('conv, head/logits'),
    });
  });
});

it('stops where it is told to', async () => {
  const aborted: Context = { ...context, signal: AbortSignal.abort() };
  await expect(openModel([sourceFile('net.h5', await tinyH5(2))], {}, aborted)).rejects.toThrow(/abort/i);
});
