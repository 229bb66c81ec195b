import { expect, it } from 'vitest';
import { buildNet } from '../../../bench/nets.ts';
import { describeGroups } from './describe-groups.ts';

it('tells who makes, passes and reads channels, how large they are, and which can not go', () => {
  const bias = { use_bias: false };
  const model = buildNet(
    'chain',
    [4, 4, 3],
    [
      { className: 'Conv2D', name: 'first', config: { filters: 6, kernel_size: 3, ...bias } },
      { className: 'BatchNormalization', name: 'norm', config: {} },
      { className: 'GlobalAveragePooling2D', name: 'pool', config: {} },
      { className: 'Dense', name: 'answer', config: { units: 2, ...bias } },
    ],
  );
  const [group, last] = describeGroups(model);
  expect(group).toMatchObject({ channels: 6, makers: ['first'] });
  expect(group?.protection).toBeUndefined();
  expect(group?.members.map(({ layer, use }) => `${layer} ${use}`)).toEqual([
    'first makes',
    ...['norm passes', 'norm passes', 'norm passes', 'norm passes'],
    'answer reads',
  ]);
  const importance = group?.importance ?? [];
  expect([...importance]).toEqual([...importance].sort((a, b) => b - a));
  expect(importance.reduce((sum, one) => sum + one, 0) / 6).toBeCloseTo(1, 9);
  expect(last).toMatchObject({ channels: 2, makers: ['answer'], protection: 'output' });
});
