import { describe, expect, it } from 'vitest';
import type { Dataset } from '../data/dataset.ts';
import { writeTfjsLayers } from '../formats/tfjs-layers/write.ts';
import { createRng } from '../math/rng.ts';
import { macsFigure } from '../metrics/macs.ts';
import { concreteInputs } from '../run.ts';
import { summarize } from '../summary.ts';
import { smallModel } from '../testing/small-model.ts';
import { concreteShape, withInputSize } from './input-size.ts';

const conv = { name: 'conv', op: 'Conv2D', config: { filters: 2, kernel_size: 3, strides: 2, use_bias: false } };
const anySize = smallModel({ x: [null, null, 3] }, [conv]);
const context = { signal: new AbortController().signal, report: () => {}, rng: createRng(1) };

/** 3 × 3 windows, every second one, of 3 channels into 2. */
const macsAt = (height: number, width: number): number => Math.floor((height - 1) / 2) * Math.floor((width - 1) / 2) * 9 * 3 * 2;

describe('a model that takes any size', () => {
  it('is told for the size that was chosen, else the data’s, else a usual one', () => {
    const data = { sampleShape: [40, 30, 3] } as unknown as Dataset;
    expect(concreteInputs(anySize, null)).toEqual([[224, 224, 3]]);
    expect(concreteInputs(anySize, data)).toEqual([[40, 30, 3]]);
    expect(concreteInputs(withInputSize(anySize, [96]), data)).toEqual([[96, 96, 3]]);
    expect(concreteInputs(withInputSize(anySize, [96, 128]), null)).toEqual([[96, 128, 3]]);
    expect(concreteShape({ shape: [null, 7] }, null)).toEqual([64, 7]);
  });

  it('has work and shapes of that size', () => {
    for (const [height, width] of [
      [224, 224],
      [96, 128],
    ] as const) {
      const size = [height, width];
      const { macs, layers, inputs } = summarize(height === 224 ? anySize : withInputSize(anySize, size));
      expect(macs).toBe(macsAt(height, width));
      expect(macs).toBe(macsFigure(anySize, [[...size, 3]])?.value);
      expect(layers[0]?.shape).toEqual([Math.floor((height - 1) / 2), Math.floor((width - 1) / 2), 2]);
      expect(inputs[0]).toMatchObject({ shape: [null, null, 3], size: [...size, 3] });
    }
  });

  it('is written as open as it was read', async () => {
    const [json] = await writeTfjsLayers(withInputSize(anySize, [96]), { precision: 'float32' }, context);
    expect(new TextDecoder().decode(json?.bytes)).toContain('[null,null,null,3]');
  });

  it('says nothing of work where its layers do not take the usual size, and refuses what they do not take', () => {
    const wide = smallModel({ x: [null, null, 3] }, [{ ...conv, config: { ...conv.config, kernel_size: 300 } }]);
    expect(summarize(wide)).toMatchObject({ macs: null, inputs: [{ size: null }] });
    expect(() => summarize(withInputSize(wide, [96]))).toThrow(expect.objectContaining({ code: 'MODEL_SHAPE' }));
  });

  it.each<[number[], string]>([
    [[8, 8, 8], '2 sizes open, and 3 were given'],
    [[0], 'not 0'],
    [[2.5, 3], 'not 2.5 × 3'],
    [[Number.NaN], 'not NaN'],
    [[8193], 'not 8193'],
    [[8000, 8000], 'does not fit into a page'],
  ])('%j is refused', (sizes, words) => {
    expect(() => withInputSize(anySize, sizes)).toThrow(
      expect.objectContaining({ code: 'MODEL_INPUT_SIZE', detail: expect.stringContaining(words) }),
    );
  });

  it('of fixed sizes is never resized', () => {
    expect(() => withInputSize(smallModel({ x: [9, 9, 3] }, [conv]), [8])).toThrow(
      expect.objectContaining({ code: 'MODEL_INPUT_SIZE' }),
    );
  });
});
