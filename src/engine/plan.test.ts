import { describe, expect, it } from 'vitest';
import { buildNet } from '../../bench/nets.ts';
import { planRecipe } from './plan.ts';
import { parseRecipe } from './recipe.ts';
import { globMatches } from './selection.ts';

const net = buildNet(
  'plan',
  [6, 6, 2],
  [
    { className: 'Conv2D', config: { filters: 4, kernel_size: 3 }, name: 'features/conv1' },
    { className: 'BatchNormalization', name: 'features/norm' },
    { className: 'Conv2D', config: { filters: 4, kernel_size: 3 }, name: 'features/conv2' },
    { className: 'Flatten' },
    { className: 'Dense', config: { units: 3 }, name: 'logits' },
  ],
);

const plan = (...steps: readonly Record<string, unknown>[]) => planRecipe(parseRecipe({ recipe: 1, steps }), net);
const picked = (step: Record<string, unknown>) => plan({ use: 'quantize/affine', ...step }).steps[0]?.picks.map(({ id }) => id);

const failure = (...steps: readonly Record<string, unknown>[]) => {
  try {
    plan(...steps);
  } catch (error) {
    return error;
  }
  return undefined;
};

describe('globs', () => {
  const [conv] = net.nodes;
  if (conv === undefined) throw new Error('The net has layers.');

  it.each(['*', 'features/*', '*conv1', 'features/conv?', '@Conv2D', '@*Conv*', '@Conv?D'])('%s names features/conv1', (glob) => {
    expect(globMatches(glob, conv)).toBe(true);
  });

  it.each(['conv1', 'features', '@Dense', 'feature.*', 'features/conv', '@conv2d'])('%s does not', (glob) => {
    expect(globMatches(glob, conv)).toBe(false);
  });
});

