/** From a model to TFLite's operators, layer by layer; the lowerings are listed by hand. */
import type { Model, Shape, ValueId } from '../../../../model/model.ts';
import { tflitePrefix } from '../../../../model/ops/tflite-operator.ts';
import { staged } from '../../../../model/stages.ts';
import { inferShapes } from '../../../../model/topology.ts';
import type { FlowTensor, Graph, GraphOperator, GraphPort } from '../graph.ts';
import { notWritable } from '../refusal.ts';
import { activation, eluLayer, leakyRelu, prelu, reluLayer, softmax, thresholdedRelu } from './activation.ts';
import { additiveAttention, attention, einsumDense } from './attention.ts';
import { type Layer, type LayerParts, type Lowering, layerOf, uniqueNames } from './builder.ts';
import { batchNormalization, rescaling } from './channels.ts';
import { conv1D, conv2D, dense, depthwiseConv1D, depthwiseConv2D } from './convolution.ts';
import { groupNormalization, layerNormalization, normalization, rmsNormalization, unitNormalization } from './normalization.ts';
import { tfliteOperator } from './operator.ts';
import { globalPooling, pooling1D, pooling2D, upSampling2D, zeroPadding2D } from './pooling.ts';
import { bidirectional, embedding, masking, recurrent } from './recurrent.ts';
import { centerCrop, cropping1D, repeatVector, resizing, upSampling1D, zeroPadding1D } from './sequence.ts';
import { alike, timeDistributed } from './steps.ts';
import { average, concatenate, cropping2D, dot, merge, permute, reshape } from './structure.ts';
import { conv1DTranspose, conv2DTranspose, groupedConv1D, groupedConv2D } from './transposed.ts';
import { type Unit, unitsOf } from './units.ts';
import { conv3D, cropping3D, globalPooling3D, pooling3D, upSampling3D, zeroPadding3D } from './volumes.ts';

/** By op; layers in several stages (model/stages.ts) are lowered stage by stage. */
const lowerings: Readonly<Record<string, Lowering>> = {
  Dense: dense,
  EinsumDense: einsumDense,
  Attention: attention,
  AdditiveAttention: additiveAttention,
  Conv1D: conv1D,
  Conv2D: conv2D,
  DepthwiseConv1D: depthwiseConv1D,
  DepthwiseConv2D: depthwiseConv2D,
  GroupedConv1D: groupedConv1D,
  GroupedConv2D: groupedConv2D,
  Conv1DTranspose: conv1DTranspose,
  Conv2DTranspose: conv2DTranspose,
  LayerNormalization: layerNormalization,
  RMSNormalization: rmsNormalization,
  GroupNormalization: groupNormalization,
  UnitNormalization: unitNormalization,
  Normalization: normalization,
  LSTM: recurrent('LSTM'),
  GRU: recurrent('GRU'),
  SimpleRNN: recurrent('SimpleRNN'),
  Bidirectional: bidirectional,
  Embedding: embedding,
  Masking: masking,
  BatchNormalization: batchNormalization,
  Activation: alike(activation),
  ReLU: alike(reluLayer),
  ThresholdedReLU: alike(thresholdedRelu),
  LeakyReLU: leakyRelu,
  ELU: eluLayer,
  PReLU: prelu,
  Softmax: softmax,
  MaxPooling1D: pooling1D('MAX_POOL_2D'),
  MaxPooling2D: pooling2D('MAX_POOL_2D'),
  AveragePooling1D: pooling1D('AVERAGE_POOL_2D'),
  AveragePooling2D: pooling2D('AVERAGE_POOL_2D'),
  GlobalMaxPooling1D: globalPooling('REDUCE_MAX'),
  GlobalMaxPooling2D: globalPooling('REDUCE_MAX'),
  GlobalAveragePooling1D: globalPooling('MEAN'),
  GlobalAveragePooling2D: globalPooling('MEAN'),
  Flatten: reshape,
  Reshape: reshape,
  Permute: permute,
  ZeroPadding1D: zeroPadding1D,
  Cropping1D: cropping1D,
  UpSampling1D: upSampling1D,
  RepeatVector: repeatVector,
  CenterCrop: centerCrop,
  Resizing: resizing,
  Cropping2D: cropping2D,
  ZeroPadding2D: zeroPadding2D,
  UpSampling2D: upSampling2D,
  Add: merge('ADD'),
  Subtract: merge('SUB'),
  Average: average,
  Dot: dot,
  Multiply: merge('MUL'),
  Maximum: merge('MAXIMUM'),
  Minimum: merge('MINIMUM'),
  Concatenate: concatenate,
  Rescaling: rescaling,
  Conv3D: conv3D,
  MaxPooling3D: pooling3D('MAX_POOL_2D'),
  AveragePooling3D: pooling3D('AVERAGE_POOL_2D'),
  GlobalMaxPooling3D: globalPooling3D('REDUCE_MAX'),
  GlobalAveragePooling3D: globalPooling3D('MEAN'),
  ZeroPadding3D: zeroPadding3D,
  Cropping3D: cropping3D,
  UpSampling3D: upSampling3D,
  TimeDistributed: timeDistributed(lowered),
};

