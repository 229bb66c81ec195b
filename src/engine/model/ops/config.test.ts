import { describe, expect, it } from 'vitest';
import { StudioError } from '../../errors.ts';
import type { KerasConfig } from '../op.ts';
import { opForClass } from './index.ts';

function failure(className: string, config: KerasConfig, keras: 2 | 3 = 2): StudioError {
  try {
    opForClass(className, config)?.read(config, { layer: 'block1', className, keras });
  } catch (error) {
    if (error instanceof StudioError) return error;
    throw error;
  }
  throw new Error('The configuration was accepted.');
}

describe('settings that cannot be reproduced', () => {
  const cases: readonly [string, KerasConfig, string][] = [
    ['SeparableConv2D', { filters: 4, kernel_size: 3, groups: 2 }, '`groups = 2`'],
    ['Conv2DTranspose', { filters: 4, kernel_size: 3, dilation_rate: 2 }, '`dilation_rate = 2`'],
    ['Resizing', { height: 4, width: 4, crop_to_aspect_ratio: true }, '`crop_to_aspect_ratio = true`'],
    ['Conv2D', { filters: 4, kernel_size: 3, data_format: 'channels_first' }, '`data_format = "channels_first"`'],
    ['MaxPooling2D', { data_format: 'channels_first' }, '`data_format = "channels_first"`'],
    ['Conv2D', { filters: 4, kernel_size: 3, strides: 2, dilation_rate: 2 }, '`strides > 1` together with `dilation_rate > 1`'],
    ['Dense', { units: 4, activation: 'glu' }, 'the activation "glu"'],
    ['Dense', { units: 4, activation: { class_name: 'LeakyReLU', config: {} } }, 'the activation "the layer LeakyReLU"'],
    ['BatchNormalization', { renorm: true }, '`renorm = true`'],
    ['MultiHeadAttention', { num_heads: 2, key_dim: 3, sliding_window: 4 }, '`sliding_window = 4`'],
    ['GroupQueryAttention', { num_query_heads: 2, num_key_value_heads: 1, head_dim: 3, use_gate: true }, '`use_gate = true`'],
    ['UpSampling2D', { interpolation: 'lanczos3' }, '`interpolation = "lanczos3"`'],
  ];

  it.each(cases)('%s %o', (className, config, what) => {
    const error = failure(className, config);
    expect(error.code).toBe('FORMAT_KERAS_UNSUPPORTED_LAYER');
    expect(error.title).toBe(`The layer "block1" (${className}) uses ${what}, which this studio cannot reproduce.`);
    expect(error.detail).not.toBe('');
    expect(error.hint).toMatch(/Keras/);
  });
});

describe('settings that make no sense', () => {
  const cases: readonly [string, KerasConfig, string][] = [
    ['Dense', {}, '`units` should be a whole number from 1 to 16777216, but the file says nothing.'],
    ['Dense', { units: 2 ** 40 }, 'but the file says 1099511627776.'],
    ['Dense', { units: -1 }, 'but the file says -1.'],
    ['Dense', { units: '10' }, 'but the file says "10".'],
    ['Dense', { units: 4, use_bias: 'yes' }, '`use_bias` should be true or false'],
    ['Dense', { units: 4, activation: 7 }, '`activation` should be the name of an activation function'],
    ['Conv2D', { filters: 4, kernel_size: [3, 3, 3] }, '`kernel_size` should be one whole number or 2'],
    ['Conv2D', { filters: 4, kernel_size: 3, padding: 'reflect' }, '`padding` should be one of valid, same'],
    ['BatchNormalization', { epsilon: null, axis: [1, 2] }, '`axis` should be one axis number'],
    ['Conv2DTranspose', { filters: 4, kernel_size: 3, output_padding: 1 }, 'smaller than the strides'],
    ['Dropout', { rate: 1 }, '`rate` should be a number from 0'],
    ['Reshape', { target_shape: [-1, -1] }, '`target_shape` should be sizes, at most one of them -1'],
    ['ZeroPadding2D', { padding: [1, [2]] }, '`padding` should be one number, two numbers or two pairs'],
    ['Rescaling', { offset: 1 }, '`scale` should be a finite number'],
  ];

  it.each(cases)('%s %o', (className, config, detail) => {
    const error = failure(className, config);
    expect(error.code).toBe('FORMAT_KERAS_CONFIG');
    expect(error.title).toBe(`The layer "block1" (${className}) has an impossible setting.`);
    expect(error.detail).toContain(detail);
  });
});
