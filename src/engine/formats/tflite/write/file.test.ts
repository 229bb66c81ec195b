/** The container: what a reader of the schema finds, kinds with float activations in the interpreter, and what is refused. */
import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import { ByteBuffer } from 'flatbuffers';
import { beforeAll, describe, expect, it } from 'vitest';
import type { TfliteOptions } from '../../../format.ts';
import { halfBits, halfValue } from '../../../math/half.ts';
import { createRng } from '../../../math/rng.ts';
import { type Model, withWeights } from '../../../model/model.ts';
import { relativeDifference } from '../../../model/ops/cases.ts';
import { calibrated } from '../../../testing/calibrated.ts';
import { noise, onGrid, runSmall, smallModel, weightIn } from '../../../testing/small-model.ts';
import { openTflite } from '../../../testing/tflite-interpreter.ts';
import * as schema from '../schema/schema.ts';
import { tfliteLosses } from './losses.ts';
import { writeTflite } from './write.ts';

const context = { signal: new AbortController().signal, report: () => {}, rng: createRng(1) };
const net = smallModel({ picture: [12, 12, 3] }, [
  { name: 'conv', op: 'Conv2D', config: { filters: 16, kernel_size: 3, use_bias: false } },
  { name: 'norm', op: 'BatchNormalization' },
  { name: 'relu', op: 'ReLU' },
  { name: 'flat', op: 'Flatten' },
  { name: 'scores', op: 'Dense', config: { units: 10 } },
]);
const picture = noise(12 * 12 * 3);

beforeAll(async () => {
  await tf.setBackend('cpu');
});

async function write(model: Model, tflite?: TfliteOptions): Promise<Uint8Array> {
  const [file] = await writeTflite(model, { precision: 'encoded', ...(tflite ? { tflite } : {}) }, context);
  return file?.bytes ?? new Uint8Array();
}

const parse = (bytes: Uint8Array): schema.Model => schema.Model.getRootAsModel(new ByteBuffer(bytes));

/** The types of the graph's stored tensors. */
function storedTypes(bytes: Uint8Array): number[] {
  const [model, graph] = [parse(bytes), parse(bytes).subgraphs(0)];
  return Array.from({ length: graph?.tensorsLength() ?? 0 }, (_, i) => graph?.tensors(i)).flatMap((tensor) =>
    (model.buffers(tensor?.buffer() ?? 0)?.dataLength() ?? 0) > 0 ? [tensor?.type() ?? -1] : [],
  );
}

async function output(bytes: Uint8Array): Promise<Float32Array> {
  const interpreter = await openTflite(bytes);
  const [found = new Float32Array()] = interpreter.run([picture]);
  interpreter.dispose();
  return found as Float32Array;
}

describe('the file', () => {
  it('has the identifier, aligned buffers, a signature, the least runtime, and the same bytes each time', async () => {
    const bytes = await write(net);
    expect(await write(net)).toEqual(bytes);
    expect(new TextDecoder().decode(bytes.subarray(4, 8))).toBe('TFL3');
    const model = parse(bytes);
    for (let i = 1; i < model.buffersLength(); i++) {
      const data = model.buffers(i)?.dataArray();
      expect((data?.byteOffset ?? 1) - bytes.byteOffset).toSatisfy((offset: number) => offset % 16 === 0);
    }
    const signature = model.signatureDefs(0);
    expect([signature?.signatureKey(), signature?.inputs(0)?.name(), signature?.outputs(0)?.name()]).toEqual([
      'serving_default',
      'picture',
      'scores',
    ]);
    const metadata = model.metadata(0);
    const runtime = model.buffers(metadata?.buffer() ?? 0)?.dataArray() ?? new Uint8Array();
    expect([metadata?.name(), new TextDecoder().decode(runtime).replaceAll('\0', '')]).toEqual(['min_runtime_version', '1.5.0']);
  });

  it('names every operator in the old field too, with the version its types need', async () => {
    const model = parse(await write(await calibrated(net, [picture], 1), { kind: 'int8' }));
    const codes = Array.from({ length: model.operatorCodesLength() }, (_, i) => model.operatorCodes(i)).map((code) => [
      code?.builtinCode(),
      code?.deprecatedBuiltinCode(),
      code?.version(),
    ]);
    const { CONV_2D, FULLY_CONNECTED, QUANTIZE } = schema.BuiltinOperator;
    expect(codes).toEqual(
      expect.arrayContaining([
        [QUANTIZE, QUANTIZE, 1],
        [CONV_2D, CONV_2D, 3],
        [FULLY_CONNECTED, FULLY_CONNECTED, 4],
      ]),
    );
  });

  it('has a batch of one, or any where asked to', async () => {
    const shapes = (bytes: Uint8Array) => {
      const graph = parse(bytes).subgraphs(0);
      const tensor = graph?.tensors(graph.inputs(0) ?? 0);
      return [[...(tensor?.shapeArray() ?? [])], [...(tensor?.shapeSignatureArray() ?? [])]];
    };
    expect(shapes(await write(net))).toEqual([[1, 12, 12, 3], []]);
    const any = await write(net, { anyBatch: true });
    expect(shapes(any)).toEqual([
      [1, 12, 12, 3],
      [-1, 12, 12, 3],
    ]);
    expect(await output(any)).toEqual(await output(await write(net)));
  });
});

