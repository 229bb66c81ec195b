/**
 * Weights to start training from: He et al. 2015 for kernels before a rectifier (normal, variance 2 / fan-in), variance 1 / fan-in for
 * the last layer; normalization starts as the identity, biases at zero.
 */
import { createRng } from '../../src/engine/math/rng.ts';
import { elementCount, type Model, type Weight, weightOf, withWeights } from '../../src/engine/model/model.ts';

/** The same net with weights drawn from the seed. */
export function initialize(model: Model, seed: number): Model {
  const rng = createRng(seed);
  const changes = new Map<string, Weight>();
  for (const node of model.nodes) {
    for (const [role, id] of Object.entries(node.weights)) {
      const weight = weightOf(model, node, role);
      if (weight === undefined) continue;
      const { shape } = weight;
      const gain = node.outputs[0] === model.outputs[0] ? 1 : 2;
      // A depthwise kernel [height, width, channels, multiplier] sees one channel only.
      const fanIn = elementCount(node.op === 'DepthwiseConv2D' ? shape.slice(0, 2) : shape.slice(0, -1));
      const deviation = Math.sqrt(gain / fanIn);
      const start = role === 'gamma' || role === 'moving_variance' ? 1 : 0;
      const isKernel = shape.length > 1;
      const values = Float32Array.from({ length: elementCount(shape) }, () => (isKernel ? deviation * rng.normal() : start));
      changes.set(id, { ...weight, values });
    }
  }
  return withWeights(model, changes);
}
