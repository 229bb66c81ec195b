import { expect, it } from 'vitest';
import { createRng } from '../math/rng.ts';
import { agreementByClass } from './class-agreement.ts';
import { discordant, outcomesOf } from './outcomes.ts';

const answers = (n: number, seed: number) => {
  const rng = createRng(seed);
  return Int32Array.from({ length: n }, () => rng.integer(3) - (rng.integer(10) === 0 ? 3 : 0)).map((answer) =>
    Math.max(-1, answer),
  );
};

it.each([0, 1, 3, 4, 5, 101])('tells of %i samples which changed sides, as counting them does', (n) => {
  const [labels, original, one, two] = [Int32Array.from(answers(n, 1), Math.abs), answers(n, 2), answers(n, 3), answers(n, 4)];
  const [a, b] = [one, two].map((after) => outcomesOf({ before: original, after }, labels));
  const count = (holds: (i: number) => boolean) => Array.from({ length: n }, (_, i) => i).filter(holds).length;
  const right = (of: Int32Array, i: number) => of[i] === labels[i];
  expect(discordant(a?.right ?? '', b?.right ?? '')).toEqual({
    gained: count((i) => right(two, i) && !right(one, i)),
    lost: count((i) => right(one, i) && !right(two, i)),
  });
  const same = (of: Int32Array, i: number) => of[i] === original[i] && of[i] !== -1;
  expect(discordant(a?.same ?? '', b?.same ?? '')).toEqual({
    gained: count((i) => same(two, i) && !same(one, i)),
    lost: count((i) => same(one, i) && !same(two, i)),
  });
});

it('keeps nothing of one model alone, no rights without classes, and compares no different lengths', () => {
  const some = answers(9, 5);
  expect(outcomesOf(null, undefined)).toBeNull();
  expect(outcomesOf({ before: some, after: null }, some)).toBeNull();
  expect(outcomesOf({ before: some, after: some }, undefined)?.right).toBeUndefined();
  expect(discordant('0', '00')).toBeNull();
});

it('takes 2.5 kB for ten thousand samples', () => {
  const some = answers(10_000, 6);
  expect(outcomesOf({ before: some, after: some }, some)?.right).toHaveLength(2500);
});

it('tells agreement class by class: by the truth where it is known, else by what the first said', () => {
  const [truth, first, second] = [Int32Array.of(0, 0, 2, 2, 2), Int32Array.of(0, 1, 2, 2, -1), Int32Array.of(0, 0, 2, 1, -1)];
  expect(agreementByClass({ before: first, after: second }, truth)).toEqual([
    { label: 0, samples: 2, same: 1, right: { before: 1, after: 2 } },
    { label: 2, samples: 3, same: 1, right: { before: 2, after: 1 } },
  ]);
  expect(agreementByClass({ before: first, after: second }, undefined)).toEqual([
    { label: 0, samples: 1, same: 1, right: null },
    { label: 1, samples: 1, same: 0, right: null },
    { label: 2, samples: 2, same: 1, right: null },
  ]);
});
