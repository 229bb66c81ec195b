/** Conv2D: y[f] = act(Σ k[i, j, c, f] · x[·+i, ·+j, c] + b[f]), channels last, optionally dilated. */
import { activationProblem } from './activations.ts';
import { kernelAxes, made } from './channel-flow.ts';
import { readFields } from './config.ts';
import { type ConvolutionAttrs, convolutionShape, fusedConvolution, readConvolution, writeConvolution } from './convolution.ts';
import { defineOp, elements, knownSize, single, singleOfRank, tensorOf } from './define.ts';

export type Conv2DAttrs = ConvolutionAttrs & { readonly filters: number };

export const conv2D = defineOp<Conv2DAttrs>({
  kind: 'Conv2D',
  classes: ['Conv2D', 'Convolution2D'],
  read(config, place) {
    const field = readFields(config, place);
    return { filters: field.integer('filters'), ...readConvolution(field) };
  },
  write: (attrs) => ({ className: 'Conv2D', config: { filters: attrs.filters, ...writeConvolution(attrs) } }),
  cannotWrite: ({ activation }) => activationProblem(activation),
  slots(attrs, inputs) {
    const channels = knownSize(singleOfRank(inputs, 3), 2);
    return [
      { role: 'kernel', shape: [...attrs.kernelSize, channels, attrs.filters], channelAxis: 3, kind: 'kernel' },
      ...(attrs.useBias ? [{ role: 'bias', shape: [attrs.filters], channelAxis: 0, kind: 'vector' } as const] : []),
    ];
  },
  shape: (attrs, inputs) => convolutionShape(attrs, inputs, attrs.filters),
  macs: ({ kernelSize }, inputs, output) => elements(output) * kernelSize[0] * kernelSize[1] * knownSize(single(inputs), 2),
  channels: (attrs) => made(kernelAxes('kernel', 2), attrs.activation, (filters) => ({ ...attrs, filters })),
  forward: ({ inputs, attrs, weights }) => fusedConvolution(single(inputs), tensorOf(weights, 'kernel'), weights.bias, attrs),
});
