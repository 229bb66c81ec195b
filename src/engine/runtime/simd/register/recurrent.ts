/**
 * Steps of recurrent cells, which TF.js has no kernels for; `model/ops/recurrent-step.ts` asks for them by these names. `LstmStep` takes p, q and c
 * to h' and c', `GruStep` p, q and h to h'; their gradients take the slopes of those as well.
 */
import type * as tf from '@tensorflow/tfjs-core';
import type { SimdKernel } from '../kernels/kernel.ts';
import { gruStep, gruStepGradient, lstmStep, lstmStepGradient, type StepArgs } from '../kernels/recurrent.ts';
import { define, sizeOf } from './define.ts';

/** About so many multiply-adds a unit takes: five functions. */
const workOfUnit = 64;

/** Defines a kernel over inputs of these names that makes tensors as large as some of them. */
function defineStep(
  kernelName: string,
  kernel: SimdKernel<StepArgs>,
  inputNames: readonly string[],
  like: readonly string[],
): void {
  define<string, object>(kernelName, ({ backend, inputs }) => {
    const state = inputs[inputNames[2] as string] as tf.TensorInfo;
    const [rows = 0, units = 0] = state.shape;
    const made = like.map((name) => backend.allocate((inputs[name] as tf.TensorInfo).shape));
    const from = inputNames.map((name) => backend.addressOf(inputs[name] as tf.TensorInfo));
    const to = made.map((tensor) => backend.addressOf(tensor));
    backend.machine.run(kernel, { from, to, rows, units }, workOfUnit * sizeOf(state));
    return made;
  });
}

export function registerRecurrentSteps(): void {
  defineStep('LstmStep', lstmStep, ['p', 'q', 'c'], ['c', 'c']);
  defineStep('LstmStepGradient', lstmStepGradient, ['p', 'q', 'c', 'dh', 'dc'], ['p', 'c']);
  defineStep('GruStep', gruStep, ['p', 'q', 'h'], ['h']);
  defineStep('GruStepGradient', gruStepGradient, ['p', 'q', 'h', 'dh'], ['p', 'q', 'h']);
}
