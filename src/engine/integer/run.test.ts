/** The integer arithmetic here against Google's interpreter, whose int8 kernels are XNNPACK's where XNNPACK has them. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { residualNet } from '../../../bench/nets.ts';
import { planFile } from '../formats/tflite/write/plan.ts';
import { serialize } from '../formats/tflite/write/serialize.ts';
import type { Model } from '../model/model.ts';
import { caseInputs, caseModel, opCases } from '../model/ops/cases.ts';
import { startBackend, stopBackend } from '../runtime/backends.ts';
import { createAccelerator } from '../runtime/integer-accelerator.ts';
import { calibrated, kernelsOnGrid } from '../testing/calibrated.ts';
import { type LayerSketch, noise, smallModel } from '../testing/small-model.ts';
import { openTflite } from '../testing/tflite-interpreter.ts';
import type { Kernels } from './fixed-point.ts';
import { prepareIntegers } from './run.ts';

beforeAll(() => startBackend('simd'));
afterAll(() => stopBackend('simd'));

interface Difference {
  readonly numbers: number;
  /** Codes that differ, and by how much at most. */
  readonly different: number;
  readonly worst: number;
}

/** Whether a layer has no integers in the file, as losses.ts says before saving. */
async function hasFloats(model: Model, inputs: readonly Float32Array[]): Promise<boolean> {
  const prepared = await calibrated(kernelsOnGrid(model), inputs, 2);
  return planFile(prepared, { precision: 'encoded', tflite: { kind: 'int8' } }).floatLayers.length > 0;
}

/** Codes of the output, ours against the interpreter's, on every sample: by plain loops and by the backend's kernels. */
async function compared(model: Model, inputs: readonly Float32Array[], count: number, kernels: Kernels): Promise<Difference> {
  const prepared = await calibrated(kernelsOnGrid(model), inputs, count);
  const { file } = planFile(prepared, { precision: 'encoded', tflite: { kind: 'int8' } });
  const scale = Math.fround(file.operators.findLast(({ output }) => output.grid)?.output.grid?.scale[0] ?? 1);
  const interpreter = await openTflite(serialize(file));
  const accelerator = createAccelerator();
  const runs = [prepareIntegers(file, kernels), prepareIntegers(file, kernels, accelerator?.accelerate)];
  let [numbers, different, worst] = [0, 0, 0];
  for (let sample = 0; sample < count; sample++) {
    const one = inputs.map((all) => all.subarray((sample * all.length) / count, ((sample + 1) * all.length) / count));
    const [theirs = new Float32Array()] = interpreter.run(one);
    for (const run of runs) {
      const [ours = new Float32Array()] = run(one);
      numbers += theirs.length;
      for (const [i, value] of theirs.entries()) {
        const steps = Math.abs(Math.round(((ours[i] ?? Number.NaN) - value) / scale));
        if (steps !== 0) different++;
        worst = Math.max(worst, steps);
      }
    }
  }
  accelerator?.dispose();
  interpreter.dispose();
  return { numbers, different, worst };
}

describe('every operator with integers', () => {
  it.each(opCases)('$name', async (opCase) => {
    const inputs = caseInputs(opCase);
    const model = caseModel(opCase);
    const difference = compared(model, inputs, 2, 'xnnpack');
    if (await hasFloats(model, inputs)) await expect(difference).rejects.toMatchObject({ code: 'INTEGER_OPERATOR' });
    else expect(await difference).toMatchObject({ different: 0 });
  });
});

const layer = (op: string, config: LayerSketch['config'] = {}): readonly LayerSketch[] => [{ name: 'out', op, config }];
const beside = (op: string): readonly LayerSketch[] => [
  { name: 'side', op: 'Activation', config: { activation: 'tanh' } },
  { name: 'out', op, inputs: ['x', 'side'] },
];
/** Operators whose XNNPACK kernels round otherwise than the reference, and those that agree. */
const large: readonly (readonly [string, readonly LayerSketch[], 'alike' | 'one code'])[] = [
  ['CONV_2D', layer('Conv2D', { filters: 4, kernel_size: 3, padding: 'same' }), 'one code'],
  ['DEPTHWISE_CONV_2D', layer('DepthwiseConv2D', { kernel_size: 3 }), 'one code'],
  ['FULLY_CONNECTED', layer('Dense', { units: 16 }), 'one code'],
  ['MUL', beside('Multiply'), 'one code'],
  ['MEAN', layer('GlobalAveragePooling2D'), 'one code'],
  ['LEAKY_RELU', layer('LeakyReLU'), 'one code'],
  ['QUANTIZE before CONCATENATION', beside('Concatenate'), 'one code'],
  ['RESIZE_BILINEAR', layer('UpSampling2D', { interpolation: 'bilinear' }), 'one code'],
  ['ADD', beside('Add'), 'alike'],
  ['SUB', beside('Subtract'), 'alike'],
  ['TRANSPOSE_CONV', layer('Conv2DTranspose', { filters: 3, kernel_size: 3, strides: 2, padding: 'same' }), 'alike'],
  ['AVERAGE_POOL_2D', layer('AveragePooling2D', { pool_size: 3, strides: 1, padding: 'same' }), 'alike'],
  ['MAX_POOL_2D and RELU6', [{ name: 'pool', op: 'MaxPooling2D' }, ...layer('ReLU', { max_value: 6 })], 'alike'],
  ['PRELU', layer('PReLU'), 'alike'],
  ['ELU', layer('ELU'), 'alike'],
  ['GELU', layer('Activation', { activation: 'gelu' }), 'alike'],
  ['HARD_SWISH', layer('Activation', { activation: 'hard_silu' }), 'alike'],
  ['LOGISTIC', layer('Activation', { activation: 'sigmoid' }), 'alike'],
  ['TANH', layer('Activation', { activation: 'tanh' }), 'alike'],
  ['SOFTMAX', layer('Softmax'), 'alike'],
  ['LOG_SOFTMAX', layer('Activation', { activation: 'log_softmax' }), 'alike'],
];

describe('on thousands of numbers', () => {
  const x = noise(2 * 16 * 16 * 8).map((value) => 3 * value);

  it.each(large)('%s', async (_, layers, reference) => {
    const model = smallModel({ x: [16, 16, 8] }, layers);
    expect(await compared(model, [x], 2, 'xnnpack')).toMatchObject({ different: 0 });
    const { numbers, different, worst } = await compared(model, [x], 2, 'reference');
    expect(worst).toBeLessThanOrEqual(reference === 'alike' ? 0 : 1);
    expect(different / numbers).toBeLessThan(0.2);
  });

  it('a whole residual network', async () => {
    const net = residualNet();
    const pictures = noise(3 * 16 * 16 * 3);
    expect(await compared(net, [pictures], 3, 'xnnpack')).toMatchObject({ numbers: 60, different: 0 });
    expect((await compared(net, [pictures], 3, 'reference')).worst).toBeLessThanOrEqual(2);
  });

  it.each(['Add', 'Multiply'])('%s answers alike once it has a table of all pairs', async (op) => {
    const model = await calibrated(smallModel({ x: [16, 16, 8] }, beside(op)), [x], 2);
    const run = prepareIntegers(planFile(model, { precision: 'encoded', tflite: { kind: 'int8' } }).file, 'reference');
    const first = run([x.subarray(0, 2048)]);
    for (let turn = 0; turn < 31; turn++) run([x.subarray(2048)]);
    expect(run([x.subarray(0, 2048)])).toEqual(first);
  });
});
