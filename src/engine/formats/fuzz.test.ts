import { expect, it } from 'vitest';
import { fuzzReader, fuzzTargets } from '../testing/fuzz.ts';

it.each(fuzzTargets)('2,000 mutants of %s: a model or a StudioError, nothing else', async (target) => {
  const { opened, refused, failures } = await fuzzReader(target, 2000, 1);
  expect(failures).toEqual([]);
  expect(opened + refused).toBe(2000);
  // Both must happen, or the mutants say nothing.
  expect(opened).toBeGreaterThan(0);
  expect(refused).toBeGreaterThan(500);
});
