/** The nets whose speed is compared with PyTorch's; `bench/pytorch.py` has the same. */
import { depthwiseNet } from '../scripts/samples/networks.ts';
import type { Model } from '../src/engine/model/model.ts';
import { buildNet, lenet } from './nets.ts';

export const classes = 10;

const dense = (units: number, activation: string) => ({ className: 'Dense', config: { units, activation } });

/** LeNet-300-100 (LeCun et al. 1998). */
const perceptron = (): Model => buildNet('lenet-300-100', [784], [dense(300, 'relu'), dense(100, 'relu'), dense(10, 'softmax')]);

/** ResNet8 as MLPerf Tiny has it: three residual stacks of 16, 32 and 64 filters, of which the later two halve the picture. */
function resnet8(): Model {
  const convolution = (name: string, filters: number, size: number, strides: number, from?: string) => ({
    name,
    className: 'Conv2D',
    config: { filters, kernel_size: size, strides, padding: 'same' },
    ...(from === undefined ? {} : { from: [from] }),
  });
  const norm = (name: string) => ({ name, className: 'BatchNormalization' });
  const relu = (name: string) => ({ name, className: 'ReLU' });
  const stack = (name: string, filters: number, strides: number, input: string) => {
    const shortcut = strides === 1 ? [] : [convolution(`${name}_shortcut`, filters, 1, strides, input)];
    return [
      convolution(`${name}_a`, filters, 3, strides, input),
      norm(`${name}_a_norm`),
      relu(`${name}_a_relu`),
      convolution(`${name}_b`, filters, 3, 1),
      norm(`${name}_b_norm`),
      ...shortcut,
      { name: `${name}_add`, className: 'Add', from: [`${name}_b_norm`, strides === 1 ? input : `${name}_shortcut`] },
      relu(`${name}_relu`),
    ];
  };
  const layers = [convolution('stem', 16, 3, 1), norm('stem_norm'), relu('stem_relu')];
  const stacks = [...stack('one', 16, 1, 'stem_relu'), ...stack('two', 32, 2, 'one_relu'), ...stack('three', 64, 2, 'two_relu')];
  const head = [{ className: 'AveragePooling2D', config: { pool_size: 8 } }, { className: 'Flatten' }, dense(10, 'softmax')];
  return buildNet('resnet8', [32, 32, 3], [...layers, ...stacks, ...head]);
}

export const speedNets = { 'lenet-300-100': perceptron, lenet5: lenet, resnet8, depthwise: depthwiseNet } as const;
export type SpeedNet = keyof typeof speedNets;
