/** Students of well-known kinds of networks: their sizes counted by hand, their weights as Keras draws them, and what is refused. */
import { beforeAll, describe, expect, it } from 'vitest';
import { buildNet, residualNet } from '../../../../bench/nets.ts';
import { depthwiseNet, lenet5 } from '../../../../scripts/samples/networks.ts';
import { applyRecipe } from '../../apply.ts';
import { createRng } from '../../math/rng.ts';
import { type Model, parameterCount } from '../../model/model.ts';
import { validateModel } from '../../model/topology.ts';
import { planRecipe } from '../../plan.ts';
import { parseRecipe } from '../../recipe.ts';
import { startBackend } from '../../runtime/backends.ts';
import { createPredictor } from '../../runtime/executor.ts';
import { narrowed } from './student-params.ts';

beforeAll(() => startBackend('simd'));

const lenet = lenet5();

const recipeOf = (step: Record<string, unknown>, seed = 7) =>
  parseRecipe({ recipe: 1, seed, steps: [{ use: 'distill/student', ...step }] });

async function studentOf(model: Model, step: Record<string, unknown> = {}, seed = 7): Promise<Model> {
  const context = { signal: new AbortController().signal, report: () => {}, rng: createRng(1) };
  const { model: student } = await applyRecipe(model, recipeOf(step, seed), context);
  validateModel(student);
  expect(student.outputs).toEqual(model.outputs);
  const shapes = (of: Model) => [...of.weights].map(([id, { shape }]) => `${id} ${shape.join('×')}`);
  expect(shapes(planRecipe(recipeOf(step, seed), model).structure)).toEqual(shapes(student));
  return student;
}

const shapeOf = (model: Model, id: string) => model.weights.get(id)?.shape;
const valuesOf = (model: Model, id: string) => [...(model.weights.get(id)?.values ?? [])];

describe('a narrower student', () => {
  it('keeps so many channels', () => {
    expect([20, 50, 500, 6, 3].map((channels) => narrowed(channels, 0.5))).toEqual([10, 25, 252, 4, 3]);
    expect([100, 64, 10].map((channels) => narrowed(channels, 0.25))).toEqual([25, 16, 4]);
    expect(narrowed(77, 1)).toBe(77);
  });

  it('of LeNet-5 has a quarter of its weights, drawn as Keras does, by the seed', async () => {
    const student = await studentOf(lenet);
    expect(shapeOf(student, 'conv2/kernel')).toEqual([5, 5, 10, 25]);
    expect(shapeOf(student, 'dense1/kernel')).toEqual([400, 252]);
    expect(parameterCount(student)).toBe(260 + 6275 + 401 * 252 + 253 * 10);
    const limit = Math.sqrt(6 / (25 * (10 + 25)));
    const drawn = valuesOf(student, 'conv2/kernel').map(Math.abs);
    expect(Math.max(...drawn)).toBeLessThan(limit);
    expect(Math.max(...drawn)).toBeGreaterThan(0.99 * limit);
    expect(drawn.reduce((a, b) => a + b) / drawn.length / limit).toBeCloseTo(0.5, 1);
    expect(valuesOf(student, 'conv2/bias').every((value) => value === 0)).toBe(true);
    expect(valuesOf(await studentOf(lenet), 'dense1/kernel')).toEqual(valuesOf(student, 'dense1/kernel'));
    expect(valuesOf(await studentOf(lenet, {}, 8), 'dense1/kernel')).not.toEqual(valuesOf(student, 'dense1/kernel'));
    const he = valuesOf(await studentOf(lenet, { weights: 'he' }), 'conv2/kernel').map(Math.abs);
    expect(Math.max(...he) / Math.sqrt(6 / 250)).toBeCloseTo(1, 2);
  });

  it('of nets with additions and depthwise filters stays consistent, its normalizations the identity', async () => {
    for (const model of [residualNet(), depthwiseNet()]) {
      const student = await studentOf(model);
      expect(parameterCount(student)).toBeLessThan(0.4 * parameterCount(model));
      const predictor = await createPredictor(student);
      const [answers] = await predictor.predict(
        [new Float32Array(model.inputs[0]?.shape.reduce<number>((a, b) => a * (b ?? 1), 1) ?? 0).fill(0.5)],
        1,
      );
      predictor.dispose();
      expect(answers).toHaveLength(10);
    }
    const student = await studentOf(depthwiseNet());
    expect(shapeOf(student, 'block3_depthwise/depthwise_kernel')).toEqual([3, 3, 32, 1]);
    expect(valuesOf(student, 'stem_bn/gamma')).toEqual(new Array(8).fill(1));
    expect(valuesOf(student, 'stem_bn/moving_mean')).toEqual(new Array(8).fill(0));
  });

  it('begins with slices of the original where asked', async () => {
    const teacher = lenet;
    const student = await studentOf(teacher, { weights: 'original' });
    const filters = (model: Model) => {
      const { values, shape } = model.weights.get('conv1/kernel') ?? { values: [], shape: [] };
      const count = shape.at(-1) ?? 1;
      return Array.from({ length: count }, (_, filter) => [...values].filter((_, i) => i % count === filter).join());
    };
    const all = filters(teacher);
    expect(filters(student).every((filter) => all.includes(filter))).toBe(true);
  });

  it('leaves layers as they are where told, and what they share with others', async () => {
    const teacher = depthwiseNet();
    const student = await studentOf(teacher, { except: 'block3_*' });
    expect(shapeOf(student, 'block2_pointwise/kernel')).toEqual([1, 1, 16, 64]);
    expect(shapeOf(student, 'block1_pointwise/kernel')).toEqual([1, 1, 8, 16]);
    expect(valuesOf(student, 'block3_pointwise/kernel')).toEqual(valuesOf(teacher, 'block3_pointwise/kernel'));
    const other = await studentOf(lenet, { layers: { dense1: { width: 0.25 } } });
    expect(shapeOf(other, 'dense1/kernel')).toEqual([400, 124]);
  });
});

