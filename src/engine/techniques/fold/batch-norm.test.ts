import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildNet, depthwiseNet } from '../../../../bench/nets.ts';
import { createRng } from '../../math/rng.ts';
import { elementCount, type Model, withWeights } from '../../model/model.ts';
import { relativeDifference } from '../../model/ops/cases.ts';
import { validateModel } from '../../model/topology.ts';
import { applyStep, planRecipe } from '../../plan.ts';
import { parseRecipe } from '../../recipe.ts';
import { startBackend, stopBackend } from '../../runtime/backends.ts';
import { createPredictor } from '../../runtime/executor.ts';

async function fold(model: Model) {
  const plan = planRecipe(parseRecipe({ recipe: 1, steps: [{ use: 'fold/batch-norm' }] }), model);
  const [step] = plan.steps;
  if (step === undefined) throw new Error('The plan has one step.');
  return applyStep(step, model, { signal: new AbortController().signal, report: () => {}, rng: createRng(1) });
}

async function outputs(model: Model): Promise<Float32Array> {
  const shape = (model.inputs[0]?.shape ?? []).map((size) => size ?? 1);
  const rng = createRng(3);
  const input = Float32Array.from({ length: 2 * elementCount(shape) }, () => rng.normal());
  const predictor = await createPredictor(model);
  const [values = new Float32Array()] = await predictor.predict([input], 2);
  predictor.dispose();
  return values;
}

const norm = (name: string, config = {}) => ({ className: 'BatchNormalization', config, name });

const everyProducer = () =>
  buildNet(
    'producers',
    [8, 6, 2],
    [
      { className: 'Conv2D', config: { filters: 4, kernel_size: 3, padding: 'same', use_bias: false } },
      norm('after-conv'),
      { className: 'DepthwiseConv2D', config: { kernel_size: 3, depth_multiplier: 3, padding: 'same' } },
      norm('after-depthwise', { center: false }),
      norm('twice', { axis: 3, epsilon: 0.1 }),
      { className: 'Activation', config: { activation: 'tanh' } },
      { className: 'SeparableConv2D', config: { filters: 5, kernel_size: 3, depth_multiplier: 2 } },
      norm('after-separable', { scale: false }),
      { className: 'Reshape', config: { target_shape: [24, 5] } },
      { className: 'Conv1D', config: { filters: 6, kernel_size: 3, dilation_rate: 2 } },
      norm('after-conv1d'),
      { className: 'Flatten' },
      { className: 'Dense', config: { units: 7 } },
      norm('after-dense'),
    ],
  );

describe('fold/batch-norm', () => {
  beforeAll(() => startBackend('simd'));
  afterAll(() => stopBackend('simd'));

  it.each([
    ['every kind of layer', everyProducer(), 6],
    ['depthwise-separable blocks', depthwiseNet(), 9],
  ])('gives the same outputs without a normalization left: %s', async (_, model, count) => {
    const { model: folded, notes } = await fold(model);
    validateModel(folded);
    expect(folded.nodes.filter(({ op }) => op === 'BatchNormalization')).toEqual([]);
    expect(notes.filter(({ code }) => code === 'folded')).toHaveLength(count);
    expect(folded.outputs).toEqual(model.outputs);
    expect(relativeDifference(await outputs(model), await outputs(folded))).toBeLessThan(1e-5);
  });

  it('is hand-computable: kernel · γ/√(σ²+ε), (bias − μ) · γ/√(σ²+ε) + β', async () => {
    const model = buildNet('one', [1], [{ className: 'Dense', config: { units: 1 }, name: 'd' }, norm('n', { epsilon: 1 })]);
    const set = { 'd/kernel': 2, 'd/bias': 5, 'n/gamma': 6, 'n/beta': 7, 'n/moving_mean': 1, 'n/moving_variance': 8 };
    const weights = new Map(
      Object.entries(set).map(([id, value]) => [
        id,
        { shape: id === 'd/kernel' ? [1, 1] : [1], values: Float32Array.of(value), encoding: { kind: 'float32' as const } },
      ]),
    );
    const { model: folded } = await fold(withWeights(model, weights));
    expect([...folded.weights].map(([id, { values }]) => [id, ...values])).toEqual([
      ['d/kernel', 4],
      ['d/bias', 15],
    ]);
  });

  it.each([
    ['an activation', [{ className: 'Dense', config: { units: 3, activation: 'relu' } }, norm('n')], 'has an activation (relu)'],
    [
      'no layer to fold into',
      [{ className: 'Flatten' }, norm('n')],
      'not follow a Dense or convolution layer directly but a Flatten',
    ],
    [
      'a second reader',
      [{ className: 'Dense', config: { units: 3 }, name: 'd' }, norm('n'), { className: 'Add', from: ['d', 'n'] }],
      'the output of "d" is also used elsewhere',
    ],
    [
      'another axis',
      [{ className: 'Conv2D', config: { filters: 2, kernel_size: 1 } }, norm('n', { axis: 1 })],
      'does not normalize the channels',
    ],
  ])('says why it does not fold: %s', async (_, layers, reason) => {
    const model = buildNet('refused', [3, 3, 2], layers);
    const { model: same, notes } = await fold(model);
    expect(same.nodes).toEqual(model.nodes);
    expect(notes).toEqual([{ layer: 'n', code: 'not-folded', text: expect.stringContaining(reason) }]);
  });

  it('does not fold into codes, nor into a kernel that another layer shares', async () => {
    const model = buildNet('codes', [3], [{ className: 'Dense', config: { units: 3 }, name: 'd' }, norm('n')]);
    const kernel = model.weights.get('d/kernel');
    if (kernel === undefined) throw new Error('The net has a kernel.');
    const half = withWeights(model, new Map([['d/kernel', { ...kernel, encoding: { kind: 'float16' as const } }]]));
    expect((await fold(half)).notes[0]?.text).toContain('stored as float16, which folding would undo');
    const [dense, after] = model.nodes;
    if (dense === undefined || after === undefined) throw new Error('The net has two layers.');
    const again = { ...dense, name: 'again', inputs: after.outputs, outputs: ['again'] };
    const shared = { ...model, nodes: [...model.nodes, again], outputs: ['again'] };
    expect((await fold(shared)).notes[0]?.text).toContain('shares its kernel with "again"');
  });
});
