/** What gradual pruning leaves: exact patterns, and weights from before where it rewinds. */
import { beforeAll, expect, it } from 'vitest';
import { buildNet } from '../../../../bench/nets.ts';
import { applyRecipe } from '../../apply.ts';
import type { Context } from '../../context.ts';
import { arrayDataset } from '../../data/array-dataset.ts';
import { createRng } from '../../math/rng.ts';
import { parseRecipe } from '../../recipe.ts';
import { startBackend } from '../../runtime/backends.ts';

beforeAll(() => startBackend('simd'));

const dense = (units: number, activation: string, name: string) => ({ className: 'Dense', name, config: { units, activation } });
const net = buildNet('rows', [18], [dense(12, 'relu', 'hidden'), dense(3, 'softmax', 'answer')]);

function rows() {
  const rng = createRng(3);
  const labels = Int32Array.from({ length: 60 }, (_, i) => i % 3);
  const values = Float32Array.from(
    { length: 60 * 18 },
    (_, i) => rng.normal() + (i % 3 === (labels[Math.floor(i / 18)] as number) ? 1 : 0),
  );
  return arrayDataset({ name: 'rows', kind: 'tensors', sampleShape: [18], values, labels });
}

const context: Context = {
  signal: new AbortController().signal,
  report: () => {},
  rng: createRng(1),
  training: { dataset: rows(), preprocessing: 'raw', id: 'rows' },
};

async function prune(step: Record<string, unknown>) {
  const settings = { use: 'prune/gradual', epochs: 4, batchSize: 8, learningRate: 0.02, frequency: 1 };
  const { model, notes } = await applyRecipe(net, parseRecipe({ recipe: 1, steps: [{ ...settings, ...step }] }), context);
  const weight = model.weights.get('hidden/kernel');
  if (weight === undefined) throw new Error('There is a kernel.');
  return { ...weight, notes };
}

it.each(['2:4', '4:8'] as const)('leaves exactly %s along the input axis, the rest of an axis whole', async (pattern) => {
  const { values, mask, notes } = await prune({ pattern });
  const block = pattern === '2:4' ? 4 : 8;
  for (let unit = 0; unit < 12; unit++) {
    const column = Array.from({ length: 18 }, (_, input) => values[input * 12 + unit] as number);
    for (let first = 0; first + block <= 18; first += block)
      expect(column.slice(first, first + block).filter((value) => value === 0)).toHaveLength(block / 2);
    expect(column.slice(16).every((value) => value !== 0)).toBe(true);
  }
  expect([...(mask ?? [])].every((kept, i) => (kept === 1) === (values[i] !== 0))).toBe(true);
  expect(notes.find(({ code }) => code === 'form-kept')?.text).toMatch(
    /: [\d.]+ % of the weights of pruned tensors are exactly zero/,
  );
  expect(notes).toHaveLength(1);
});

it.each([
  ['adaptive', true],
  ['global', false],
] as const)('a layer of larger weights gives some up, too, where the ranking is %s: %s', async (ranking, stays) => {
  const small = new Map(net.weights);
  const kernel = small.get('hidden/kernel');
  if (kernel) small.set('hidden/kernel', { ...kernel, values: kernel.values.map((value) => value / 1000) });
  const step = { use: 'prune/gradual', epochs: 1, batchSize: 16, learningRate: 0.00001, frequency: 1, sparsity: 0.8, ranking };
  const { model } = await applyRecipe({ ...net, weights: small }, parseRecipe({ recipe: 1, steps: [step] }), context);
  const zeros = (id: string) => (model.weights.get(id)?.values ?? new Float32Array()).filter((value) => value === 0).length;
  expect(zeros('hidden/kernel') + zeros('answer/kernel')).toBe(Math.round(0.8 * (18 * 12 + 12 * 3)));
  expect(zeros('answer/kernel') > 0).toBe(stays);
});

it('says where a pattern has no room', async () => {
  const narrow = buildNet('narrow', [18], [dense(3, 'relu', 'hidden'), dense(3, 'softmax', 'answer')]);
  const recipe = parseRecipe({ recipe: 1, steps: [{ use: 'prune/gradual', pattern: '2:4', epochs: 1, batchSize: 16 }] });
  const result = await applyRecipe(narrow, recipe, context);
  expect(result.notes).toMatchObject([{ layer: 'answer', code: 'no-full-block' }, { code: 'form-kept' }]);
});

it('rewinds what is left to the weights from before once the sparsity is reached', async () => {
  const start = net.weights.get('hidden/kernel')?.values ?? new Float32Array();
  const moved = ({ values, mask }: Awaited<ReturnType<typeof prune>>) =>
    Math.max(...values.map((value, i) => (mask?.[i] === 1 ? Math.abs(value - (start[i] as number)) : 0)));
  const settings = { sparsity: 0.5, begin: 0.5, end: 0.9, validation: 0 };
  const [plain, rewound] = [await prune(settings), await prune({ ...settings, rewind: true })];
  expect(moved(rewound)).toBeLessThan(0.2 * moved(plain));
  expect(moved(rewound)).toBeGreaterThan(0);
  expect(rewound.values.filter((value) => value === 0).length).toBeGreaterThan(60);
});