describe('a separable student', () => {
  it('splits convolutions that are large enough, and may be narrower too', async () => {
    const student = await studentOf(lenet, { separable: true, width: 1 });
    expect(student.nodes.map(({ op }) => op)).toEqual(
      lenet.nodes.map(({ name, op }) => (name === 'conv2' ? 'SeparableConv2D' : op)),
    );
    expect(shapeOf(student, 'conv2/depthwise_kernel')).toEqual([5, 5, 20, 1]);
    expect(shapeOf(student, 'conv2/pointwise_kernel')).toEqual([1, 1, 20, 50]);
    expect(student.weights.has('conv2/kernel')).toBe(false);
    expect(valuesOf(student, 'conv2/depthwise_kernel').some((value) => value !== 0)).toBe(true);
    const narrow = await studentOf(lenet, { separable: true, weights: 'original' });
    expect(shapeOf(narrow, 'conv2/pointwise_kernel')).toEqual([1, 1, 10, 25]);
    expect(valuesOf(narrow, 'conv2/pointwise_kernel').some((value) => value !== 0)).toBe(true);
  });

  it('of a shared convolution stays shared', async () => {
    const conv = (name: string) => ({ name, className: 'Conv2D', config: { filters: 16, kernel_size: 3, padding: 'same' } });
    const net = buildNet(
      'shared',
      [6, 6, 16],
      [conv('a'), conv('b'), { className: 'Flatten' }, { className: 'Dense', config: { units: 3 } }],
    );
    const [a] = net.nodes;
    const nodes = net.nodes.map((node) => (node.name === 'b' && a ? { ...node, weights: a.weights } : node));
    const weights = new Map([...net.weights].filter(([id]) => !id.startsWith('b/')));
    const student = await studentOf({ ...net, nodes, weights }, { separable: true, width: 0.25 });
    expect(student.nodes[1]?.weights).toEqual(student.nodes[0]?.weights);
    // A filter of its own output and of the input at once has as many channels as the input.
    expect(shapeOf(student, 'a/pointwise_kernel')).toEqual([1, 1, 16, 16]);
  });
});

describe('a student is refused', () => {
  it('where a layer lays channels out across each other, by name', async () => {
    const net = buildNet(
      'mixed',
      [5, 5, 1],
      [
        { name: 'maps', className: 'Conv2D', config: { filters: 16, kernel_size: 2 } },
        { className: 'Reshape', config: { target_shape: [256, 1] } },
        { className: 'Reshape', config: { target_shape: [16, 16] } },
        { className: 'Flatten' },
        { className: 'Dense', config: { units: 2 } },
      ],
    );
    await expect(studentOf(net)).rejects.toMatchObject({
      code: 'DISTILL_STUDENT',
      title: 'The layer "maps" can not be made narrower.',
    });
    expect(parameterCount(await studentOf(net, { except: 'maps' }))).toBe(parameterCount(net));
  });
});

describe('a student that nobody teaches', () => {
  const codes = (...steps: { use: string }[]) =>
    planRecipe(parseRecipe({ recipe: 1, steps: [{ use: 'distill/student' }, ...steps] }), lenet).notes.map(({ code }) => code);

  it('is cautioned against', () => {
    expect(codes()).toContain('untaught-student');
    expect(codes({ use: 'quantize/affine' })).toContain('untaught-student');
    expect(codes({ use: 'distill/logits' })).not.toContain('untaught-student');
    expect(codes({ use: 'quantize/aware' })).not.toContain('untaught-student');
  });
});