export interface LoweringOptions {
  /** Some kernels will be written as integers. */
  readonly integerWeights: boolean;
  /** Batches of any size. */
  readonly anyBatch: boolean;
  /** An LSTM of the usual kind becomes one operator. */
  readonly fusedLstm?: boolean;
  /** Sizes that the model leaves open, without batch, in the order of its inputs. */
  readonly inputShapes?: readonly Shape[];
}

/** The model in operators. Throws EXPORT_LAYER for a layer that has none, or a size that is not known. */
export function lowerModel(given: Model, options: LoweringOptions): Graph {
  const model = staged(given);
  const shapes = inferShapes(model, options.inputShapes);
  const nameOf = uniqueNames();
  const operators: GraphOperator[] = [];
  const flows = new Map<ValueId, FlowTensor>();
  const inputs: GraphPort[] = model.inputs.map(({ value, name, dtype }) => {
    const plain = { kind: 'flow', name: nameOf(name), shape: fixed(name, shapes.get(value)), value } as const;
    const tensor: FlowTensor = dtype === 'int32' ? { ...plain, isIndex: true } : plain;
    flows.set(value, tensor);
    return { name, tensor };
  });
  const { units, alias } = unitsOf(model, shapes);
  const flowOf = (value: ValueId): FlowTensor => {
    const flow = flows.get(value) ?? flows.get(alias.get(value) ?? '');
    if (flow !== undefined) return flow;
    const before = alias.get(value);
    if (before !== undefined) return flowOf(before);
    throw new Error(`Nothing makes the value "${value}".`);
  };
  const floats = new Map<FlowTensor, FlowTensor>();
  /** Whole numbers as every layer but an Embedding reads them. */
  const asFloat = (flow: FlowTensor): FlowTensor => {
    if (!flow.isIndex) return flow;
    const { name, shape } = flow;
    const output = floats.get(flow) ?? ({ kind: 'flow', name: nameOf(`${name}/float`), shape, value: null } as const);
    const options = { table: 'CastOptions', from: 'INT32', to: 'FLOAT32' } as const;
    if (!floats.has(flow)) operators.push({ code: 'CAST', inputs: [flow], output, options, layer: name });
    floats.set(flow, output);
    return output;
  };
  const partsOf = (unit: Unit): LayerParts => ({
    model,
    unit,
    inputs: unit.inputs.map((value) => (unit.node.op === 'Embedding' ? flowOf(value) : asFloat(flowOf(value)))),
    shape: fixed(unit.node.name, shapes.get(unit.output)),
    integerWeights: options.integerWeights,
    batch: options.anyBatch ? -1 : 1,
    fusedLstm: options.fusedLstm === true,
    operators,
    nameOf,
  });
  for (const unit of units) flows.set(unit.output, lowered(layerOf(partsOf(unit))));
  const copied = new Set<FlowTensor>(inputs.map(({ tensor }) => tensor));
  const outputs = model.outputs.map((value) => {
    const tensor = ownTensor(flowOf(value), copied, operators, nameOf, options.anyBatch);
    copied.add(tensor);
    return { name: layerName(given, value), tensor };
  });
  return { name: model.name, inputs, outputs, operators };
}

function lowered(layer: Layer): FlowTensor {
  const { name, op } = layer.node;
  const lowering = op.startsWith(tflitePrefix) ? tfliteOperator : lowerings[op];
  if (lowering !== undefined) return lowering(layer);
  throw notWritable(name, `no TFLite operator computes a ${op}`, 'Save in another format, or replace the layer in Keras.');
}

function fixed(layer: string, shape: Shape | undefined): readonly number[] {
  if (shape?.every((size) => size !== null)) return [1, ...(shape as readonly number[])];
  const reason = `its size is only known at run time: (${shape?.map((size) => size ?? '?').join(', ')})`;
  throw notWritable(layer, reason, 'Give the input of the model a fixed size in Keras, or open data: its samples fix the size.');
}

/** What an output is called: the layer that makes it. */
function layerName(model: Model, value: ValueId): string {
  return model.nodes.find((node) => node.outputs.includes(value))?.name ?? value;
}

/** Inputs and other outputs are copied: interpreters want every output to be a tensor of its own. */
function ownTensor(
  tensor: FlowTensor,
  taken: ReadonlySet<FlowTensor>,
  operators: GraphOperator[],
  nameOf: (wanted: string) => string,
  anyBatch: boolean,
): FlowTensor {
  if (!taken.has(tensor)) return tensor;
  const shape = [anyBatch ? -1 : 1, ...tensor.shape.slice(1)];
  const output: FlowTensor = { ...tensor, name: nameOf(`${tensor.name}/copy`) };
  const values = Int32Array.from(shape);
  const index = { kind: 'index', name: nameOf(`${tensor.name}/shape`), shape: [shape.length], values } as const;
  operators.push({
    code: 'RESHAPE',
    inputs: [tensor, index],
    output,
    options: { table: 'ReshapeOptions', shape },
    layer: tensor.name,
  });
  return output;
}
