/** Convolutions of pictures [batch, height, width, channels] and their gradients, of any stride, padding and dilation. */
import { convolution, filterGradient, filterParts, filterSum, inputGradientKernel } from '../kernels/convolution.ts';
import { registerWindowed } from './windowed.ts';

export function registerConvolutions(): void {
  registerWindowed({
    names: { plain: 'Conv2D', fused: 'FusedConv2D', input: 'Conv2DBackpropInput', filter: 'Conv2DBackpropFilter' },
    depthwise: false,
    forward: convolution,
    inputGradient: inputGradientKernel,
    filterGradient,
    parts: filterParts,
    sum: filterSum,
    perPlace: ({ inChannels, outChannels }) => inChannels * outChannels,
  });
}
