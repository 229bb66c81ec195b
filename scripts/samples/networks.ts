/** The nets of the sample models, by layers. */
import { buildNet } from '../../bench/nets.ts';
import type { Model } from '../../src/engine/model/model.ts';
import { initialize } from './initialize.ts';

/** LeNet-5 as Caffe has it (20-50-500-10; LeCun et al. 1998), with a rectifier after the convolutions too: 431,080 parameters. */
export function lenet5(): Model {
  const net = buildNet(
    'lenet5',
    [28, 28, 1],
    [
      { name: 'conv1', className: 'Conv2D', config: { filters: 20, kernel_size: 5, activation: 'relu' } },
      { name: 'pool1', className: 'MaxPooling2D', config: { pool_size: 2 } },
      { name: 'conv2', className: 'Conv2D', config: { filters: 50, kernel_size: 5, activation: 'relu' } },
      { name: 'pool2', className: 'MaxPooling2D', config: { pool_size: 2 } },
      { name: 'flatten', className: 'Flatten' },
      { name: 'dense1', className: 'Dense', config: { units: 500, activation: 'relu' } },
      { name: 'dense2', className: 'Dense', config: { units: 10, activation: 'softmax' } },
    ],
  );
  return initialize(net, 5);
}

const relu = (name: string) => ({ name, className: 'ReLU' });
const normalization = (name: string) => ({ name, className: 'BatchNormalization', config: { momentum: 0.9 } });
const pointwise = (name: string, filters: number) => ({
  name,
  className: 'Conv2D',
  config: { filters, kernel_size: 1, use_bias: false },
});
const depthwise = (name: string, strides: number) => ({
  name,
  className: 'DepthwiseConv2D',
  config: { kernel_size: 3, strides, padding: 'same', use_bias: false },
});

/** One depthwise-separable block: per-channel 3×3, mixing of channels, normalization and rectifier. */
const separable = (name: string, filters: number, strides: number) => [
  depthwise(`${name}_depthwise`, strides),
  pointwise(`${name}_pointwise`, filters),
  normalization(`${name}_bn`),
  relu(`${name}_relu`),
];

/** The same with normalization after each convolution, added to its own input. */
const residual = (name: string, input: string, filters: number) => [
  depthwise(`${name}_depthwise`, 1),
  normalization(`${name}_depthwise_bn`),
  relu(`${name}_depthwise_relu`),
  pointwise(`${name}_pointwise`, filters),
  normalization(`${name}_bn`),
  { name: `${name}_add`, className: 'Add', from: [`${name}_bn`, input] },
  relu(`${name}_relu`),
];

/** Depthwise-separable convolutions (Howard et al. 2017) with batch normalization and two residual blocks (He et al. 2016). */
export function depthwiseNet(): Model {
  const net = buildNet(
    'depthwise',
    [28, 28, 1],
    [
      {
        name: 'stem',
        className: 'Conv2D',
        config: { filters: 16, kernel_size: 5, strides: 2, padding: 'same', use_bias: false },
      },
      normalization('stem_bn'),
      relu('stem_relu'),
      ...separable('block1', 32, 1),
      ...separable('block2', 64, 2),
      ...residual('block3', 'block2_relu', 64),
      ...residual('block4', 'block3_relu', 64),
      { name: 'pool', className: 'GlobalAveragePooling2D' },
      { name: 'classes', className: 'Dense', config: { units: 10, activation: 'softmax' } },
    ],
  );
  return initialize(net, 6);
}

/** A perceptron with two hidden layers of 16. */
export function irisNet(): Model {
  const net = buildNet(
    'iris',
    [4],
    [
      { name: 'hidden1', className: 'Dense', config: { units: 16, activation: 'relu' } },
      { name: 'hidden2', className: 'Dense', config: { units: 16, activation: 'relu' } },
      { name: 'species', className: 'Dense', config: { units: 3, activation: 'softmax' } },
    ],
  );
  return initialize(net, 7);
}
