/** Gradients of a whole step (layers, answers and adapters together) against central differences of its own loss. */
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, expect, it } from 'vitest';
import { trainingStep } from '../../../bench/train-step.ts';
import { createRng } from '../math/rng.ts';
import { startBackend } from '../runtime/backends.ts';
import type { SimdBackend } from '../runtime/simd/backend.ts';
import { slotsOf } from '../slots.ts';
import { noise, smallModel } from '../testing/small-model.ts';
import { requireGradients } from './backend.ts';
import { headless } from './graph.ts';
import type { MatchKind } from './match-loss.ts';
import { createMatching } from './matching.ts';
import { gradientStep, learnersOf, type Network } from './step.ts';
import { trainableTensors } from './trainable.ts';

beforeAll(async () => {
  await startBackend('simd');
  await requireGradients();
});

const shape = [5, 5, 1];
const count = 3;

/** Two convolutions and an answer; tanh has no corners that a difference could step over. */
const net = (filters: number, seed: number) =>
  headless(
    smallModel(
      { x: shape },
      [
        { name: 'first', op: 'Conv2D', config: { filters, kernel_size: 3, padding: 'same', activation: 'tanh' } },
        { name: 'second', op: 'Conv2D', config: { filters, kernel_size: 3, activation: 'tanh' } },
        { name: 'flat', op: 'Flatten' },
        { name: 'answer', op: 'Dense', config: { units: 2, activation: 'softmax' } },
      ],
      { seed },
    ),
  );

it.each<MatchKind>(['features', 'attention'])('%s', async (kind) => {
  const [student, teacher] = [net(2, 1).graph, net(3, 2).graph];
  const job = { kind, beta: 3, pairs: '' };
  const matching = createMatching(job, { graph: student, shape }, { graph: teacher, shape }, createRng(4));
  expect(matching.asked).toEqual(['first', 'second']);
  const { trained, normalizesBatch } = trainableTensors(slotsOf(student));
  const rest = { shape, width: 2, classes: 2, frozen: new Map<string, tf.Tensor>(), normalizesBatch, matching };
  const network: Network = { graph: student, kind: 'categorical', trained, ...rest };
  const batch = {
    count,
    inputs: noise(count * 25, 5),
    targets: Float32Array.of(1, 0, 0, 1, 1, 0),
    teacher: {
      answers: noise(count * 2, 6),
      layers: [noise(count * 75, 7), noise(count * 27, 8)],
      temperature: 2,
      alpha: 0.5,
    },
  };
  const step = () => gradientStep(network, batch, createRng(1));
  const { slopes } = await step();
  const learners = learnersOf(network);
  expect(learners).toHaveLength(kind === 'features' ? 10 : 6);
  for (const [which, learner] of learners.entries()) {
    const [parameter] = learner.parameters;
    for (const at of [0, (parameter?.values.length ?? 1) - 1]) {
      const values = parameter?.values ?? new Float32Array();
      const start = values[at] as number;
      const lossAt = async (value: number) => {
        values[at] = value;
        return (await step()).loss;
      };
      const slope = ((await lossAt(start + 0.01)) - (await lossAt(start - 0.01))) / 0.02;
      values[at] = start;
      expect(Math.abs((slopes[which]?.[at] as number) - slope), `${which} ${at}`).toBeLessThan(0.002 + 0.005 * Math.abs(slope));
    }
  }
});

it('takes no more memory in the 200th step than in the 20th, and leaves nothing behind', async () => {
  const layers = [
    { name: 'conv', op: 'Conv2D', config: { filters: 4, kernel_size: 3, padding: 'same', use_bias: false } },
    { name: 'norm', op: 'BatchNormalization' },
    { name: 'relu', op: 'ReLU' },
    { name: 'pool', op: 'MaxPooling2D' },
    { name: 'flat', op: 'Flatten' },
    { name: 'answer', op: 'Dense', config: { units: 10, activation: 'softmax' } },
  ];
  const train = trainingStep(smallModel({ x: [6, 6, 2] }, layers), 4);
  const { arena } = (tf.backend() as SimdBackend).machine;
  const held = () => [tf.memory().numTensors, arena.usedBytes];
  const before = held();
  for (let step = 0; step < 20; step++) await train();
  // The first kernels of a backend take scratch memory for good.
  const { highWater } = arena;
  const after = held();
  for (let step = 20; step < 200; step++) await train();
  expect(arena.highWater).toBe(highWater);
  expect(held()).toEqual(after);
  expect(after[0]).toBe(before[0]);
});