describe('planRecipe', () => {
  it('selects kernels by where and except, by name and by kind', () => {
    expect(picked({})).toEqual(['features/conv1/kernel', 'features/conv2/kernel', 'logits/kernel']);
    expect(picked({ where: 'features/*' })).toEqual(['features/conv1/kernel', 'features/conv2/kernel']);
    expect(picked({ where: ['@Dense', '*conv2'] })).toEqual(['features/conv2/kernel', 'logits/kernel']);
    expect(picked({ except: '@Conv2D' })).toEqual(['logits/kernel']);
    expect(picked({ vectors: true, where: 'logits' })).toEqual(['logits/kernel', 'logits/bias']);
  });

  it('sorts the other steps around those that only train', () => {
    const order = (...uses: readonly string[]) =>
      plan(...uses.map((use) => ({ use }))).steps.map(({ technique }) => technique.id);
    const written = ['train/fine-tune', 'prune/magnitude', 'distill/logits', 'quantize/aware', 'train/fine-tune'];
    expect(order(...written)).toEqual(written);
    expect(plan(...written.map((use) => ({ use }))).notes).toEqual([]);
    expect(order('quantize/aware', 'train/fine-tune', 'prune/gradual')).toEqual([
      'prune/gradual',
      'train/fine-tune',
      'quantize/aware',
    ]);
    expect(failure({ use: 'quantize/affine' }, { use: 'quantize/aware' })).toMatchObject({ code: 'RECIPE_CONFLICT' });
  });

  it('says what except left out and what matches nothing', () => {
    expect(plan({ use: 'quantize/affine', except: ['logits', 'softmax'] }).notes).toEqual([
      { layer: 'logits', weight: 'logits/kernel', code: 'excepted', text: 'Left out of quantize/affine by "except".' },
      { layer: '', code: 'matches-nothing', text: 'Step 1 (quantize/affine): "softmax" matches no layer.' },
    ]);
    expect(plan({ use: 'prune/magnitude', where: '@Flatten' }).notes[0]?.code).toBe('nothing-to-do');
  });

  it('lets layers override parameters, later globs last', () => {
    const layers = { '*': { bits: 6 }, logits: { bits: 3, per: 'tensor' } };
    const picks = plan({ use: 'quantize/affine', bits: 4, layers }).steps[0]?.picks ?? [];
    expect(picks.map(({ params }) => [params.bits, params.per])).toEqual([
      [6, 'channel'],
      [6, 'channel'],
      [3, 'tensor'],
    ]);
  });

  it('treats a tensor that two layers share as one, named by either', () => {
    const shared = { ...net, nodes: net.nodes.map((node) => (node.name === 'features/conv2' ? { ...node } : node)) };
    const [first] = net.nodes;
    if (first === undefined) throw new Error('The net has layers.');
    const twice = { ...first, name: 'twin', inputs: ['input'], outputs: ['twin'] };
    const model = { ...shared, nodes: [...shared.nodes, twice] };
    const pick = (step: Record<string, unknown>) =>
      planRecipe(parseRecipe({ recipe: 1, steps: [{ use: 'quantize/affine', ...step }] }), model).steps[0]?.picks.map(
        ({ id }) => id,
      );
    expect(pick({ where: 'twin' })).toEqual(['features/conv1/kernel']);
    expect(pick({ except: 'twin' })).toEqual(['features/conv2/kernel', 'logits/kernel']);
  });

  it('runs structure, then sparsity, then grids, and says so', () => {
    const { steps, notes } = plan({ use: 'quantize/affine' }, { use: 'prune/magnitude' }, { use: 'fold/batch-norm' });
    expect(steps.map(({ number }) => number)).toEqual([3, 2, 1]);
    expect(notes[0]?.code).toBe('reordered');
    expect(plan({ use: 'prune/magnitude' }, { use: 'quantize/affine' }).notes).toEqual([]);
  });

  it('plans later steps on the graph that folding leaves', () => {
    const { steps, structure } = plan({ use: 'fold/batch-norm' }, { use: 'quantize/affine', vectors: true });
    expect(structure.nodes.map(({ name }) => name)).not.toContain('features/norm');
    expect(steps[1]?.picks.map(({ id }) => id)).toEqual([
      'features/conv1/kernel',
      'features/conv1/bias',
      'features/conv2/kernel',
      'features/conv2/bias',
      'logits/kernel',
      'logits/bias',
    ]);
  });

  it('refuses two grids on one tensor by name, and takes them on different ones', () => {
    expect(failure({ use: 'quantize/affine' }, { use: 'quantize/codebook', where: 'logits' })).toMatchObject({
      code: 'RECIPE_CONFLICT',
      title: 'Steps 1 and 2 both quantize the layer "logits".',
      detail: 'A tensor has one grid: quantize/codebook would undo what quantize/affine made of "logits/kernel".',
    });
    expect(failure({ use: 'quantize/affine', except: 'logits' }, { use: 'quantize/codebook', where: 'logits' })).toBeUndefined();
  });

  it.each([
    [
      { use: 'quantize/afine' },
      {
        code: 'RECIPE_UNKNOWN_TECHNIQUE',
        title: 'There is no technique "quantize/afine".',
        hint: 'Did you mean "quantize/affine"?',
      },
    ],
    [
      { use: 'prune/magnitude', sparsty: 0.4 },
      { code: 'RECIPE_UNKNOWN_PARAMETER', detail: 'It takes sparsity, ranking, pattern.', hint: 'Did you mean "sparsity"?' },
    ],
    [
      { use: 'quantize/affine', excep: 'a' },
      { code: 'RECIPE_UNKNOWN_PARAMETER', hint: 'Did you mean "except"?' },
    ],
    [
      { use: 'quantize/affine', bits: 9 },
      {
        code: 'RECIPE_INVALID_PARAMETER',
        title: 'Step 1 (quantize/affine) has a value for "bits" that is not allowed.',
        detail: 'bits: must be one of 1, 2, 3, 4, 5, 6, 7, 8, 16.',
      },
    ],
    [
      { use: 'prune/magnitude', sparsity: 1.2 },
      { code: 'RECIPE_INVALID_PARAMETER', detail: 'sparsity: Invalid value: Expected <=0.99 but received 1.2.' },
    ],
    [
      { use: 'quantize/affine', layers: { logits: { bits: 40 } } },
      {
        code: 'RECIPE_INVALID_PARAMETER',
        title: 'Step 1 (quantize/affine) for "logits" has a value for "bits" that is not allowed.',
      },
    ],
    [
      { use: 'quantize/affine', where: 'logit' },
      { code: 'RECIPE_NO_MATCH', hint: 'Did you mean "logits"?', context: { step: 1, glob: 'logit' } },
    ],
    [
      { use: 'quantize/affine', where: '@Conv2d' },
      { code: 'RECIPE_NO_MATCH', hint: 'Did you mean "@Conv2D"?' },
    ],
  ])('refuses %j', (step, expected) => {
    expect(failure(step)).toMatchObject(expected);
  });
});

describe('cautions', () => {
  const cautions = (...steps: readonly Record<string, unknown>[]) =>
    plan(...steps).notes.filter(({ code }) => code === 'fold-then-global-ranking');
  const fold = { use: 'fold/batch-norm' };

  it('warns where kernels are folded and then ranked together, in whatever order it is written', () => {
    expect(cautions(fold, { use: 'prune/magnitude' })).toHaveLength(1);
    expect(cautions({ use: 'prune/magnitude' }, fold)).toHaveLength(1);
  });

  it.each([
    [[{ use: 'prune/magnitude' }]],
    [[fold, { use: 'prune/magnitude', ranking: 'layer' }]],
    [[fold, { use: 'prune/magnitude', pattern: '2:4' }]],
    [[fold, { use: 'prune/magnitude', where: 'logits' }]],
    [[fold, { use: 'prune/magnitude', sparsity: 0 }]],
    [[{ ...fold, except: '*' }, { use: 'prune/magnitude' }]],
  ])('has nothing to say about %j', (steps) => {
    expect(cautions(...steps)).toEqual([]);
  });
});
