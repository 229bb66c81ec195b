/** What Google's interpreter makes of .tflite bytes, in real numbers whatever the file's inputs and outputs are. */
import type { Dataset, Preprocessing } from '../src/engine/data/dataset.ts';
import { createPreprocess } from '../src/engine/data/preprocess.ts';
import { parseTflite, type TfliteTensor } from '../src/engine/formats/tflite/parse.ts';
import { openTflite } from '../src/engine/testing/tflite-interpreter.ts';

export interface Judge {
  /** One sample; the outputs. */
  run(inputs: readonly Float32Array[]): Float32Array[];
  dispose(): void;
}

/** Opens a file; integers at its ends are quantized and dequantized by the file's own scales. */
export async function judge(bytes: Uint8Array): Promise<Judge> {
  const file = parseTflite(bytes, 'model.tflite');
  const interpreter = await openTflite(bytes);
  const ends = (indices: readonly number[]): TfliteTensor[] => indices.map((index) => file.tensors[index] as TfliteTensor);
  const [inputs, outputs] = [ends(file.inputs), ends(file.outputs)];
  return {
    run: (given) =>
      interpreter
        .run(given.map((values, i) => quantized(values, inputs[i] as TfliteTensor)))
        .map((values, i) => real(values, outputs[i] as TfliteTensor)),
    dispose: () => interpreter.dispose(),
  };
}

const stepsOf = ({ quantization }: TfliteTensor) => ({
  scale: quantization?.scale[0] ?? 1,
  zeroPoint: Number(quantization?.zeroPoint[0] ?? 0),
});

function quantized(values: Float32Array, tensor: TfliteTensor): ArrayLike<number> {
  if (tensor.type === 'FLOAT32') return values;
  const { scale, zeroPoint } = stepsOf(tensor);
  const [low, high] = tensor.type === 'UINT8' ? [0, 255] : [-128, 127];
  return values.map((value) => Math.min(high, Math.max(low, Math.round(value / scale) + zeroPoint)));
}

function real(values: ArrayLike<number>, tensor: TfliteTensor): Float32Array {
  const { scale, zeroPoint } = stepsOf(tensor);
  return Float32Array.from(values, (value) => (tensor.type === 'FLOAT32' ? value : (value - zeroPoint) * scale));
}

/** Answers of a file for the first samples of a data set: its first output for each. */
export async function answers(
  bytes: Uint8Array,
  dataset: Dataset,
  { shape, preprocessing, limit = dataset.size }: { shape: readonly number[]; preprocessing: Preprocessing; limit?: number },
): Promise<Float32Array[]> {
  const file = await judge(bytes);
  const preprocess = await createPreprocess(preprocessing, dataset, shape);
  const all: Float32Array[] = [];
  for (let sample = 0; sample < Math.min(limit, dataset.size); sample++) {
    const input = await dataset.batch(sample, 1, shape);
    preprocess(input);
    all.push(file.run([input])[0] ?? new Float32Array());
  }
  file.dispose();
  return all;
}

/** The class of an answer. */
export const classOf = (answer: Float32Array): number => answer.indexOf(Math.max(...answer));
