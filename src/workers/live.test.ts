/** What a person sees while a slider moves, before anything was run. */
import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import { beforeAll, expect, it } from 'vitest';
import { arrayDataset } from '../engine/data/array-dataset.ts';
import { createAnswerCache, createRecipeCache } from '../engine/index.ts';
import type { Recipe } from '../engine/recipe.ts';
import { noise, smallModel } from '../engine/testing/small-model.ts';
import type { DataHandle, ModelHandle } from './api.ts';
import type { Device } from './device.ts';
import { createLiveDesk } from './live.ts';
import { createSession, type OpenedDataState, type OpenedModelState } from './session.ts';

beforeAll(async () => {
  await tf.setBackend('cpu');
});

it('answers with calibrated activations, on the 256 levels of an 8-bit softmax', async () => {
  const net = smallModel({ x: [4] }, [{ name: 'classes', op: 'Dense', config: { units: 3, activation: 'softmax' } }]);
  const session = createSession();
  const [model, data] = ['model' as ModelHandle, 'data' as DataHandle];
  const caches = { cache: createRecipeCache(), answers: createAnswerCache() };
  session.models.set(model, { model: net, ...caches } as OpenedModelState);
  const dataset = arrayDataset({ name: 'noise', kind: 'table', sampleShape: [4], values: noise(60 * 4) });
  session.data.set(data, { dataset, preprocessing: 'raw', revision: 0 } as OpenedDataState);
  const device = { backend: 'cpu', use: (_signal, job) => job() } as Device;
  const desk = createLiveDesk(session, device);
  const recipe: Recipe = { recipe: 1, seed: 1, steps: [{ use: 'quantize/static' }] };
  const { before, after } = await desk.calls.live({ model, data, recipe, count: 10 }, new AbortController().signal);
  desk.release(model);
  const between = (values: Float32Array) => [...values].filter((value) => !Number.isInteger(value * 256));
  expect(between(before).length).toBeGreaterThan(0);
  expect(between(after)).toEqual([]);
});
