/**
 * .tflite to a Model: operators in order, each read by its reader, then inputs, outputs and notes. Files that compute in whole numbers become
 * the model of the same weights with the file's grids on its values (Model.activations), fed with and answering in real numbers.
 */
import { type Context, checkpoint } from '../../context.ts';
import type { ReadOptions, SourceFile } from '../../format.ts';
import { inheritGrids } from '../../model/activation-groups.ts';
import type { Model, ModelInput, ValueId } from '../../model/model.ts';
import { validateModel } from '../../model/topology.ts';
import { modelName } from '../files.ts';
import { reportNonFinite } from '../non-finite.ts';
import { problems } from '../problems.ts';
import { createNotes, type Notes } from '../repairs.ts';
import { createCall } from './call.ts';
import { createGraph, type Graph, sampleShape, type Value } from './graph.ts';
import { operators } from './operators/index.ts';
import { isTflite, parseTflite, type TfliteFile, type TfliteOperator, type TfliteTensor } from './parse.ts';
import { refusals } from './refusals.ts';

/** The files that are of this format. */
export async function findTflite(files: readonly SourceFile[]): Promise<SourceFile[]> {
  const found: SourceFile[] = [];
  for (const file of files) if (isTflite(await file.bytes())) found.push(file);
  return found;
}

/** Reads a model. Throws FORMAT_DAMAGED, FORMAT_TFLITE_*, FORMAT_WEIGHT_DTYPE and what the ops that read the layers throw. */
export async function readTflite(files: readonly SourceFile[], options: ReadOptions, context: Context): Promise<Model> {
  const found = await findTflite(files);
  const [file, ...others] = found;
  if (file === undefined)
    throw problems.unknown(
      files.map(({ path }) => path),
      'no .tflite file',
    );
  if (others.length > 0) throw problems.severalModels(found.map(({ path }) => path));
  const notes = createNotes();
  const parsed = parseTflite(await file.bytes(), file.path);
  const graph = createGraph(parsed, file.path, notes);
  const inputs = parsed.inputs.map((index) => inputOf(parsed, index, graph));
  for (const [index, operator] of parsed.operators.entries()) {
    await checkpoint(context);
    run(operator, parsed, graph);
    context.report({ stage: 'open', done: index + 1, total: parsed.operators.length });
  }
  const outputs = parsed.outputs.map((index) => outputOf(parsed.tensors[index] as TfliteTensor, graph));
  // Layers that the file has no tensor for, such as a Flatten before a dense layer.
  inheritGrids(graph.nodes, graph.grids);
  reportNonFinite(graph.weights, options, notes);
  describe(parsed, graph, notes);
  const model: Model = {
    name: modelName(file.path),
    inputs,
    outputs,
    nodes: graph.nodes,
    weights: graph.weights,
    ...(graph.grids.size === 0 ? {} : { activations: graph.grids }),
    source: { format: 'tflite', bytes: file.size, optimizerBytes: 0, notes: notes.list() },
  };
  validateModel(model);
  return model;
}

function run(operator: TfliteOperator, file: TfliteFile, graph: Graph): void {
  const call = createCall(operator, file, graph);
  const read = Object.hasOwn(operators, operator.kind) ? operators[operator.kind] : undefined;
  if (read === undefined) throw call.refuse('No layer here computes what it computes.');
  const result = read(call);
  const values = 'kind' in result ? [result] : result;
  if (values.length !== operator.outputs.length)
    throw problems.damaged(graph.path, `${call.kind} "${call.name}" has ${operator.outputs.length} outputs`);
  operator.outputs.forEach((index, place) => {
    graph.bind(index, values[place] as Value);
  });
}

const cleanName = (name: string): string =>
  name
    .replace(/^serving_default_/, '')
    .replace(/:\d+$/, '')
    .slice(0, 120) || 'input';

function inputOf(file: TfliteFile, index: number, graph: Graph): ModelInput {
  const tensor = file.tensors[index] as TfliteTensor;
  const { type } = tensor;
  const dtype = type === 'INT32' ? 'int32' : 'float32';
  if (!['FLOAT32', 'FLOAT16', 'INT8', 'UINT8', 'INT16', 'INT32'].includes(type)) throw problems.dtype(tensor.name, type);
  const shape = sampleShape(tensor, (reason) => refusals.form(graph.path, reason));
  const value = graph.names.take(cleanName(file.aliases.get(index) ?? tensor.name));
  graph.bind(index, { kind: 'flow', id: value, shape });
  return { value, name: value, shape, dtype };
}

function outputOf(tensor: TfliteTensor, graph: Graph): ValueId {
  const value = graph.valueOf(tensor.index);
  if (value.kind === 'flow' && !value.timeMajor) return value.id;
  throw refusals.form(graph.path, `its output "${tensor.name}" does not depend on its input, or is not one answer per sample`);
}

/** What whoever opens the file should know of it. */
function describe(file: TfliteFile, graph: Graph, notes: Notes): void {
  notes.add('TFLITE_LAYERS');
  const coded = [...graph.weights].filter(([, { encoding }]) => encoding.kind === 'affine');
  if (graph.grids.size > 0) notes.add('TFLITE_INTEGER');
  else if (coded.length > 0) notes.add('TFLITE_DYNAMIC_RANGE');
  const ends = [...file.inputs, ...file.outputs].map((index) => file.tensors[index] as TfliteTensor);
  for (const { type, name, quantization } of ends) {
    if (quantization === null || type === 'FLOAT32') continue;
    const [scale = 1, point = 0] = [quantization.scale[0], quantization.zeroPoint[0]];
    notes.add(
      'TFLITE_REAL_NUMBERS',
      `${cleanName(name)}: ${type.toLowerCase()}, ${scale} × (q ${point < 0 ? '+' : '−'} ${Math.abs(point)})`,
    );
  }
}
