/**
 * Convolutions replaced by depthwise-separable ones (Howard et al. 2017): one filter per input channel, then a 1×1 convolution that mixes
 * them; k² C + C F weights in place of k² C F. Replaced is what has a window larger than one pixel, at least eight input channels and
 * fewer weights afterwards. Calls of one shared layer stay calls of one shared layer.
 */
import { float32 } from '../../model/encoding.ts';
import { elementCount, type Model, type Node, type Weight, type WeightId, weightOf } from '../../model/model.ts';

const fewestChannels = 8;

export interface Separated {
  readonly model: Model;
  /** The kernel that each new one stands for. */
  readonly origins: ReadonlyMap<WeightId, WeightId>;
}

/** The model with separable convolutions, whose kernels are zero, where `wanted` says so of a convolution's kernel. */
export function separated(model: Model, wanted: (kernel: WeightId) => boolean): Separated {
  const weights = new Map(model.weights);
  const made = new Map<WeightId, Readonly<Record<string, WeightId>>>();
  const nodes = model.nodes.map((node): Node => {
    const kernel = weightOf(model, node, 'kernel');
    const id = node.weights.kernel;
    if (node.op !== 'Conv2D' || kernel === undefined || id === undefined || !pays(kernel) || !wanted(id)) return node;
    const roles = made.get(id) ?? addKernels(weights, node, kernel);
    made.set(id, roles);
    const { kernel: _, ...others } = node.weights;
    return { ...node, op: 'SeparableConv2D', attrs: { ...node.attrs, depthMultiplier: 1 }, weights: { ...roles, ...others } };
  });
  const used = new Set(nodes.flatMap((node) => Object.values(node.weights)));
  for (const id of made.keys()) if (!used.has(id)) weights.delete(id);
  const origins = new Map([...made].flatMap(([id, roles]) => Object.values(roles).map((role) => [role, id] as const)));
  return { model: made.size === 0 ? model : { ...model, nodes, weights }, origins };
}

function pays({ shape }: Weight): boolean {
  const [height = 1, width = 1, into = 1, out = 1] = shape;
  const window = height * width;
  return window > 1 && into >= fewestChannels && window * into + into * out < window * into * out;
}

function addKernels(weights: Map<WeightId, Weight>, { name }: Node, { shape }: Weight): Readonly<Record<string, WeightId>> {
  const [height = 1, width = 1, into = 1, out = 1] = shape;
  const add = (role: string, size: readonly number[]): WeightId => {
    let id = `${name}/${role}`;
    while (weights.has(id)) id += '_student';
    weights.set(id, { shape: size, values: new Float32Array(elementCount(size)), encoding: float32 });
    return id;
  };
  return {
    depthwise_kernel: add('depthwise_kernel', [height, width, into, 1]),
    pointwise_kernel: add('pointwise_kernel', [1, 1, into, out]),
  };
}
