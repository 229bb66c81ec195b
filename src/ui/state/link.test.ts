import { expect, it } from 'vitest';
import type { Recipe } from '../../engine/recipe.ts';
import { type Link, writeLink } from './link.ts';
import { readLink } from './read-link.ts';

const recipe: Recipe = {
  recipe: 1,
  seed: 4_294_967_295,
  steps: [
    { use: 'prune/magnitude', sparsity: 0.8, where: ['卷积*', '@Dense'] },
    { use: 'quantize/affine', bits: 4, per: 'channel', layers: { 'dense/é': { bits: 8 } } },
  ],
};
const code = (json: unknown) => Buffer.from(JSON.stringify(json)).toString('base64url');
const thrown = (fragment: string) => {
  try {
    return readLink(fragment);
  } catch (error) {
    return error;
  }
};

it('brings a recipe back as it was: seed, steps, names in any script, the sample', () => {
  for (const sample of ['lenet5', 'a&b=c', null]) {
    const link: Link = { recipe, sample };
    const fragment = writeLink(link);
    expect(fragment).toMatch(/^#v=1[\w&=%.-]*$/);
    expect(readLink(fragment)).toEqual(link);
  }
  const measuring = { ...recipe, measure: ['accuracy'] };
  expect(readLink(writeLink({ recipe: measuring, sample: null }))?.recipe).toEqual(measuring);
});

it('survives what messengers do to links: percent-encoding of the whole fragment is undone by the address itself', () => {
  expect(writeLink({ recipe, sample: null })).toBe(encodeURI(writeLink({ recipe, sample: null })));
});

it('takes a fragment without a recipe for none', () => {
  expect([readLink(''), readLink('#'), readLink('#layers')]).toEqual([null, null, null]);
});

it('refuses another version by its name', () => {
  expect(thrown('#v=2&recipe=WzcsW11d')).toMatchObject({ code: 'LINK_VERSION', context: { version: '2', known: '1' } });
  expect(thrown('#recipe=WzcsW11d')).toMatchObject({ code: 'LINK_VERSION' });
});

it('refuses what is cut off, altered or no list', () => {
  const whole = writeLink({ recipe, sample: null });
  for (const fragment of [whole.slice(0, -9), '#v=1', '#v=1&recipe=%00', `#v=1&recipe=${code({ a: 1 })}`, '#v=1&recipe=_w']) {
    expect(thrown(fragment)).toMatchObject({ code: 'LINK_DAMAGED' });
  }
});

it('refuses steps, techniques and parameters that would not run, with the reason', () => {
  const cases: readonly (readonly [json: unknown, reason: RegExp])[] = [
    [[-1, []], /seed/],
    [[7, 'none'], /steps/],
    [[7, [{ bits: 8 }]], /use/],
    [[7, [{ use: 'quantize/magic' }]], /quantize\/magic/],
    [[7, [{ use: 'quantize/affine', bits: 99 }]], /bits/],
    [[7, [{ use: 'quantize/affine', colour: 'red' }]], /colour/],
    [[7, [{ use: 'quantize/affine', layers: { dense: { bits: 'x' } } }]], /dense/],
  ];
  for (const [json, reason] of cases) {
    const error = thrown(`#v=1&recipe=${code(json)}`) as { code: string; detail: string };
    expect(error.code).toBe('LINK_RECIPE');
    expect(error.detail).toMatch(reason);
  }
});
