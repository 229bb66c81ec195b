import { expect, it } from 'vitest';
import { latest } from './latest.ts';

it('has one call in flight and skips to the newest', async () => {
  const made: number[] = [];
  const gates: (() => void)[] = [];
  const call = latest<number>(async (input) => {
    made.push(input);
    await new Promise<void>((resolve) => gates.push(resolve));
  });
  for (const input of [1, 2, 3]) call(input);
  expect(made).toEqual([1]);
  gates[0]?.();
  await new Promise((resolve) => setTimeout(resolve));
  expect(made).toEqual([1, 3]);
});
