import { afterAll, describe, expect, it } from 'vitest';
import { startBackend, stopBackend } from '../../runtime/backends.ts';
import { backendTolerance, opCases, relativeDifference, runCase } from './cases.ts';

afterAll(() => {
  stopBackend('wasm');
  stopBackend('cpu');
});

describe('every op gives the same on cpu and wasm', () => {
  it.each(opCases)('$name', async (opCase) => {
    await startBackend('cpu');
    const expected = await runCase(opCase);
    await startBackend('wasm');
    const found = await runCase(opCase);
    expect(found.shape).toEqual(expected.shape);
    expect(relativeDifference(expected.values, found.values)).toBeLessThan(backendTolerance.wasm);
  });
});
