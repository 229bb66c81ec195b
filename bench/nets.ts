/** Networks with seeded weights for tests and benchmarks: only their structure matters, nobody trained them. */
import { createRng, type Rng } from '../src/engine/math/rng.ts';
import { float32 } from '../src/engine/model/encoding.ts';
import { elementCount, type Model, type Node, type ValueId, type Weight, type WeightId } from '../src/engine/model/model.ts';
import type { KerasConfig } from '../src/engine/model/op.ts';
import { opForClass } from '../src/engine/model/ops/index.ts';
import { inferShapes } from '../src/engine/model/topology.ts';

interface Layer {
  readonly className: string;
  readonly config?: KerasConfig;
  /** Names of earlier layers or `input`; the layer before where absent. */
  readonly from?: readonly string[];
  /** `className` and its position where absent. */
  readonly name?: string;
}

function seededWeight(shape: readonly number[], role: string, rng: Rng): Weight {
  const fan = elementCount(shape.slice(0, -1));
  const draw = (): number => (role === 'moving_variance' || role === 'gamma' ? 0.5 + rng.next() : rng.normal() / Math.sqrt(fan));
  return { shape, values: Float32Array.from({ length: elementCount(shape) }, draw), encoding: float32 };
}

/** A model of layers in a row (or `from` where told), each value named after its layer, weights drawn from the seed. */
export function buildNet(name: string, inputShape: readonly number[], layers: readonly Layer[], seed = 1): Model {
  const rng = createRng(seed);
  const nodes: Node[] = [];
  const weights = new Map<WeightId, Weight>();
  const inputs = [{ value: 'input', name: 'input', shape: inputShape, dtype: 'float32' }] as const;
  let previous: ValueId = 'input';
  const modelSoFar = (): Model => ({
    name,
    inputs,
    outputs: [previous],
    nodes,
    weights,
    source: { format: 'bench', bytes: 0, optimizerBytes: 0, notes: [] },
  });
  for (const [
    index,
    { className, config = {}, from = [previous], name: layer = `${className.toLowerCase()}_${index}` },
  ] of layers.entries()) {
    const op = opForClass(className, config);
    if (op === undefined) throw new Error(`No op reads ${className}.`);
    const attrs = op.read(config, { layer, className, keras: 2 });
    const shapes = inferShapes(modelSoFar());
    const slots = op.slots(
      attrs,
      from.map((id) => shapes.get(id) ?? []),
    );
    for (const slot of slots) weights.set(`${layer}/${slot.role}`, seededWeight(slot.shape, slot.role, rng));
    const roles = Object.fromEntries(slots.map(({ role }) => [role, `${layer}/${role}`]));
    nodes.push({ name: layer, op: op.kind, attrs, inputs: from, outputs: [layer], weights: roles });
    previous = layer;
  }
  return modelSoFar();
}

/** LeNet-5 of the Caffe kind: 20-50-500-10, 431,080 parameters. */
export const lenet = (): Model =>
  buildNet(
    'lenet5',
    [28, 28, 1],
    [
      { className: 'Conv2D', config: { filters: 20, kernel_size: 5 } },
      { className: 'MaxPooling2D' },
      { className: 'Conv2D', config: { filters: 50, kernel_size: 5 } },
      { className: 'MaxPooling2D' },
      { className: 'Flatten' },
      { className: 'Dense', config: { units: 500, activation: 'relu' } },
      { className: 'Dense', config: { units: 10, activation: 'softmax' } },
    ],
  );

const separable = (filters: number, strides: number): Layer[] => [
  { className: 'DepthwiseConv2D', config: { kernel_size: 3, strides, padding: 'same', use_bias: false } },
  { className: 'BatchNormalization' },
  { className: 'ReLU', config: { max_value: 6 } },
  { className: 'Conv2D', config: { filters, kernel_size: 1, use_bias: false } },
  { className: 'BatchNormalization' },
  { className: 'ReLU', config: { max_value: 6 } },
];

/** A small MobileNet v1: depthwise-separable blocks with batch normalization on 32×32 pictures. */
export const depthwiseNet = (): Model =>
  buildNet(
    'depthwise',
    [32, 32, 3],
    [
      { className: 'Conv2D', config: { filters: 16, kernel_size: 3, strides: 2, padding: 'same', use_bias: false } },
      { className: 'BatchNormalization' },
      { className: 'ReLU', config: { max_value: 6 } },
      ...separable(32, 1),
      ...separable(64, 2),
      ...separable(64, 1),
      ...separable(128, 2),
      { className: 'GlobalAveragePooling2D' },
      { className: 'Dense', config: { units: 10, activation: 'softmax' } },
    ],
  );

/** Two convolutions with a residual Add between, as in ResNet8. */
export const residualNet = (): Model =>
  buildNet(
    'residual',
    [16, 16, 3],
    [
      { className: 'Conv2D', config: { filters: 16, kernel_size: 3, padding: 'same', activation: 'relu' }, name: 'stem' },
      { className: 'Conv2D', config: { filters: 16, kernel_size: 3, padding: 'same' } },
      { className: 'BatchNormalization', name: 'branch' },
      { className: 'Add', from: ['branch', 'stem'] },
      { className: 'Activation', config: { activation: 'relu' } },
      { className: 'AveragePooling2D', config: { pool_size: 16 } },
      { className: 'Flatten' },
      { className: 'Dense', config: { units: 10, activation: 'softmax' } },
    ],
  );

/** A net of dense layers only, so small that the dispatch of kernels is what counts. */
export const perceptron = (): Model =>
  buildNet(
    'perceptron',
    [4],
    [
      { className: 'Dense', config: { units: 16, activation: 'relu' } },
      { className: 'Dense', config: { units: 16, activation: 'relu' } },
      { className: 'Dense', config: { units: 3, activation: 'softmax' } },
    ],
  );
