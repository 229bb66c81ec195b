import { afterAll, describe, expect, it } from 'vitest';
import { startBackend, stopBackend } from '../../runtime/backends.ts';
import { backendTolerance, opCases, relativeDifference, runCase } from './cases.ts';

afterAll(() => {
  stopBackend('simd');
  stopBackend('wasm');
  stopBackend('cpu');
});

describe('every op gives the same on cpu, wasm and simd', () => {
  it.each(opCases)('$name', async (opCase) => {
    await startBackend('cpu');
    const expected = await runCase(opCase);
    for (const backend of ['wasm', 'simd'] as const) {
      await startBackend(backend);
      const found = await runCase(opCase);
      expect(found.shape).toEqual(expected.shape);
      expect(relativeDifference(expected.values, found.values)).toBeLessThan(backendTolerance[backend]);
    }
  });
});
