import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { parseCommand } from '../../cli/arguments.ts';
import { parseRecipe } from '../../engine/recipe.ts';
import { commandLine } from './command-line.ts';
import { type Session, session } from './session.ts';

const folder = mkdtempSync(join(tmpdir(), 'command-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** Lets a real shell read the line, with `npm` replaced by something that prints its words. */
function read(line: string) {
  const shell = `npm() { shift 4; printf '%s\\0' "$@"; }; ${line}`;
  const words = execFileSync('/bin/sh', ['-c', shell], { cwd: folder, encoding: 'utf8' }).split('\0').slice(0, -1);
  return { command: parseCommand(words), recipe: parseRecipe(JSON.parse(readFileSync(join(folder, 'recipe.json'), 'utf8'))) };
}

const given = (changes: Partial<Session>): Session => ({ ...session.getState(), ...changes });
const summary = (name: string) => ({ summary: { name } }) as never;
const recipe = parseRecipe({ recipe: 1, seed: 9, steps: [{ use: 'quantize/affine', bits: 4, where: ["it's*", '$(touch x)'] }] });

it('names the files of a sample as they lie in the repository', () => {
  const card = { id: 'iris', model: ['model.json', 'weights.bin'], data: { files: ['data/iris/iris.csv'] } } as never;
  const data = { summary: { preprocessing: 'standardize' } } as never;
  const line = commandLine(recipe, given({ card, data, model: summary('iris'), dataFrom: { files: [], sample: true } }));
  expect(read(line)).toEqual({
    recipe,
    command: {
      command: 'compress',
      files: ['public/models/iris/model.json', 'public/models/iris/weights.bin'],
      recipe: { file: 'recipe.json' },
      data: ['public/data/iris/iris.csv'],
      preprocess: 'standardize',
      to: 'tfjs-layers',
      out: 'iris-nutshell',
      trainData: [],
      teacher: [],
      json: false,
    },
  });
});

it('names the training data of a sample where the recipe trains', () => {
  const train = { files: ['data/mnist/train.gz'], name: 'training set' };
  const card = { id: 'lenet5', model: ['model.json'], data: { files: ['data/mnist/t10k.gz'], train } } as never;
  const shown = { card, data: { summary: { preprocessing: 'unit' } } as never, dataFrom: { files: [], sample: true } };
  const trainDataFor = (use: string) => read(commandLine(parseRecipe({ recipe: 1, steps: [{ use }] }), given(shown))).command;
  expect(trainDataFor('train/fine-tune')).toMatchObject({ trainData: ['public/data/mnist/train.gz'] });
  expect(trainDataFor('quantize/affine')).toMatchObject({ trainData: [] });
});

it('names the teacher where the recipe imitates one', () => {
  const files = (path: string) => [{ path, blob: new Blob() }];
  const teacher = { name: 'big', parameters: 9, files: files('big.keras'), key: '' };
  const shown = given({ teacher, modelFrom: { files: files('small.keras'), allowNonFinite: false } });
  const teacherFor = (use: string) => read(commandLine(parseRecipe({ recipe: 1, steps: [{ use }] }), shown)).command;
  expect(teacherFor('distill/features')).toMatchObject({ teacher: ['big.keras'] });
  expect(teacherFor('train/fine-tune')).toMatchObject({ teacher: [] });
});

it('keeps any file name in one piece', () => {
  const blob = new Blob();
  const files = ['my model (2).keras', "l'été/*.h5", '模型;rm -rf .keras'].map((path) => ({ path, blob }));
  const line = commandLine(
    recipe,
    given({ model: summary('a b'), modelFrom: { files, allowNonFinite: false, inputSize: [96, 128] } }),
  );
  expect(read(line).command).toMatchObject({ inputSize: [96, 128] });
  expect(read(line)).toMatchObject({ recipe, command: { files: files.map(({ path }) => path), out: 'a b-nutshell', data: [] } });
});

it('says how the data is fed', () => {
  const order = { outputs: [1, 0], by: 'chosen' };
  const summary = {
    preprocessing: 'torch',
    fit: 'crop',
    channels: 'bgr',
    order,
    classNames: ['dog, big', 'cat'],
    outputs: ['0', '1'],
  };
  const data = { summary } as never;
  const files = [{ path: 'pictures.zip', blob: new Blob() }];
  const line = commandLine(
    recipe,
    given({ data, modelFrom: { files, allowNonFinite: false }, dataFrom: { files, sample: false } }),
  );
  expect(read(line).command).toMatchObject({
    preprocess: 'torch',
    fit: 'crop',
    channels: 'bgr',
    classOrder: ['dog, big', 'cat'],
  });
});
