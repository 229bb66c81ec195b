/**
 * Why a layer is refused: each kind of layer that can't be reproduced exactly has its own sentence and remedy.
 * The Python module is looked at first, because Keras 3 saves function calls (`x + 1`) under the names of layers (`Add`).
 */
import type { StudioError } from '../../errors.ts';
import { opForClass } from '../../model/ops/index.ts';
import { field, isObject, type JsonObject } from '../json.ts';
import { problems } from '../problems.ts';
import { functionName } from './function-calls.ts';

const recurrent = new Set([
  ...['RNN', 'CuDNNLSTM', 'CuDNNGRU', 'StackedRNNCells', 'SimpleRNNCell', 'LSTMCell', 'GRUCell'],
  ...['ConvLSTM1D', 'ConvLSTM2D', 'ConvLSTM3D'],
]);

/** Layers that stand for a bare TensorFlow call. */
const functionCalls = new Set([
  'TFOpLambda',
  'SlicingOpLambda',
  'TensorFlowOpLayer',
  'ClassMethod',
  'InstanceMethod',
  'InstanceProperty',
]);

/** Layers that change pictures at random while training and pass them on unchanged when predicting. */
const augmentation = new Set([
  ...['RandomFlip', 'RandomRotation', 'RandomZoom', 'RandomTranslation', 'RandomContrast', 'RandomBrightness', 'RandomShear'],
  ...['RandomHue', 'RandomSaturation', 'RandomSharpness', 'RandomPosterization', 'RandomColorJitter', 'RandomColorDegeneration'],
  ...['RandomGrayscale', 'RandomInvert', 'RandomErasing', 'RandomGaussianBlur', 'RandomPerspective', 'RandomElasticTransform'],
  ...['RandomWidth', 'RandomHeight', 'RandAugment', 'AugMix', 'CutMix', 'MixUp'],
]);

/** Layers that make numbers of texts, categories or sounds before the network sees them. */
const preprocessing = new Set([
  ...['StringLookup', 'IntegerLookup', 'TextVectorization', 'Hashing', 'HashedCrossing', 'Discretization', 'CategoryEncoding'],
  ...['FeatureSpace', 'MelSpectrogram', 'STFTSpectrogram'],
]);

/** Layers that only act while training. */
const trainingOnly = new Set([
  ...['Dropout', 'SpatialDropout1D', 'SpatialDropout2D', 'SpatialDropout3D', 'AlphaDropout', 'GaussianDropout', 'GaussianNoise'],
  ...['ActivityRegularization', 'Identity'],
]);

/** Why a layer may be left out when predicting; undefined where it may not, or where an op reads it. */
export function droppable(className: string): 'KERAS_AUGMENTATION' | 'KERAS_TRAINING_ONLY' | undefined {
  if (opForClass(className) !== undefined) return undefined;
  if (augmentation.has(className)) return 'KERAS_AUGMENTATION';
  return trainingOnly.has(className) ? 'KERAS_TRAINING_ONLY' : undefined;
}

/** A TimeDistributed around a layer that is refused, or that is a model. */
function wrapperRefusal(entry: JsonObject, layer: string): StudioError | undefined {
  const config = field(entry, 'config');
  const within = isObject(config) ? field(config, 'layer') : undefined;
  const className = isObject(within) ? field(within, 'class_name') : undefined;
  if (!isObject(within) || typeof className !== 'string') return undefined;
  if (['Sequential', 'Functional', 'Model'].includes(className)) {
    return problems.unsupportedLayer(
      layer,
      'TimeDistributed',
      'It runs a whole model on every step.',
      'Wrap each of its layers by itself in Keras, copy the weights over and save again.',
    );
  }
  return className === 'TimeDistributed' ? undefined : refusalOf(within, className, layer);
}

/** The error for a layer that can't be opened; undefined for one that can. */
export function refusalOf(entry: JsonObject, className: string, layer: string): StudioError | undefined {
  const module = field(entry, 'module');
  const registered = field(entry, 'registered_name');
  const refuse = (reason: string, hint: string): StudioError => problems.unsupportedLayer(layer, className, reason, hint);
  // A function with a name is read call by call, where its arguments are at hand.
  if (functionName(entry) !== undefined && field(entry, 'inbound_nodes') !== undefined) return undefined;
  if ((typeof module === 'string' && /^keras(\.src)?\.ops\b/.test(module)) || functionCalls.has(className)) {
    return refuse(
      `It is a bare function call in Python (${typeof module === 'string' ? module : className}), not a layer: its arguments are not saved in a form that can be trusted.`,
      'Use the layer that does the same (Add, Multiply, Rescaling, Reshape, Activation …) in Keras and save again.',
    );
  }
  if (className === 'Lambda') {
    return refuse(
      'A Lambda layer holds Python code, which cannot run here.',
      'Replace it with a layer that does the same, such as Rescaling, Reshape or Activation, in Keras and save again.',
    );
  }
  if (typeof registered === 'string' && registered.includes('>')) return custom(refuse);
  if (className === 'TimeDistributed') return wrapperRefusal(entry, layer);
  if (className === 'InputLayer' || opForClass(className) !== undefined || droppable(className) !== undefined) return undefined;
  if (recurrent.has(className)) {
    return refuse(
      'Of the recurrent layers the studio computes LSTM, GRU, SimpleRNN, and Bidirectional around one of them.',
      'Build it of these layers in Keras, copy the weights over and save again.',
    );
  }
  if (preprocessing.has(className)) {
    return refuse(
      'It prepares texts, categories or sounds for the network; here data are numbers from the start.',
      'Save the part of the model behind it on its own, and give it what this layer would make.',
    );
  }
  if (typeof module === 'string' && !/^(keras|tf_keras|tensorflow\.keras)\b/.test(module)) return custom(refuse);
  return refuse(
    'The studio has no exact arithmetic for it, and would rather refuse than approximate. It may also be a class of your own.',
    'Replace it in Keras with layers from the list of supported layers and save again.',
  );
}

function custom(refuse: (reason: string, hint: string) => StudioError): StudioError {
  return refuse(
    'It is a class of its own: what it computes stands only in the Python code that made it.',
    'Rebuild it from the layers of Keras, copy the weights over and save again.',
  );
}
