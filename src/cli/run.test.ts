import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { writeTfjsLayers } from '../engine/formats/tfjs-layers/write.ts';
import { createRng } from '../engine/index.ts';
import { noise, runSmall, smallModel } from '../engine/testing/small-model.ts';
import { writeFiles } from './files.ts';
import { runCommand } from './run.ts';

let folder = '';
const model = smallModel({ x: [4] }, [
  { name: 'hidden', op: 'Dense', config: { units: 8, activation: 'relu' } },
  { name: 'classes', op: 'Dense', config: { units: 3, activation: 'softmax' } },
]);

/** Runs a command in this process; what it printed, line by line, and what it told. */
async function run(...args: readonly string[]) {
  const printed: string[] = [];
  let told = '';
  const code = await runCommand(args, {
    signal: new AbortController().signal,
    print: (line) => printed.push(line),
    tell: (text) => {
      told += text;
    },
    interactive: false,
  });
  return { code, printed, told };
}

/** The only line of standard output, as JSON. */
function only(printed: readonly string[]) {
  expect(printed).toHaveLength(1);
  expect(printed[0]).not.toContain('\n');
  return JSON.parse(printed[0] ?? '');
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'nutshell-cli-'));
  const context = { signal: new AbortController().signal, report: () => {}, rng: createRng(1) };
  await writeFiles(join(folder, 'model'), await writeTfjsLayers(model, { precision: 'float32' }, context));
  const samples = noise(4 * 60);
  const { startBackend } = await import('../engine/index.ts');
  await startBackend('simd');
  const [scores = new Float32Array(0)] = runSmall(model, [samples], 60);
  const rows = Array.from({ length: 60 }, (_, i) => {
    const own = [...scores.subarray(3 * i, 3 * i + 3)];
    return [...samples.subarray(4 * i, 4 * i + 4), `class${own.indexOf(Math.max(...own))}`].join(',');
  });
  await writeFile(join(folder, 'data.csv'), ['a,b,c,d,label', ...rows].join('\n'));
  const recipe = {
    recipe: 1,
    steps: [{ use: 'quantize/affine', bits: 4, symmetric: true, per: 'channel' }],
    measure: ['size', 'accuracy'],
  };
  await writeFile(join(folder, 'recipe.json'), JSON.stringify(recipe));
});

afterAll(() => rm(folder, { recursive: true }));

