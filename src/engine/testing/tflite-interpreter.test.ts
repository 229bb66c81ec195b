/** The judge gives the figures that are known of Google's own files. */
import { describe, expect, it } from 'vitest';
import { fixtures, fixturesPresent } from '../../../scripts/fixtures.ts';
import type { Context } from '../context.ts';
import { openData } from '../data/index.ts';
import { createRng } from '../math/rng.ts';
import { openTflite } from './tflite-interpreter.ts';

const context: Context = { signal: new AbortController().signal, report: () => {}, rng: createRng(1) };
const folder = 'mlperf-tiny/image-classification';

it('a file that is no model is refused in the words of the interpreter', async () => {
  await expect(openTflite(new Uint8Array(100))).rejects.toThrow("Can't initialize model");
});

describe.skipIf(!fixturesPresent)('the corpus in the interpreter', () => {
  it('Google’s int8 ResNet8 is right 878 times of 1000', async () => {
    const [file] = fixtures(`${folder}/pretrainedResnet_quant.tflite`);
    const interpreter = await openTflite((await file?.bytes()) ?? new Uint8Array());
    expect(interpreter.inputs).toEqual([{ name: 'input_1_int8', shape: [1, 32, 32, 3], type: 'int8' }]);
    const data = await openData(fixtures('cifar10/cifar10_1000.npz'), {}, context);
    let right = 0;
    for (let sample = 0; sample < data.size; sample++) {
      const picture = await data.batch(sample, 1, [32, 32, 3]);
      // Its input has scale 1 and zero point −128.
      const scores = [...(interpreter.run([picture.map((value) => value - 128)])[0] ?? [])];
      if (scores.indexOf(Math.max(...scores)) === data.labels?.[sample]) right++;
    }
    interpreter.dispose();
    expect([right, data.size]).toEqual([878, 1000]);
  });
});
