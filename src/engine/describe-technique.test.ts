import { expect, it } from 'vitest';
import { describeTechnique } from './describe-technique.ts';
import { allTechniques } from './techniques/index.ts';

it('says everything a form needs, as JSON that survives a border', () => {
  const descriptions = allTechniques.map(describeTechnique);
  expect(JSON.parse(JSON.stringify(descriptions))).toEqual(descriptions);
  const affine = descriptions.find(({ id }) => id === 'quantize/affine');
  expect(affine?.params.find(({ name }) => name === 'bits')).toMatchObject({
    control: { control: 'slider', max: 16 },
    fallback: 8,
  });
});

it('describes every parameter of every technique', () => {
  for (const technique of allTechniques) {
    expect(describeTechnique(technique).params.map(({ name }) => name)).toEqual(Object.keys(technique.params.entries));
  }
});
