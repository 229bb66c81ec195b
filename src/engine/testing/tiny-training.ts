/** Five steps of a tiny net, the same on whichever backend is in place: what backends are compared by. */
import { arrayDataset } from '../data/array-dataset.ts';
import { createRng } from '../math/rng.ts';
import { slotsOf } from '../slots.ts';
import type { TrainingSettings } from '../train/settings.ts';
import { trainModel } from '../train/train.ts';
import { trainableTensors } from '../train/trainable.ts';
import { noise, smallModel } from './small-model.ts';

const side = 6;
const count = 16;

const few = () =>
  smallModel({ x: [side, side, 2] }, [
    { name: 'conv', op: 'Conv2D', config: { filters: 4, kernel_size: 3, activation: 'relu' } },
    { name: 'pool', op: 'MaxPooling2D' },
    { name: 'flat', op: 'Flatten' },
    { name: 'answer', op: 'Dense', config: { units: 3, activation: 'softmax' } },
  ]);

/** Every kind of layer that backends have kernels of their own for. */
export const tinyNet = () =>
  smallModel({ x: [side, side, 2] }, [
    { name: 'conv', op: 'Conv2D', config: { filters: 4, kernel_size: 3, padding: 'same', use_bias: false } },
    { name: 'norm', op: 'BatchNormalization' },
    { name: 'relu', op: 'ReLU' },
    { name: 'depthwise', op: 'DepthwiseConv2D', config: { kernel_size: 3, padding: 'same' } },
    { name: 'strided', op: 'Conv2D', config: { filters: 4, kernel_size: 3, strides: 2, padding: 'same', activation: 'relu' } },
    { name: 'shortcut', op: 'Conv2D', config: { filters: 4, kernel_size: 1, strides: 2 }, inputs: ['relu'] },
    { name: 'sum', op: 'Add', inputs: ['strided', 'shortcut'] },
    { name: 'pool', op: 'MaxPooling2D', config: { pool_size: 2, strides: 1 } },
    { name: 'flat', op: 'Flatten' },
    { name: 'hidden', op: 'Dense', config: { units: 8, activation: 'relu' } },
    { name: 'answer', op: 'Dense', config: { units: 3, activation: 'softmax' } },
  ]);

const teacher = () =>
  smallModel(
    { x: [side, side, 2] },
    [
      { name: 'wide', op: 'Conv2D', config: { filters: 6, kernel_size: 3, padding: 'same', activation: 'relu' } },
      { name: 'half', op: 'MaxPooling2D' },
      { name: 'deep', op: 'Conv2D', config: { filters: 4, kernel_size: 3, padding: 'same', activation: 'relu' } },
      { name: 'mean', op: 'GlobalAveragePooling2D' },
      { name: 'class', op: 'Dense', config: { units: 3, activation: 'softmax' } },
    ],
    { seed: 9 },
  );

/** Labelled noise, as large as one batch. */
export function tinyData() {
  const labels = Int32Array.from({ length: count }, (_, i) => i % 3);
  const values = noise(count * side * side * 2, 3);
  const dataset = arrayDataset({ name: 'noise', kind: 'images', sampleShape: [side, side, 2], values, labels });
  return { dataset, preprocessing: 'raw', id: 'noise' } as const;
}

const settings: TrainingSettings = {
  ...{ epochs: 5, batchSize: count, learningRate: 0.02, optimizer: 'sgd', schedule: 'constant', warmUp: 0, augmentation: 'none' },
  ...{ mixup: false, labelSmoothing: 0, balanceClasses: false, weightDecay: 0.0001, clipNorm: 0, validation: 0, patience: 0 },
};

export interface TinyTraining {
  /** Losses of the five steps. */
  readonly losses: readonly number[];
  /** How far all weights moved from their start, one after the other. */
  readonly moves: readonly number[];
}

/**
 * Learns from labels, or from a teacher's layers too. Plain steps along the gradient: those of Adam are as large for a gradient that is all
 * rounding as for any other, so that two backends would part there. `few` layers spare an imitated GPU most of its shaders.
 */
export async function trainTiny(
  taught: 'labels' | 'features' | 'attention',
  layers: 'all' | 'few' = 'all',
): Promise<TinyTraining> {
  const model = layers === 'few' ? few() : tinyNet();
  const data = tinyData();
  const matching = taught === 'labels' ? undefined : { kind: taught, beta: 1, pairs: '' };
  const job = { technique: 'tiny', model, data, settings, ...trainableTensors(slotsOf(model)) };
  const result = await trainModel(
    matching ? { ...job, teacher: { model: teacher(), temperature: 4, alpha: 0.9, matching } } : job,
    { signal: new AbortController().signal, report: () => {}, rng: createRng(1) },
  );
  const moves = [...result.model.weights].flatMap(([id, weight]) =>
    Array.from(weight.values, (value, i) => value - (model.weights.get(id)?.values[i] ?? 0)),
  );
  return { losses: result.training?.losses ?? [], moves };
}

/** How far two trainings ended from one another, relative to how far they went. */
export function partedBy(one: TinyTraining, other: TinyTraining): number {
  const length = (values: readonly number[]) => Math.sqrt(values.reduce((sum, value) => sum + value * value, 0));
  return length(one.moves.map((move, i) => move - (other.moves[i] ?? Number.NaN))) / length(one.moves);
}
