/** A patch times the kernel is what the layer computes, for every padding, stride and dilation. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { buildNet } from '../../../bench/nets.ts';
import { createRng } from '../math/rng.ts';
import { elementCount } from '../model/model.ts';
import { inferShapes } from '../model/topology.ts';
import { startBackend, stopBackend } from '../runtime/backends.ts';
import { createPredictor } from '../runtime/executor.ts';
import { patchLayout } from './patches.ts';

beforeAll(() => startBackend('simd'));
afterAll(() => stopBackend('simd'));

it.each([
  ['Dense', [5], {}],
  ['Dense', [3, 2, 5], {}],
  ['Conv2D', [7, 6, 2], { kernel_size: 3, padding: 'same' }],
  ['Conv2D', [7, 6, 2], { kernel_size: [2, 3], padding: 'same', strides: [2, 3] }],
  ['Conv2D', [7, 8, 2], { kernel_size: 3, dilation_rate: 2 }],
  ['Conv1D', [9, 2], { kernel_size: 3, padding: 'same', strides: 2 }],
  ['Conv1D', [9, 2], { kernel_size: 3, padding: 'causal', dilation_rate: 2 }],
])('%s of %j with %j', async (className, shape, config) => {
  const units = className === 'Dense' ? { units: 4 } : { filters: 4 };
  const model = buildNet('one', shape, [{ className, name: 'layer', config: { ...units, ...config, use_bias: false } as never }]);
  const [node] = model.nodes;
  const kernel = model.weights.get('layer/kernel')?.values ?? new Float32Array();
  const output = (inferShapes(model).get('layer') ?? []).map((size) => size ?? 1);
  const layout = node && patchLayout(node, shape, output);
  if (layout === undefined) throw new Error('There is a layout.');
  const rng = createRng(2);
  const input = Float32Array.from({ length: 2 * elementCount(shape) }, () => rng.normal());
  const predictor = await createPredictor(model);
  const [values = new Float32Array()] = await predictor.predict([input], 2);
  predictor.dispose();
  const patch = new Float32Array(layout.size);
  let at = 0;
  for (let sample = 0; sample < 2; sample++) {
    for (let place = 0; place < layout.output[0] * layout.output[1]; place++) {
      const [row, column] = [Math.floor(place / layout.output[1]), place % layout.output[1]];
      layout.copy(input, sample * layout.sample, row, column, patch);
      for (let filter = 0; filter < 4; filter++, at++) {
        const sum = patch.reduce((total, value, i) => total + value * (kernel[i * 4 + filter] ?? 0), 0);
        expect(sum).toBeCloseTo(values[at] ?? Number.NaN, 4);
      }
    }
  }
  expect(at).toBe(values.length);
});

it('knows no patches of other layers', () => {
  const model = buildNet('pool', [4, 4, 2], [{ className: 'MaxPooling2D' }]);
  const [node] = model.nodes;
  expect(node && patchLayout(node, [4, 4, 2], [2, 2, 2])).toBeUndefined();
});