describe('kinds with float activations', () => {
  it('float16 stores kernels as halves, which the interpreter widens', async () => {
    const bytes = await write(net, { kind: 'float16' });
    expect(storedTypes(bytes).filter((type) => type === schema.TensorType.FLOAT16)).toHaveLength(2);
    const dense = weightIn(net, 'scores/kernel');
    const rounded = { ...dense, values: dense.values.map((value) => halfValue(halfBits(value))) };
    const [expected = new Float32Array()] = runSmall(withWeights(net, new Map([['scores/kernel', rounded]])), [picture], 1);
    // The folded convolution is rounded as well.
    expect(relativeDifference(expected, await output(bytes))).toBeLessThan(2e-3);
    expect(
      tfliteLosses(net, { precision: 'encoded', tflite: { kind: 'float16' } }).map(({ layer, code }) => [layer, code]),
    ).toEqual([
      ['conv', 'rounded-to-float16'],
      ['scores', 'rounded-to-float16'],
    ]);
  });

  it('dynamic stores large kernels as int8, and rounds what flows into them', async () => {
    const bytes = await write(net, { kind: 'dynamic' });
    // The convolution has 432 weights: nothing is gained there.
    expect(storedTypes(bytes).filter((type) => type === schema.TensorType.INT8)).toHaveLength(1);
    const [expected = new Float32Array()] = runSmall(net, [picture], 1);
    expect(relativeDifference(expected, await output(bytes))).toBeLessThan(0.02);
    expect(bytes.length).toBeLessThan((await write(net)).length / 3);
  });

  it('without a wish the kind is what the model already is', async () => {
    const types = async (model: Model) => new Set(storedTypes(await write(model)));
    expect(await types(net)).not.toContain(schema.TensorType.INT8);
    expect(await types(onGrid(net, 'scores/kernel', { bits: 8, axis: null, symmetric: true }))).toContain(schema.TensorType.INT8);
    expect(await types(await calibrated(net, [picture], 1))).toContain(schema.TensorType.INT32);
  });
});

describe('what can not be written', () => {
  it.each<[string, Model, TfliteOptions, string]>([
    ['integers without ranges', net, { kind: 'int8' }, 'EXPORT_CALIBRATION'],
    ['integers at the ends of a float file', net, { kind: 'float32', io: 'int8' }, 'EXPORT_IO'],
    [
      'numbers that are none',
      withWeights(net, new Map([['conv/kernel', broken(Number.NaN)]])),
      { kind: 'dynamic' },
      'WEIGHT_NOT_FINITE',
    ],
    ['numbers beyond halves', withWeights(net, new Map([['conv/kernel', broken(1e9)]])), { kind: 'float16' }, 'EXPORT_LAYER'],
    ['a variance below zero', withWeights(net, new Map([['norm/moving_variance', negative()]])), {}, 'EXPORT_LAYER'],
  ])('%s', async (_name, model, options, code) => {
    await expect(write(model, options)).rejects.toMatchObject({ code });
  });
});

function broken(value: number) {
  const kernel = weightIn(net, 'conv/kernel');
  return { ...kernel, values: kernel.values.map((own, i) => (i === 5 ? value : own)) };
}

function negative() {
  const variance = weightIn(net, 'norm/moving_variance');
  return { ...variance, values: variance.values.map(() => -1) };
}
