/**
 * Everything a reader mends, drops or assumes on the way in, in one table: Keras 3 writes what stock TF.js can't read,
 * and Keras and TF.js disagree on names. A repair is noted once per model, with the layers it touched.
 */
import type { Note } from '../model/model.ts';

/** What was done, by code. Each sentence is followed by the layers it was done to. */
export const repairs = {
  KERAS_BATCH_SHAPE: 'Read the Keras 3 input shape (batch_shape), which stock TF.js refuses.',
  KERAS_INBOUND_NODES: 'Read the Keras 3 form of connections (__keras_tensor__), which stock TF.js refuses.',
  KERAS_FLAT_ENDS: 'Read inputs and outputs that Keras 3 writes as a single tensor or a dictionary.',
  KERAS_MODULES: 'Ignored the Python module names that Keras 3 writes on each object.',
  KERAS_DTYPE_POLICY: 'Read the dtype policy objects of Keras 3; layers compute in float32.',
  KERAS_MIXED_PRECISION: 'Layers that compute in mixed, half or double precision in Keras compute in float32 here.',
  KERAS_NEGATIVE_SLOPE: 'Read the slope of LeakyReLU under its Keras 3 name, which stock TF.js silently takes for 0.3.',
  KERAS_ACTIVATION_NAME: 'Read an activation under its Keras 3 name, which stock TF.js does not know.',
  KERAS_ACTIVATION_LAYER: 'An activation that was saved as a layer inside another layer is now a layer behind it.',
  KERAS_INPUT_SHAPE: 'Took the input shape from the shape that the model was built with.',
  KERAS_WEIGHT_PATHS: 'Matched weights by layer and order, because their names carry the scope of another model.',
  KERAS_CLASS_ORDER: 'Matched weights by class and order, as .keras files name them.',
  KERAS_LAYER_ORDER: 'Matched layers and weights by the order in layer_names, because their names differ.',
  KERAS_PRUNED: 'Unwrapped layers that were pruned while training (PruneLowMagnitude) and kept which weights are pruned.',
  KERAS_CLUSTERED: 'Unwrapped clustered layers (ClusterWeights): each weight is the nearest value of its palette, which is kept.',
  KERAS_QUANTIZED:
    'Unwrapped layers that were quantized in Python (QuantizeWrapper, KerasQuantizationWrapper): weights are on their grids, and values are rounded to their ranges as TensorFlow Lite does it.',
  KERAS_INT8:
    'Weights that Keras quantized to int8 keep their codes and scales. Keras also rounds what such a layer is given, for each sample anew; here it stays as it is.',
  KERAS_INT4:
    'Weights that Keras quantized to int4 keep their codes and scales; tables with several scales in a row keep the values.',
  KERAS_FUNCTIONS: 'Read functions that Keras saves as layers (x + 1, ops.relu) as the layers that compute the same.',
  KERAS_CHANNELS_FIRST: 'Layers laid out channels first compute channels last, between turns of their inputs and outputs.',
  KERAS_AUGMENTATION: 'Dropped augmentation layers: they do nothing when a model predicts.',
  KERAS_TRAINING_ONLY: 'Dropped layers that only act while training.',
  KERAS_STATEFUL:
    'Every sequence starts from a state of zeros, as in Keras after reset_states(): states are not kept from batch to batch.',
  KERAS_RECURRENT_DROPOUT: 'Left out the dropout within recurrent layers, which only acts while training.',
  KERAS_SEED_STATE: 'Left out the state of random generators.',
  OPTIMIZER_STATE: 'Left out the state of the optimizer.',
  TRAINING_CONFIG: 'Left out the training configuration (loss, metrics, optimizer settings).',
  WEIGHT_CONVERTED: 'Converted weights that were not stored as float32 or float16.',
  WEIGHT_EXTRA: 'Left out stored tensors that belong to no layer.',
  TFJS_WITHOUT_FORMAT: 'The file does not say its format; its content is that of a layers-model.',
  GRAPH_MODEL:
    'A TF.js graph-model is a frozen graph: it runs as it is, and its weights can be quantized and pruned. What needs layers (channels, folding, low rank, training, integer activations, other formats) is off.',
  GRAPH_CODES: 'Weights that are stored as whole numbers keep their codes.',
  GRAPH_VOLUMES:
    'Some operators compute volumes. The backend that starts by itself computes them right; TF.js WASM, WebGL and WebGPU take or pad some of them otherwise, so figures there, and answers of this model on those backends elsewhere, may differ.',
  TFLITE_LAYERS:
    'Read the operators of TensorFlow Lite as Keras layers; what was folded or left out when the file was made (BatchNormalization, Dropout) stays so.',
  TFLITE_INTEGER:
    'The file computes in whole numbers: codes of weights and grids of values are kept, and answers are computed code by code, as the interpreter of TensorFlow Lite does (with XNNPACK).',
  TFLITE_DYNAMIC_RANGE:
    'Weights are stored as whole numbers. TensorFlow Lite also rounds what such a layer is given, for each batch anew; here it stays as it is.',
  TFLITE_REAL_NUMBERS: 'Inputs and outputs are real numbers here; in the file they are whole numbers q that stand for them.',
  TFLITE_DEPTHWISE_CODES:
    'Kept the values, not the codes, of depthwise kernels with several filters per channel and a scale for each.',
  MODEL_NON_FINITE: 'Opened although some weights are NaN or infinite.',
} as const;

export type Repair = keyof typeof repairs;

/** Collects repairs while a model is read. */
export interface Notes {
  add(code: Repair, layer?: string, detail?: string): void;
  /** One note per repair, in the order they were first seen. */
  list(): readonly Note[];
}

/** A fresh collection of notes. */
export function createNotes(): Notes {
  const seen = new Map<Repair, { layers: Set<string>; detail: string | undefined }>();
  return {
    add(code, layer, detail) {
      const entry = seen.get(code) ?? { layers: new Set<string>(), detail };
      if (layer !== undefined) entry.layers.add(layer);
      seen.set(code, entry);
    },
    list: () => Array.from(seen, ([code, { layers, detail }]) => noteOf(code, [...layers], detail)),
  };
}

function noteOf(code: Repair, layers: readonly string[], detail: string | undefined): Note {
  const shown = layers.slice(0, 5).join(', ');
  const rest = layers.length > 5 ? ` and ${layers.length - 5} more` : '';
  // A single layer is named beside the text.
  const where = layers.length < 2 ? '' : ` (${shown}${rest})`;
  const text = `${repairs[code]}${detail === undefined ? '' : ` ${detail}`}${where}`;
  const [only] = layers;
  return layers.length === 1 && only !== undefined ? { code, text, layer: only } : { code, text };
}