describe('with --json', () => {
  it('inspect prints the summary', async () => {
    const { code, printed, told } = await run('inspect', join(folder, 'model'), '--json');
    expect([code, told]).toEqual([0, '']);
    expect(only(printed)).toMatchObject({
      format: 'tfjs-layers',
      parameters: 67,
      macs: 56,
      inputs: [{ name: 'x', shape: [4], dtype: 'float32' }],
      outputs: [{ name: 'classes', shape: [3] }],
      layers: [
        { name: 'hidden', op: 'Dense', shape: [8], parameters: 40, macs: 32 },
        { name: 'classes', op: 'Dense', shape: [3], parameters: 27, macs: 24 },
      ],
      notes: [],
    });
  });

  it('compress writes a full-integer .tflite, calibrated on the data, which opens again', async () => {
    const [out, data] = [join(folder, 'integers'), join(folder, 'data.csv')];
    const words = ['compress', join(folder, 'model'), '--recipe', join(folder, 'recipe.json'), '--to', 'tflite', '--out', out];
    const refused = await run(...words, '--kind', 'int8', '--json');
    expect([refused.code, only(refused.printed).code]).toEqual([1, 'CLI_CALIBRATION']);
    const { code, printed } = await run(...words, '--kind', 'int8', '--data', data, '--json');
    expect(only(printed)).toMatchObject({
      files: [{ path: expect.stringContaining('model.tflite') }],
      losses: [{ code: 'unpacked-codes' }, { code: 'unpacked-codes' }],
      verified: { runtime: "Nutshell's reader", text: expect.stringContaining('Re-opened by our own reader: ') },
    });
    const again = await run('evaluate', out, '--data', data, '--json');
    expect([code, again.code, only(again.printed).n]).toEqual([0, 0, 60]);
    const io = await run(
      'convert',
      join(folder, 'model'),
      '--to',
      'tflite',
      '--kind',
      'dynamic',
      '--io',
      'int8',
      '--out',
      out,
      '--json',
    );
    expect(only(io.printed).code).toBe('EXPORT_IO');
    const float = await run('convert', join(folder, 'model'), '--to', 'tflite', '--out', out, '--json');
    expect(only(float.printed)).toMatchObject({
      format: 'tflite',
      losses: [],
      verified: { maxRelativeError: expect.closeTo(0, 4) },
    });
  });

  it('evaluate prints the accuracy with its interval', async () => {
    const data = join(folder, 'data.csv');
    const { code, printed } = await run('evaluate', join(folder, 'model'), '--data', data, '--preprocess', 'raw', '--json');
    expect(code).toBe(0);
    expect(only(printed)).toMatchObject({
      metric: 'accuracy/top1',
      value: 1,
      correct: 60,
      n: 60,
      interval: [expect.closeTo(0.94, 2), 1],
    });
  });

  it('classes are put in the order of a labels file, or of the command line', async () => {
    const evaluate = (...words: string[]) =>
      run('evaluate', join(folder, 'model'), '--data', join(folder, 'data.csv'), '--preprocess', 'raw', '--json', ...words);
    const labels = join(folder, 'names.of.mine');
    await writeFile(labels, 'class1\nclass2\nclass0\n');
    const [turned] = (await evaluate('--labels', labels)).printed.map((line) => JSON.parse(line));
    expect(turned.correct).toBeLessThan(30);
    expect(turned.notes[0].text).toMatch(/class0 is output 2, class1 is output 0/);
    expect(only((await evaluate('--class-order', 'class0,class1,class2')).printed)).toMatchObject({ correct: 60, notes: [] });
    expect(only((await evaluate('--class-order', 'class0,class1')).printed)).toMatchObject({ code: 'LABELS_COUNT' });
    expect(only((await evaluate('--class-order', 'class0,class1,cat')).printed)).toMatchObject({ code: 'LABELS_UNKNOWN' });
  });

  it('compress reports before and after, and saves what stock TF.js opens', async () => {
    const out = join(folder, 'small');
    const paths = ['--recipe', join(folder, 'recipe.json'), '--data', join(folder, 'data.csv'), '--out', out];
    const { code, printed } = await run('compress', join(folder, 'model'), ...paths, '--to', 'tfjs-layers', '--json');
    const result = only(printed);
    expect([code, result.code]).toEqual([0, undefined]);
    expect(result.after['size/payload'].value).toBeLessThan(result.before['size/payload'].value);
    expect(result.layers.map((layer: { name: string }) => layer.name)).toEqual(['hidden', 'classes']);
    expect(result.verified.text).toMatch(/^Re-opened in stock TF\.js: same \d+ of 60, outputs (identical|equal within)/);
    expect(result.verified.test).toMatchObject({ samples: 36, figures: { 'accuracy/top1': { n: 36 } } });
    expect(result.files.map((file: { path: string }) => file.path)).toEqual([
      join(out, 'model.json'),
      join(out, 'group1-shard1of1.bin'),
    ]);
    for (const { path, bytes } of result.files) expect((await readFile(path)).length).toBe(bytes);
  });

  it('compress trains on a part of the data, measures on the other, and says so', async () => {
    const steps = [
      { use: 'prune/magnitude', sparsity: 0.5 },
      { use: 'train/fine-tune', epochs: 1, batchSize: 8 },
    ];
    const recipe = join(folder, 'train.json');
    await writeFile(recipe, JSON.stringify({ recipe: 1, steps, measure: ['accuracy'] }));
    const data = ['--data', join(folder, 'data.csv'), '--preprocess', 'raw'];
    const rest = ['--to', 'tfjs-layers', '--out', join(folder, 'trained'), '--json'];
    const split = only((await run('compress', join(folder, 'model'), '--recipe', recipe, ...data, ...rest)).printed);
    expect(split.notes[0].text).toMatch(/48 of the 60 samples were trained on, .*all figures are from the other 12/);
    expect(split.after['accuracy/top1'].n).toBe(12);
    expect(split.training).toMatchObject([{ technique: 'train/fine-tune', epochs: 1, metric: 'accuracy' }]);
    const own = ['--train-data', join(folder, 'data.csv'), ...rest];
    const whole = only((await run('compress', join(folder, 'model'), '--recipe', recipe, ...data, ...own)).printed);
    expect(whole.after['accuracy/top1'].n).toBe(60);
    const none = await run('compress', join(folder, 'model'), '--recipe', recipe, ...rest);
    expect(only(none.printed)).toMatchObject({ code: 'TRAIN_NO_DATA' });
  });

  it('compress settles shares of channels by what they lose, or by the clock', async () => {
    const [recipe, quantize] = [join(folder, 'channels.json'), join(folder, 'recipe.json')];
    await writeFile(recipe, JSON.stringify({ recipe: 1, steps: [{ use: 'prune/channels', repair: 'none' }], measure: ['size'] }));
    const words = (file: string) => ['compress', join(folder, 'model'), '--recipe', file, '--data', join(folder, 'data.csv')];
    const rest = ['--preprocess', 'raw', '--to', 'tfjs-layers', '--out', join(folder, 'fewer'), '--json'];
    const { recipe: settled, notes, after } = only((await run(...words(recipe), '--share-out', '0.3', ...rest)).printed);
    // A hidden unit takes 4 + 3 of the 56 multiply-accumulates: three of the eight save 21, which is 37.5 %.
    expect(settled.steps[0]).toMatchObject({ ratio: 0.37, layers: { hidden: { of: 'channels', ranking: 'layer' } } });
    expect(notes[0].text).toMatch(/each group alone loses on 24 of the samples; they save 37.50 % of the work\.$/);
    expect(after['parameters/all'].value).toBe(5 * 5 + 3 * 6);
    expect(only((await run(...words(quantize), '--share-out', '0.3', ...rest)).printed)).toMatchObject({ code: 'CHANNELS_STEP' });
    expect(only((await run(...words(recipe), '--faster', '1e6', ...rest)).printed)).toMatchObject({ code: 'CHANNELS_SPEED' });
  });

  it('compress lets a second model teach', async () => {
    const recipe = join(folder, 'distill.json');
    const steps = [{ use: 'distill/student' }, { use: 'distill/logits', epochs: 1, batchSize: 8 }];
    await writeFile(recipe, JSON.stringify({ recipe: 1, steps, measure: ['accuracy'] }));
    const words = [
      'compress',
      join(folder, 'model'),
      '--recipe',
      recipe,
      '--data',
      join(folder, 'data.csv'),
      '--preprocess',
      'raw',
    ];
    const saved = ['--to', 'tfjs-layers', '--out', join(folder, 'student'), '--json'];
    const alone = only((await run(...words, ...saved)).printed);
    expect(alone.after['parameters/all'].value).toBe(4 * 4 + 4 + 4 * 3 + 3);
    const other = smallModel({ x: [4] }, [
      { name: 'wide', op: 'Dense', config: { units: 16, activation: 'relu' } },
      { name: 'classes', op: 'Dense', config: { units: 3, activation: 'softmax' } },
    ]);
    const context = { signal: new AbortController().signal, report: () => {}, rng: createRng(1) };
    await writeFiles(join(folder, 'teacher'), await writeTfjsLayers(other, { precision: 'float32' }, context));
    const taught = only((await run(...words, '--teacher', join(folder, 'teacher'), ...saved)).printed);
    expect(taught.training[0].losses).not.toEqual(alone.training[0].losses);
    const unfit = await run(...words, '--teacher', join(folder, 'data.csv'), ...saved);
    expect(unfit.code).not.toBe(0);
  });

  it('compress takes a preset, and tells the estimated energy', async () => {
    const out = join(folder, 'half');
    const words = ['compress', join(folder, 'model'), '--preset', 'keep-accuracy', '--to', 'tfjs-layers', '--out', out];
    const { recipe, before, after } = only((await run(...words, '--json')).printed);
    expect(recipe.steps).toEqual([{ use: 'quantize/float16' }]);
    expect(after['energy/inference']).toMatchObject({ unit: 'µJ', how: 'estimated' });
    expect(after['energy/inference'].value).toBeLessThan(before['energy/inference'].value);
    expect((await run(...words)).printed.join('\n')).toMatch(/energy per sample, estimated .*µJ[\s\S]*Horowitz/);
  });

  it('convert saves the model as it is', async () => {
    const out = join(folder, 'same');
    const { code, printed } = await run('convert', join(folder, 'model'), '--to', 'tfjs-layers', '--out', out, '--json');
    expect(code).toBe(0);
    expect(only(printed)).toMatchObject({ format: 'tfjs-layers', losses: [], verified: { runtime: 'TF.js 4.22.0' } });
    const shard = 'group1-shard1of1.bin';
    expect(await readFile(join(out, shard))).toEqual(await readFile(join(folder, 'model', shard)));
  });

  it.each(['keras', 'keras-h5'])('convert to %s: opened again, every number as it was', async (to) => {
    const out = join(folder, to);
    const { code, printed } = await run('convert', join(folder, 'model'), '--to', to, '--out', out, '--json');
    expect(code).toBe(0);
    const verified = { runtime: "Nutshell's reader", maxRelativeError: 0 };
    expect(only(printed)).toMatchObject({ format: to, losses: [], verified });
    const { printed: told } = await run('inspect', out, '--json');
    expect(only(told)).toMatchObject({ parameters: 67 });
  });

  it('a failure is the StudioError and exit code 1, and nothing is saved', async () => {
    const out = join(folder, 'never');
    const { code, printed, told } = await run('convert', join(folder, 'model'), '--to', 'gguf', '--out', out, '--json');
    expect([code, told]).toEqual([1, '']);
    expect(only(printed)).toMatchObject({
      code: 'CLI_FORMAT',
      title: 'Models can not be written as "gguf".',
      hint: expect.any(String),
    });
    expect(await readdir(folder)).not.toContain('never');
  });
});

describe('without --json', () => {
  it('inspect prints a table', async () => {
    const { printed } = await run('inspect', join(folder, 'model'));
    expect(printed.join('\n')).toMatch(/hidden +Dense +8 +40 +32/);
    const { told } = await run('inspect', join(folder, 'model'), '--input-size', '96');
    expect(told).toContain('All sizes of this model are fixed.');
  });

  it('help prints the grammar', async () => {
    expect(await run('help')).toMatchObject({ code: 0, printed: [expect.stringContaining('nutshell compress')] });
  });

  it('a failure is readable text on standard error', async () => {
    const { code, printed, told } = await run('evaluate', join(folder, 'model'));
    expect([code, printed]).toEqual([1, []]);
    expect(told).toMatch(/This command line can not be run\.\n"evaluate" needs --data\.\nUsage:[\s\S]*\[CLI_USAGE\]\n$/);
  });
});
