import { describe, expect, it } from 'vitest';
import { confusionOf } from './confusion.ts';
import { createPsnrCounter, peakOf } from './psnr.ts';

describe('confusionOf', () => {
  it('counts both models by label', () => {
    const { cells, labelled, unanswered } = confusionOf([0, 0, 1, 2], [0, 1, 1, 2], [0, 0, 2, -1], 3);
    expect(cells).toEqual([
      { truth: 0, answer: 0, before: 1, after: 2 },
      { truth: 0, answer: 1, before: 1, after: 0 },
      { truth: 1, answer: 1, before: 1, after: 0 },
      { truth: 1, answer: 2, before: 0, after: 1 },
      { truth: 2, answer: 2, before: 1, after: 0 },
    ]);
    expect([labelled, unanswered]).toEqual([true, { before: 0, after: 1 }]);
  });

  it('takes the original for the truth without labels', () => {
    const { cells, labelled } = confusionOf(null, [0, 1], [0, 0], 2);
    expect(cells).toEqual([
      { truth: 0, answer: 0, before: 1, after: 1 },
      { truth: 1, answer: 0, before: 0, after: 1 },
      { truth: 1, answer: 1, before: 1, after: 0 },
    ]);
    expect(labelled).toBe(false);
  });
});

describe('PSNR', () => {
  it('follows its definition', () => {
    const counter = createPsnrCounter();
    counter.add([52, 55], [54, 55]);
    counter.add([61, 66], [60, 66]);
    expect(counter.figure(255)?.value).toBeCloseTo(20 * Math.log10(255) - 10 * Math.log10(1.25), 10);
    expect(counter.figure(255)).toMatchObject({ unit: 'dB', n: 4 });
  });

  it('has no figure for equal pictures', () => {
    const counter = createPsnrCounter();
    counter.add([1, 2], [1, 2]);
    expect(counter.figure(1)).toBeNull();
  });

  it('tells the usual spans apart', () => {
    expect([peakOf([0, 0.4, 1.1]), peakOf([-0.9, 0.5]), peakOf([0, 200])]).toEqual([1, 2, 255]);
  });
});
