/** Constraints that hold are told with their figures; one that is broken stops the recipe. */
import { expect, it } from 'vitest';
import { buildNet } from '../../bench/nets.ts';
import { keptForm } from './kept.ts';
import type { CodebookEncoding } from './model/encoding.ts';
import { type Model, type Weight, withWeights } from './model/model.ts';

const net = buildNet('rows', [4], [{ name: 'answer', className: 'Dense', config: { units: 2, activation: 'softmax' } }]);
const changed = (weight: Partial<Weight>): Model => {
  const kernel = net.weights.get('answer/kernel') as Weight;
  return withWeights(net, new Map([['answer/kernel', { ...kernel, ...weight }]]));
};
const mask = Uint8Array.of(1, 0, 1, 0, 1, 1, 1, 0);
const encoding: CodebookEncoding = {
  ...{ kind: 'codebook', palette: 'k-means', bits: 1, axis: null, groups: 1 },
  centroids: Float32Array.of(0, 0.5),
  codes: mask,
};
const coded = changed({ values: Float32Array.from(mask, (kept) => kept / 2), mask, encoding });

it('tells zeros and values as counted', () => {
  expect(keptForm('train/fine-tune', coded, coded)).toMatchObject([
    {
      code: 'form-kept',
      text: 'Checked after train/fine-tune: 37.5 % of the weights of pruned tensors are exactly zero; 1 tensors stored as codes have at most 2 values each.',
    },
  ]);
  expect(keptForm('train/fine-tune', net, net)).toEqual([]);
});

it.each([
  ['a pruned weight is no longer zero', changed({ values: new Float32Array(8).fill(0.5), encoding })],
  ['it was stored as codes and no longer is', changed({ values: Float32Array.from(mask), mask })],
  [
    'it has 3 values where its levels are 2',
    changed({ values: Float32Array.from(mask, (kept, i) => kept * (i % 2)), mask, encoding }),
  ],
])('refuses where %s', (why, after) => {
  if (why.startsWith('it has')) after.weights.get('answer/kernel')?.values.set([0.25], 2);
  expect(() => keptForm('train/fine-tune', coded, after)).toThrow(
    expect.objectContaining({ code: 'TRAIN_NOT_KEPT_FORM', detail: `"answer/kernel": ${why}.` }),
  );
});
