import { describe, expect, it } from 'vitest';
import { parseCommand, wantsJson } from './arguments.ts';

describe('parseCommand', () => {
  it('reads the four commands', () => {
    expect(parseCommand(['inspect', 'a.h5', '--json'])).toEqual({ command: 'inspect', files: ['a.h5'], json: true });
    expect(parseCommand(['evaluate', 'm', '--data', 'x.gz', 'y.gz', '--preprocess', 'unit', '--limit', '100'])).toEqual({
      command: 'evaluate',
      files: ['m'],
      data: ['x.gz', 'y.gz'],
      preprocess: 'unit',
      limit: 100,
      json: false,
    });
    expect(parseCommand(['compress', 'm', '--recipe', 'r.json', '--to', 'tfjs-layers', '--out', 'o', '--json'])).toEqual({
      command: 'compress',
      files: ['m'],
      recipe: { file: 'r.json' },
      data: [],
      trainData: [],
      teacher: [],
      to: 'tfjs-layers',
      out: 'o',
      json: true,
    });
    expect(parseCommand(['convert', 'm', '--to', 'tfjs-layers', '--out', 'o'])).toEqual({
      command: 'convert',
      files: ['m'],
      data: [],
      to: 'tfjs-layers',
      out: 'o',
      json: false,
    });
  });

  it('reads how data is fed', () => {
    const words = ['--preprocess', 'caffe', '--fit', 'crop', '--channels', 'bgr', '--class-order', 'cat,dog\\, big, fox'];
    expect(parseCommand(['evaluate', 'm', '--data', 'd', ...words])).toMatchObject({
      preprocess: 'caffe',
      fit: 'crop',
      channels: 'bgr',
      classOrder: ['cat', 'dog, big', 'fox'],
    });
    const refused =
      (...more: string[]) =>
      () =>
        parseCommand(['evaluate', 'm', '--data', 'd', ...more]);
    expect(refused('--fit', 'pad')).toThrow(/--fit is one of squash, crop, not "pad"/);
    expect(refused('--labels', 'l.txt', '--class-order', 'a,b')).toThrow(/give one/);
  });

  it('reads the size of inputs that may have any', () => {
    expect(parseCommand(['inspect', 'm', '--input-size', '96x128'])).toMatchObject({ inputSize: [96, 128] });
    expect(parseCommand(['convert', 'm', '--to', 't', '--out', 'o', '--input-size', '50'])).toMatchObject({ inputSize: [50] });
    expect(() => parseCommand(['inspect', 'm', '--input-size', '96x'])).toThrow(/HxW in pixels.*not "96x"/);
    expect(() => parseCommand(['inspect', 'm', '--input-size', '99999'])).toThrow(/up to 8192/);
  });

  it('takes files after options, and data up to the next option', () => {
    const command = parseCommand(['evaluate', '--data', 'x', 'y', '--json', 'model.json', '--data=z', 'w', '--', 'shard.bin']);
    expect(command).toMatchObject({ files: ['model.json', 'shard.bin'], data: ['x', 'y', 'z', 'w'] });
    const own = ['compress', 'm', '--recipe', 'r', '--data', 'x', '--train-data', 'p', 'q', '--to', 't', '--out', 'o'];
    expect(parseCommand(own)).toMatchObject({ files: ['m'], data: ['x'], trainData: ['p', 'q'] });
    expect(parseCommand([...own, '--teacher', 'big.json', 'big.bin'])).toMatchObject({ teacher: ['big.json', 'big.bin'] });
  });

  it('takes a target that is measured for channels', () => {
    const words = ['compress', 'm', '--recipe', 'r', '--to', 't', '--out', 'o'];
    expect(parseCommand([...words, '--share-out', '0.5'])).toMatchObject({ channelTarget: { saving: 0.5 } });
    expect(parseCommand([...words, '--faster', '1.3'])).toMatchObject({ channelTarget: { faster: 1.3 } });
    for (const [name, value] of [
      ['share-out', '50'],
      ['share-out', ''],
      ['faster', '1'],
      ['faster', 'twice'],
    ] as const) {
      expect(() => parseCommand([...words, `--${name}`, value])).toThrow(new RegExp(`--${name} is a`));
    }
    expect(() => parseCommand([...words, '--share-out', '0.5', '--faster', '2'])).toThrow(/not both/);
  });

  it.each([[], ['help'], ['--help'], ['inspect', '--help']])('prints the grammar for %j', (...args) => {
    expect(parseCommand(args).command).toBe('help');
  });

  it('takes the kind of a .tflite file', () => {
    const words = ['convert', 'm', '--to', 'tflite', '--kind', 'int8', '--io', 'uint8', '--data', 'd', '--out', 'o'];
    expect(parseCommand(words)).toMatchObject({ to: 'tflite', tflite: { kind: 'int8', io: 'uint8' }, data: ['d'] });
  });

  it.each([
    [['compess', 'a'], 'There is no command "compess".'],
    [['inspect'], '"inspect" needs at least one file'],
    [['inspect', 'a', '--out', 'b'], "Unknown option '--out'"],
    [['evaluate', 'a'], '"evaluate" needs --data.'],
    [
      ['evaluate', 'a', '--data', 'b', '--preprocess', 'half'],
      '--preprocess is one of raw, unit, symmetric, standardize, torch, caffe, not "half".',
    ],
    [['evaluate', 'a', '--data', 'b', '--limit', '0'], '--limit is a whole number of samples above 0, not "0".'],
    [['compress', 'a', '--recipe', 'r', '--out', 'o'], '"compress" needs --to.'],
    [['compress', 'a', '--to', 't', '--out', 'o'], '"compress" needs --recipe or --preset.'],
    [['compress', 'a', '--recipe', 'r', '--preset', 'phone'], 'takes --recipe or --preset, not both.'],
    [['compress', 'a', '--preset', 'tablet'], '--preset is one of smallest-download, phone, microcontroller, keep-accuracy, not'],
    [['convert', 'a', '--to', 'tfjs-layers'], '"convert" needs --out.'],
    [
      ['convert', 'a', '--to', 'tfjs-layers', '--kind', 'int8', '--out', 'o'],
      '--kind, --io, --int4, --any-batch, --fused-lstm are for --to tflite.',
    ],
    [
      ['convert', 'a', '--to', 'tflite', '--kind', 'int4', '--out', 'o'],
      '--kind is one of float32, float16, dynamic, int8, int16x8, not "int4".',
    ],
    [['convert', 'a', '--to', 'tflite', '--io', 'int16', '--out', 'o'], '--io is one of float32, int8, uint8, not "int16".'],
  ])('refuses %j with the reason', (args, reason) => {
    expect(() => parseCommand(args)).toThrow(
      expect.objectContaining({ code: 'CLI_USAGE', detail: expect.stringContaining(reason) }),
    );
  });
});

it('knows that JSON is wanted although the rest is wrong', () => {
  expect([wantsJson(['nonsense', '--json']), wantsJson(['inspect'])]).toEqual([true, false]);
});
