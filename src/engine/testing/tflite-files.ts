/** Small .tflite files for tests of the reader, put together tensor by tensor and operator by operator. */
import { Builder, type Offset } from 'flatbuffers';
import * as schema from '../formats/tflite/schema/schema.ts';

export interface TensorSketch {
  readonly type?: keyof typeof schema.TensorType;
  /** Batch included; −1 is stated in the signature, with 1 in the shape. */
  readonly shape: readonly number[];
  /** Makes it a constant. */
  readonly data?: ArrayBufferView;
  readonly scale?: readonly number[];
  readonly zeroPoint?: readonly number[];
  readonly axis?: number;
}

/** Writes an options table; gives its place and its number in the union. */
export type OptionsSketch = (builder: Builder) => readonly [member: number, table: Offset];

export interface OperatorSketch {
  readonly kind: keyof typeof schema.BuiltinOperator;
  readonly version?: number;
  /** Names of tensors; an empty one is an input left out. */
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly options?: OptionsSketch;
}

export interface FileSketch {
  readonly tensors: Readonly<Record<string, TensorSketch>>;
  readonly operators: readonly OperatorSketch[];
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
}

const vectorOf = (builder: Builder, offsets: readonly Offset[]): Offset => {
  builder.startVector(4, offsets.length, 4);
  for (const offset of offsets.toReversed()) builder.addOffset(offset);
  return builder.endVector();
};

function writeBuffer(builder: Builder, data: ArrayBufferView | undefined): Offset {
  let bytes = 0;
  if (data !== undefined) {
    const content = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
    builder.startVector(1, content.length, 16);
    for (const byte of content.toReversed()) builder.addInt8(byte);
    bytes = builder.endVector();
  }
  schema.Buffer.startBuffer(builder);
  if (bytes !== 0) schema.Buffer.addData(builder, bytes);
  return schema.Buffer.endBuffer(builder);
}

function writeTensor(builder: Builder, name: string, sketch: TensorSketch, buffer: number): Offset {
  const shape = schema.Tensor.createShapeVector(builder, sketch.shape.map(Math.abs));
  const signature = schema.Tensor.createShapeSignatureVector(builder, [...sketch.shape]);
  const text = builder.createString(name);
  let quantization = 0;
  if (sketch.scale !== undefined) {
    const points = sketch.zeroPoint ?? sketch.scale.map(() => 0);
    const scale = schema.QuantizationParameters.createScaleVector(builder, [...sketch.scale]);
    const zeroPoint = schema.QuantizationParameters.createZeroPointVector(builder, points.map(BigInt));
    schema.QuantizationParameters.startQuantizationParameters(builder);
    schema.QuantizationParameters.addScale(builder, scale);
    schema.QuantizationParameters.addZeroPoint(builder, zeroPoint);
    schema.QuantizationParameters.addQuantizedDimension(builder, sketch.axis ?? 0);
    quantization = schema.QuantizationParameters.endQuantizationParameters(builder);
  }
  schema.Tensor.startTensor(builder);
  schema.Tensor.addShape(builder, shape);
  schema.Tensor.addType(builder, schema.TensorType[sketch.type ?? 'FLOAT32']);
  schema.Tensor.addBuffer(builder, buffer);
  schema.Tensor.addName(builder, text);
  if (quantization !== 0) schema.Tensor.addQuantization(builder, quantization);
  if (sketch.shape.includes(-1)) schema.Tensor.addShapeSignature(builder, signature);
  return schema.Tensor.endTensor(builder);
}

function writeOperator(builder: Builder, sketch: OperatorSketch, index: number, indexOf: (name: string) => number): Offset {
  const inputs = schema.Operator.createInputsVector(builder, sketch.inputs.map(indexOf));
  const outputs = schema.Operator.createOutputsVector(builder, sketch.outputs.map(indexOf));
  const [member, table] = sketch.options?.(builder) ?? [0, 0];
  schema.Operator.startOperator(builder);
  schema.Operator.addOpcodeIndex(builder, index);
  schema.Operator.addInputs(builder, inputs);
  schema.Operator.addOutputs(builder, outputs);
  if (member !== 0) schema.Operator.addBuiltinOptionsType(builder, member);
  if (member !== 0) schema.Operator.addBuiltinOptions(builder, table);
  return schema.Operator.endOperator(builder);
}

function writeCode(builder: Builder, { kind, version = 1 }: OperatorSketch): Offset {
  const code = schema.BuiltinOperator[kind];
  schema.OperatorCode.startOperatorCode(builder);
  schema.OperatorCode.addDeprecatedBuiltinCode(builder, Math.min(code, 127));
  schema.OperatorCode.addVersion(builder, version);
  schema.OperatorCode.addBuiltinCode(builder, code);
  return schema.OperatorCode.endOperatorCode(builder);
}

/** The bytes of a file. */
export function tfliteBytes(sketch: FileSketch): Uint8Array<ArrayBuffer> {
  const builder = new Builder(1024);
  const names = Object.keys(sketch.tensors);
  const indexOf = (name: string): number => names.indexOf(name);
  const entries = Object.entries(sketch.tensors);
  // Tensors with the same array share a buffer.
  const constants = [undefined, ...new Set(entries.flatMap(([, { data }]) => data ?? []))];
  const buffers = constants.map((data) => writeBuffer(builder, data));
  const tensors = entries.map(([name, tensor]) => writeTensor(builder, name, tensor, constants.indexOf(tensor.data)));
  const operators = sketch.operators.map((operator, index) => writeOperator(builder, operator, index, indexOf));
  const codes = sketch.operators.map((operator) => writeCode(builder, operator));
  const parts = {
    tensors: vectorOf(builder, tensors),
    operators: vectorOf(builder, operators),
    inputs: schema.SubGraph.createInputsVector(builder, sketch.inputs.map(indexOf)),
    outputs: schema.SubGraph.createOutputsVector(builder, sketch.outputs.map(indexOf)),
  };
  schema.SubGraph.startSubGraph(builder);
  schema.SubGraph.addTensors(builder, parts.tensors);
  schema.SubGraph.addInputs(builder, parts.inputs);
  schema.SubGraph.addOutputs(builder, parts.outputs);
  schema.SubGraph.addOperators(builder, parts.operators);
  const graph = vectorOf(builder, [schema.SubGraph.endSubGraph(builder)]);
  const [codeList, bufferList] = [vectorOf(builder, codes), vectorOf(builder, buffers)];
  schema.Model.startModel(builder);
  schema.Model.addVersion(builder, 3);
  schema.Model.addOperatorCodes(builder, codeList);
  schema.Model.addSubgraphs(builder, graph);
  schema.Model.addBuffers(builder, bufferList);
  schema.Model.finishModelBuffer(builder, schema.Model.endModel(builder));
  return builder.asUint8Array().slice() as Uint8Array<ArrayBuffer>;
}
