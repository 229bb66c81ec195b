/**
 * A SeparableConv2D as what it is by definition: a DepthwiseConv2D without bias, then a Conv2D 1×1 with bias and activation.
 * Done only where one of its two kernels has a scale per channel, because each half then needs a normalization of its own, and
 * only without dilation, which stock TF.js ignores in a DepthwiseConv2D.
 */
import type { Model, Node } from '../../model/model.ts';
import { opOf } from '../../model/ops/index.ts';
import { configOf, createNamer, newNode } from './reconfigure.ts';

/** The model with such layers split; kernels are shared with the original and the second half keeps the layer's name. */
export function splitSeparable(model: Model): Model {
  const nameFor = createNamer(model.nodes);
  const nodes = model.nodes.flatMap((node): Node[] => {
    if (node.op !== 'SeparableConv2D' || !hasChannelScales(model, node)) return [node];
    const halves = split(node, nameFor(`${node.name}_depthwise`));
    return halves.some((half) => opOf(half.op).cannotWrite?.(half.attrs, [])) ? [node] : halves;
  });
  return { ...model, nodes };
}

function hasChannelScales(model: Model, node: Node): boolean {
  return Object.values(node.weights).some((id) => {
    const encoding = model.weights.get(id)?.encoding;
    return encoding?.kind === 'affine' && encoding.axis !== null && encoding.group === undefined;
  });
}

function split(node: Node, depthwiseName: string): Node[] {
  const config = configOf(node);
  const { depthwise_kernel = '', pointwise_kernel = '', bias } = node.weights;
  const between = `${node.outputs[0] ?? node.name}:depthwise`;
  const depthwise = newNode(
    'DepthwiseConv2D',
    { ...config, use_bias: false, activation: 'linear' },
    { name: depthwiseName, inputs: node.inputs, outputs: [between], weights: { depthwise_kernel } },
  );
  const pointwise = newNode(
    'Conv2D',
    { ...config, kernel_size: 1, strides: 1, dilation_rate: 1, padding: 'valid' },
    {
      name: node.name,
      inputs: [between],
      outputs: node.outputs,
      weights: { kernel: pointwise_kernel, ...(bias === undefined ? {} : { bias }) },
    },
  );
  return [depthwise, pointwise];
}
