import * as tf from '@tensorflow/tfjs-core';
import { startBackend } from './src/engine/runtime/backends.ts';
import { registerGradientKernels } from './src/engine/runtime/kernels/register.ts';

const cpu = () => {
  const u = process.cpuUsage();
  return (u.user + u.system) / 1000;
};
await startBackend('wasm');
registerGradientKernels();
const time = (name: string, f: () => tf.Tensor, n = 10) => {
  tf.tidy(() => {
    f();
  });
  let best = 1e9;
  for (let i = 0; i < n; i++) {
    const t = cpu();
    tf.tidy(() => {
      f();
    });
    best = Math.min(best, cpu() - t);
  }
  console.log(name.padEnd(30), best.toFixed(2), 'ms');
};
const x = tf.randomNormal([128 * 28 * 28, 16]),
  c = tf.ones([16]),
  row = tf.ones([1, 128 * 784]);
time('mul broadcast', () => tf.mul(x, c));
time('mul same', () => tf.mul(x, x));
time('sum 0', () => tf.sum(x, 0));
time('matmul sum', () => tf.matMul(row, x));
time('relu', () => tf.relu(x));
time('step', () => tf.step(x));
time('square', () => tf.square(x));
const g = <T extends tf.Tensor[]>(f: (...x: T) => tf.Tensor, x: T) => tf.grads((...y) => tf.sum(f(...(y as T))))(x);
const x1 = tf.randomNormal([128, 28, 28, 1]) as tf.Tensor4D,
  k1 = tf.randomNormal([5, 5, 1, 20]) as tf.Tensor4D;
time('conv1 fwd', () => tf.conv2d(x1, k1, 1, 'valid'));
time('conv1 dW', () => tf.grad((k) => tf.conv2d(x1, k as tf.Tensor4D, 1, 'valid'))(k1));
const x2 = tf.randomNormal([128, 12, 12, 20]) as tf.Tensor4D,
  k2 = tf.randomNormal([5, 5, 20, 50]) as tf.Tensor4D;
time('conv2 fwd', () => tf.conv2d(x2, k2, 1, 'valid'));
time('conv2 dW', () => tf.grad((k) => tf.conv2d(x2, k as tf.Tensor4D, 1, 'valid'))(k2));
time('conv2 dx', () => tf.grad((x) => tf.conv2d(x as tf.Tensor4D, k2, 1, 'valid'))(x2));
const p = tf.randomNormal([128, 24, 24, 20]) as tf.Tensor4D;
time('pool fwd', () => tf.maxPool(p, 2, 2, 'valid'));
time('pool grad', () => tf.grad((x) => tf.maxPool(x as tf.Tensor4D, 2, 2, 'valid'))(p));
const a = tf.randomNormal([128, 800]) as tf.Tensor2D,
  b = tf.randomNormal([800, 500]) as tf.Tensor2D;
time('dense fwd', () => tf.matMul(a, b));
time('dense fwd+grads', () => g((a, b) => tf.matMul(a, b), [a, b])[0] as tf.Tensor);
const dx = tf.randomNormal([128, 14, 14, 32]) as tf.Tensor4D,
  dk = tf.randomNormal([3, 3, 32, 1]) as tf.Tensor4D,
  pk = tf.randomNormal([1, 1, 32, 64]) as tf.Tensor4D;
time('dw fwd', () => tf.depthwiseConv2d(dx, dk, 1, 'same'));
time('dw dx', () => tf.grad((x) => tf.depthwiseConv2d(x as tf.Tensor4D, dk, 1, 'same'))(dx));
time('dw dW', () => tf.grad((k) => tf.depthwiseConv2d(dx, k as tf.Tensor4D, 1, 'same'))(dk));
time('pw fwd', () => tf.conv2d(dx, pk, 1, 'same'));
time('pw dW', () => tf.grad((k) => tf.conv2d(dx, k as tf.Tensor4D, 1, 'same'))(pk));
time('pw dx', () => tf.grad((x) => tf.conv2d(x as tf.Tensor4D, pk, 1, 'same'))(dx));
