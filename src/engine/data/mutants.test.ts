import { expect, it } from 'vitest';
import { dataFuzzTargets, fuzzData } from '../testing/fuzz-data.ts';

it.each(dataFuzzTargets)('2,000 mutants of %s: readable, finite samples or a StudioError, nothing else', async (target) => {
  const { refused, failures } = await fuzzData(target, 2000, 1);
  expect(failures).toEqual([]);
  // The mutants say nothing where none is refused.
  expect(refused).toBeGreaterThan(0);
});
