/** Depthwise convolutions and their gradients; filters are [height, width, channels, multiplier]. */
import {
  depthwise,
  depthwiseFilterGradient,
  depthwiseFilterParts,
  depthwiseFilterSum,
  depthwiseInputGradient,
} from '../kernels/depthwise.ts';
import { registerWindowed } from './windowed.ts';

export function registerDepthwise(): void {
  registerWindowed({
    names: {
      plain: 'DepthwiseConv2dNative',
      fused: 'FusedDepthwiseConv2D',
      input: 'DepthwiseConv2dNativeBackpropInput',
      filter: 'DepthwiseConv2dNativeBackpropFilter',
    },
    depthwise: true,
    forward: depthwise,
    inputGradient: () => depthwiseInputGradient,
    filterGradient: depthwiseFilterGradient,
    parts: depthwiseFilterParts,
    sum: depthwiseFilterSum,
    perPlace: ({ outChannels }) => outChannels,
  });
}
