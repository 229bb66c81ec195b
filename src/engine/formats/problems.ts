/**
 * Every way a model file can fail to open, in one place: code, what happened, why (with names and numbers) and what to do.
 * Readers throw what these build and nothing else; the fuzz test holds them to it.
 */
import { StudioError } from '../errors.ts';
import type { Json } from '../model/model.ts';

const saveAgain = 'Save the model again with Keras (model.save("model.keras")) or download the file again, then open that.';

const problem = (
  code: string,
  title: string,
  detail: string,
  hint: string,
  context: { readonly [key: string]: Json } = {},
): StudioError => new StudioError({ code, title, detail, hint, context });

/** The StudioErrors of the readers, by what went wrong. */
export const problems = {
  empty: () =>
    problem(
      'FORMAT_EMPTY',
      'There is no file to open.',
      'Nothing was given, or every file is empty (0 bytes).',
      'Drop a Keras .keras or .h5 file, a TF.js model.json with its weight files, a .tflite file, or a .zip of them.',
    ),
  tooLarge: (path: string, bytes: number, limit: number) =>
    problem(
      'FORMAT_TOO_LARGE',
      'This file is too large to open here.',
      `"${path}" has ${bytes} bytes; at most ${limit} bytes (2 GB) fit into the memory of a page. It was not read.`,
      'Save the model without its optimizer state (model.save(path, include_optimizer=False)), or choose a smaller model.',
      { path, bytes, limit },
    ),
  unreadable: (path: string, reason: string) =>
    problem(
      'FORMAT_UNREADABLE',
      'This file could not be read from the disk.',
      `"${path}": ${reason}.`,
      'It may have been moved or changed since it was chosen. Choose it again.',
      { path },
    ),
  unknown: (paths: readonly string[], head: string) =>
    problem(
      'FORMAT_UNKNOWN',
      'This is not a model file that the studio knows.',
      `${list(paths)}: the content (first bytes ${head}) is neither Keras .keras, Keras .h5, TF.js model.json nor TFLite.`,
      'Export the model from Keras as .keras or .h5, or as a TF.js layers-model, and open that.',
      { paths: [...paths] },
    ),
  notOpened: (code: string, what: string, path: string, why: string, hint: string) =>
    problem(code, `This is ${what}, which is not opened here.`, `"${path}": ${why}`, hint, { path }),
  severalModels: (paths: readonly string[]) =>
    problem(
      'FORMAT_SEVERAL_MODELS',
      'These files hold more than one model.',
      `Found ${paths.length} models: ${list(paths)}.`,
      'Open one model at a time: drop its file, or only its own folder.',
      { paths: [...paths] },
    ),
  truncated: (path: string, have: number, need: number) =>
    problem(
      'FORMAT_TRUNCATED',
      'This file is cut off.',
      `"${path}" has ${have} bytes, but its header says ${need}.`,
      'The download or copy was interrupted. Fetch the file again.',
      { path, have, need },
    ),
  damaged: (path: string, what: string) =>
    problem('FORMAT_DAMAGED', 'This file is damaged.', `"${path}": ${what}.`, saveAgain, { path }),
  pickle: (path: string, name: string) =>
    problem(
      'FORMAT_PICKLE',
      'These weights are a Python pickle of more than arrays.',
      `"${path}" names "${name}". Nothing of it was run.`,
      'Pickles can run any program when Python opens them. Save the model again with Keras (model.save("model.keras")), which keeps weights in model.weights.h5.',
      { path, name },
    ),
  storage: (path: string, what: string) =>
    problem(
      'FORMAT_HDF5_STORAGE',
      'This HDF5 file is stored in a way that is not read here.',
      `"${path}": ${what}.`,
      'Write it again with the default settings of Keras or h5py (gzip or no compression).',
      { path },
    ),
  zipBomb: (path: string, stored: number, expanded: number) =>
    problem(
      'FORMAT_ZIP_BOMB',
      'This archive claims to unpack to far more than a model.',
      `"${path}" has ${stored} bytes and says that it unpacks to ${expanded} bytes. Nothing was unpacked.`,
      'Unpack it yourself if you trust it, and drop the model files.',
      { path, stored, expanded },
    ),
  zipNoModel: (path: string, entries: readonly string[]) =>
    problem(
      'FORMAT_ZIP_NO_MODEL',
      'There is no model in this archive.',
      `"${path}" holds ${entries.length === 0 ? 'no files' : list(entries)}, but neither a model.json nor a .keras or .h5 file.`,
      'Zip the folder that holds the model, or drop the model files themselves.',
      { path, entries: entries.slice(0, 20) },
    ),
  json: (path: string, reason: string) =>
    problem('FORMAT_JSON', 'The description of this model is not valid JSON.', `"${path}": ${reason}.`, saveAgain, { path }),
  structure: (where: string, what: string) =>
    problem('FORMAT_STRUCTURE', 'The structure of this model can not be read.', `${where}: ${what}.`, saveAgain, { where }),
  missingShard: (path: string, paths: readonly string[], given: readonly string[]) =>
    problem(
      'FORMAT_TFJS_MISSING_SHARD',
      'A weight file of this model is missing.',
      `model.json names ${list(paths)}, which ${paths.length === 1 ? 'is' : 'are'} not among the files given (${list(given)}).`,
      'Drop model.json together with all of its weight files, or the whole folder.',
      { path, missing: [...paths] },
    ),
  shardLength: (paths: readonly string[], have: number, need: number) =>
    problem(
      'FORMAT_TFJS_SHARD_LENGTH',
      'The weight files do not have the length that model.json says.',
      `${list(paths)}: ${have} bytes given, ${need} bytes needed.`,
      'The files belong to another model, or a download was cut off. Fetch model.json and its weight files again, together.',
      { paths: [...paths], have, need },
    ),
  noTopology: (path: string) =>
    problem(
      'FORMAT_NO_TOPOLOGY',
      'This file holds weights, but not the layers they belong to.',
      `"${path}" has no model topology (it was saved with save_weights, or its modelTopology is null).`,
      'Save the whole model (model.save), or drop the topology JSON (model.to_json()) together with the weights.',
      { path },
    ),
  noWeights: (path: string) =>
    problem(
      'FORMAT_NO_WEIGHTS',
      'This file describes layers, but holds no weights.',
      `"${path}" is a topology only (model.to_json()).`,
      'Drop it together with its weights (.h5), or save the whole model (model.save).',
      { path },
    ),
  graphOperator: (node: string, op: string, why: 'unknown' | 'stateful' | 'random') =>
    problem(
      'FORMAT_GRAPH_OPERATOR',
      `This graph has an operator that is not run here: ${op} (node "${node}").`,
      {
        unknown: 'TF.js knows no operator of this name, so that no page could run the graph.',
        stateful: 'It is control flow, a list or a table: what runs depends on values, and weights are read from within loops.',
        random: 'It draws other numbers with each run, so that nothing could be compared.',
      }[why],
      {
        unknown: 'Convert the model again without --skip_op_check, or open the Keras file that it was made from.',
        stateful:
          'Convert it again without loops (unroll=True for recurrent layers, no tables), or open the Keras file it was made from.',
        random: 'Freeze the model for inference before it is converted, or open the Keras file that it was made from.',
      }[why],
      { node, op },
    ),
  graphInput: (input: string, what: string) =>
    problem(
      'FORMAT_GRAPH_INPUT',
      `The input "${input}" of this graph can not be fed.`,
      `${what}.`,
      'Convert the model again with an input of numbers whose number of dimensions is fixed, the batch first.',
      { input },
    ),
  graphOutput: (output: string, what: string) =>
    problem(
      'FORMAT_GRAPH_OUTPUT',
      `The output "${output}" of this graph can not be had.`,
      `${what}.`,
      'Convert the model again with outputs that are made from its inputs, and drop all of its files together.',
      { output },
    ),
  graphOnly: (format: string) =>
    problem(
      'EXPORT_NEEDS_LAYERS',
      `A TF.js graph-model can not be saved as ${format}.`,
      'The file holds a frozen TensorFlow graph: which layers it was made of is not said, and other formats are written from layers.',
      'Save it as a TF.js graph-model, or open the Keras file that it was converted from (.keras or .h5).',
      { format },
    ),
  notGraph: (format: string) =>
    problem(
      'EXPORT_NEEDS_GRAPH',
      `Only what was opened as a graph can be saved as ${format}.`,
      'This model is made of layers, and no frozen TensorFlow graph came with it.',
      'Save it as a TF.js layers-model, which the same pages load with tf.loadLayersModel.',
      { format },
    ),
  unsupportedLayer: (layer: string, className: string, reason: string, hint: string) =>
    problem(
      'FORMAT_KERAS_UNSUPPORTED_LAYER',
      `This model uses a layer this studio does not know: ${className} (layer "${layer}").`,
      reason,
      hint,
      { layer, className },
    ),
  callArguments: (layer: string, argument: string) =>
    problem(
      'FORMAT_KERAS_CALL',
      'A layer of this model is called in a way that is not read here.',
      `Layer "${layer}" is called with the argument ${argument}, which changes what it computes.`,
      'Call the layer with tensors only in Keras, and save the model again.',
      { layer },
    ),
  subclassed: (path: string, className: string) =>
    problem(
      'FORMAT_KERAS_SUBCLASSED',
      'This model is a Python class of its own.',
      `"${path}" holds the subclassed model "${className}": how its layers are joined stands only in its Python code.`,
      'Rebuild it as a Sequential or Functional model in Keras, copy the weights over and save that.',
      { path, className },
    ),
  quantizedPolicy: (layer: string, policy: string) =>
    problem(
      'FORMAT_KERAS_QUANTIZED',
      'This model was already quantized by Keras.',
      `Layer "${layer}" has the dtype policy "${policy}", whose arithmetic is not that of its float layer.`,
      'Open the model from before model.quantize(...) and quantize it here.',
      { layer, policy },
    ),
  dtype: (layer: string, dtype: string) =>
    problem(
      'FORMAT_KERAS_INPUT_DTYPE',
      'This model takes inputs that are not numbers.',
      `Input "${layer}" has the type ${dtype}.`,
      'Save the part of the model behind its text or string layers.',
      { layer, dtype },
    ),
  noInputShape: (model: string) =>
    problem(
      'FORMAT_KERAS_NO_INPUT_SHAPE',
      'This model was saved before it was built.',
      `The Sequential model "${model}" does not say the shape of its input.`,
      'Call model.build(input_shape), or add an Input layer, and save again.',
      { model },
    ),
  cycle: (model: string, layers: readonly string[]) =>
    problem(
      'FORMAT_KERAS_CYCLE',
      'The layers of this model wait for each other.',
      `In "${model}" these layers form a circle: ${list(layers)}.`,
      saveAgain,
      { model, layers: layers.slice(0, 20) },
    ),
  tooComplex: (what: string) =>
    problem(
      'MODEL_TOO_COMPLEX',
      'This model is too large to run here.',
      `${what}.`,
      'If this is the real model, it does not fit into a page; otherwise the file is damaged: save it again.',
    ),
  weightMissing: (layer: string, roles: readonly string[], found: readonly string[]) =>
    problem(
      'FORMAT_WEIGHT_MISSING',
      'A layer has no weights in this file.',
      `Layer "${layer}" needs ${list(roles)}; the file has ${found.length === 0 ? 'nothing for it' : list(found)}.`,
      'The weights belong to another model, or were saved before the layer was built. Save the whole model again.',
      { layer, roles: [...roles] },
    ),
  weightShape: (layer: string, role: string, have: readonly number[], need: readonly number[]) =>
    problem(
      'FORMAT_WEIGHT_SHAPE',
      'A weight does not have the shape that its layer says.',
      `"${layer}", ${role}: the file has [${have.join(', ')}], the layer needs [${need.join(', ')}].`,
      'The topology and the weights belong to different models. Open a pair that was saved together.',
      { layer, role, have: [...have], need: [...need] },
    ),
  weightUnused: (names: readonly string[]) =>
    problem(
      'FORMAT_WEIGHT_UNUSED',
      'This file holds weights that no layer of the model takes.',
      `${list(names)}.`,
      'The topology and the weights belong to different models. Open a pair that was saved together.',
      { names: names.slice(0, 20) },
    ),
  weightType: (name: string, dtype: string) =>
    problem(
      'FORMAT_WEIGHT_DTYPE',
      'A weight is stored in a way that can not be read.',
      `"${name}" is stored as ${dtype}.`,
      'Save the model with float32 weights.',
      { name, dtype },
    ),
  nonFinite: (layers: readonly string[]) =>
    problem(
      'MODEL_NON_FINITE',
      'This model holds weights that are not numbers (NaN or infinite).',
      `Layers: ${list(layers)}.`,
      'Its training has probably diverged: open an earlier checkpoint. You can also open it as it is.',
      { layers: [...layers] },
    ),
} as const;

/** Names in quotes, at most six, with how many more there are. */
export function list(names: readonly string[]): string {
  const shown = names.slice(0, 6).map((name) => `"${name.length > 120 ? `${name.slice(0, 120)}…` : name}"`);
  const more = names.length - shown.length;
  return more > 0 ? `${shown.join(', ')} and ${more} more` : shown.join(', ');
}
