/** Embedding: every whole number of the input becomes the row of that number. Fractions are cut off, as in Keras. */
import * as tf from '@tensorflow/tfjs-core';
import { made } from './channel-flow.ts';
import { readFields } from './config.ts';
import { defineOp, single, tensorOf } from './define.ts';

export type EmbeddingAttrs = {
  readonly inputDim: number;
  readonly outputDim: number;
  /** Whether Keras masks the steps that hold row 0; the layer itself does not heed it. */
  readonly maskZero: boolean;
};

export const embedding = defineOp<EmbeddingAttrs>({
  kind: 'Embedding',
  classes: ['Embedding'],
  read(config, place) {
    const field = readFields(config, place);
    field.requireOnly(
      'lora_rank',
      null,
      'Its rows are split into low-rank factors.',
      'Call `merge_lora()` in Keras and save again.',
    );
    const maskZero = field.flag('mask_zero', false);
    return { inputDim: field.integer('input_dim'), outputDim: field.integer('output_dim'), maskZero };
  },
  write: ({ inputDim, outputDim }) => ({
    className: 'Embedding',
    config: { input_dim: inputDim, output_dim: outputDim, mask_zero: false },
  }),
  slots: ({ inputDim, outputDim }) => [{ role: 'embeddings', shape: [inputDim, outputDim], channelAxis: 1, kind: 'kernel' }],
  shape: ({ outputDim }, inputs) => [...single(inputs), outputDim],
  channels: (attrs) =>
    made([{ role: 'embeddings', axis: 1, counts: 'output', use: 'makes' }], 'linear', (outputDim) => ({ ...attrs, outputDim })),
  forward: ({ inputs, weights }) => rows(tensorOf(weights, 'embeddings'), single(inputs)),
});

/** Rows of a table. The gradient of the table sums over the calls of each row; the numbers have none. */
function rows(table: tf.Tensor, numbers: tf.Tensor): tf.Tensor {
  const [count = 1, width = 1] = table.shape;
  const { shape } = numbers;
  const onTape = tf.customGrad((...args) => {
    const [values, given, save] = args as unknown as [tf.Tensor, tf.Tensor, tf.GradSaveFunc];
    const indices = tf.cast(given, 'int32');
    save([indices]);
    const gradFunc = (dy: tf.Tensor, [saved]: tf.Tensor[]) => [
      tf.unsortedSegmentSum(tf.reshape(dy, [-1, width]), tf.reshape(saved as tf.Tensor, [-1]) as tf.Tensor1D, count),
      tf.zeros(shape),
    ];
    return { value: tf.gather(values, indices), gradFunc };
  });
  return onTape(table, numbers);
}
