/**
 * A FileGraph as the bytes of a .tflite file: FlatBuffers by the `flatbuffers` package, identifier TFL3, constants at multiples of 16.
 * Equal constants are stored once. The same graph always gives the same bytes.
 */
import { Builder, type Offset } from 'flatbuffers';
import * as schema from '../schema/schema.ts';
import type { FileGraph, FileOperator, FilePort, FileTensor } from './file-graph.ts';
import { writeOptions } from './options.ts';
import { minimumRuntime, versionOf } from './versions.ts';

const schemaVersion = 3;
/** The interpreter reads the runtime's version from 16 bytes. */
const runtimeBytes = 16;
const encoder = new TextEncoder();

/** The file. */
export function serialize(graph: FileGraph): Uint8Array<ArrayBuffer> {
  const tensors = tensorsOf(graph);
  const buffers = new Buffers();
  const bufferOf = tensors.map(({ data }) => (data === undefined ? 0 : buffers.add(data)));
  const runtime = new Uint8Array(runtimeBytes);
  runtime.set(encoder.encode(minimumRuntime(graph.operators)));
  const runtimeBuffer = buffers.add(runtime);

  const builder = new Builder(2 ** 16);
  const stored = vector(
    builder,
    buffers.all.map((data) => writeBuffer(builder, data)),
  );
  const codes = operatorCodes(graph.operators);
  const codeOffsets = vector(
    builder,
    codes.map(({ operator }) => writeCode(builder, operator)),
  );
  const subgraph = writeSubgraph(builder, graph, tensors, bufferOf, codes);
  const metadata = schema.Metadata.createMetadata(builder, builder.createString('min_runtime_version'), runtimeBuffer);
  const fields = [vector(builder, [subgraph]), builder.createString('Nutshell'), stored] as const;
  const metadataOffset = vector(builder, [metadata]);
  const signatures = vector(builder, [writeSignature(builder, graph, tensors)]);
  const model = schema.Model.createModel(builder, schemaVersion, codeOffsets, ...fields, 0, metadataOffset, signatures);
  schema.Model.finishModelBuffer(builder, model);
  return builder.asUint8Array().slice();
}

/** Every tensor once: inputs first, then in the order in which operators use them. */
function tensorsOf({ inputs, operators, outputs }: FileGraph): readonly FileTensor[] {
  const used = operators.flatMap((operator) => [...operator.inputs.filter((tensor) => tensor !== null), operator.output]);
  return [...new Set([...inputs.map(({ tensor }) => tensor), ...used, ...outputs.map(({ tensor }) => tensor)])];
}

/** The file's buffers; the first is empty by convention. */
class Buffers {
  readonly all: Uint8Array[] = [new Uint8Array()];
  private readonly bySize = new Map<number, number[]>();

  /** The index of a buffer with these bytes. */
  add(data: Uint8Array): number {
    const alike = this.bySize.get(data.length) ?? [];
    const known = alike.find((index) => this.all[index]?.every((byte, i) => byte === data[i]));
    if (known !== undefined) return known;
    this.bySize.set(data.length, [...alike, this.all.length]);
    return this.all.push(data) - 1;
  }
}

function vector(builder: Builder, offsets: readonly Offset[]): Offset {
  builder.startVector(4, offsets.length, 4);
  for (const offset of [...offsets].reverse()) builder.addOffset(offset);
  return builder.endVector();
}

function writeBuffer(builder: Builder, data: Uint8Array): Offset {
  if (data.length === 0) return schema.Buffer.createBuffer(builder, 0, 0n, 0n);
  builder.startVector(1, data.length, 16);
  // The runtime adds bytes one by one otherwise; a vector is filled from its end.
  const start = builder.offset() + data.length;
  builder.pad(data.length);
  const bytes = builder.dataBuffer().bytes();
  bytes.set(data, builder.dataBuffer().capacity() - start);
  return schema.Buffer.createBuffer(builder, builder.endVector(), 0n, 0n);
}

interface CodeEntry {
  readonly key: string;
  readonly operator: FileOperator;
}

const codeKey = (operator: FileOperator): string => `${operator.code} ${versionOf(operator)}`;

function operatorCodes(operators: readonly FileOperator[]): readonly CodeEntry[] {
  const entries = new Map<string, CodeEntry>();
  for (const operator of operators) {
    const key = codeKey(operator);
    if (!entries.has(key)) entries.set(key, { key, operator });
  }
  return [...entries.values()];
}

function writeCode(builder: Builder, operator: FileOperator): Offset {
  const code = schema.BuiltinOperator[operator.code];
  // Runtimes before 2.4 know only the old field, which is one byte.
  const old = Math.min(code, schema.BuiltinOperator.PLACEHOLDER_FOR_GREATER_OP_CODES);
  return schema.OperatorCode.createOperatorCode(builder, old, 0, versionOf(operator), code);
}

function writeSubgraph(
  builder: Builder,
  graph: FileGraph,
  tensors: readonly FileTensor[],
  bufferOf: readonly number[],
  codes: readonly CodeEntry[],
): Offset {
  const places = new Map(tensors.map((tensor, index) => [tensor, index]));
  const place = (tensor: FileTensor | null): number => (tensor === null ? -1 : (places.get(tensor) ?? -1));
  const tensorOffsets = vector(
    builder,
    tensors.map((tensor, i) => writeTensor(builder, tensor, bufferOf[i] ?? 0, graph.anyBatch)),
  );
  const operators = graph.operators.map((operator) => {
    const options = operator.options === null ? 0 : writeOptions(builder, operator.options);
    const inputs = schema.Operator.createInputsVector(builder, operator.inputs.map(place));
    const outputs = schema.Operator.createOutputsVector(builder, [place(operator.output)]);
    const type = operator.options === null ? schema.BuiltinOptions.NONE : schema.BuiltinOptions[operator.options.table];
    const code = codes.findIndex(({ key }) => key === codeKey(operator));
    return schema.Operator.createOperator(builder, code, inputs, outputs, type, options, 0, 0, 0, 0);
  });
  const operatorOffsets = vector(builder, operators);
  const inputs = schema.SubGraph.createInputsVector(
    builder,
    graph.inputs.map(({ tensor }) => place(tensor)),
  );
  const outputs = schema.SubGraph.createOutputsVector(
    builder,
    graph.outputs.map(({ tensor }) => place(tensor)),
  );
  const name = builder.createString('main');
  return schema.SubGraph.createSubGraph(builder, tensorOffsets, inputs, outputs, operatorOffsets, name);
}

function writeTensor(builder: Builder, tensor: FileTensor, buffer: number, anyBatch: boolean): Offset {
  const grid = tensor.grid === undefined ? 0 : writeGrid(builder, tensor);
  const name = builder.createString(tensor.name);
  const shape = schema.Tensor.createShapeVector(builder, [...tensor.shape]);
  const open = anyBatch && tensor.data === undefined && !tensor.isVariable;
  const signature = open ? schema.Tensor.createShapeSignatureVector(builder, [-1, ...tensor.shape.slice(1)]) : 0;
  schema.Tensor.startTensor(builder);
  schema.Tensor.addShape(builder, shape);
  schema.Tensor.addType(builder, schema.TensorType[tensor.type]);
  schema.Tensor.addBuffer(builder, buffer);
  schema.Tensor.addName(builder, name);
  if (grid !== 0) schema.Tensor.addQuantization(builder, grid);
  if (tensor.isVariable) schema.Tensor.addIsVariable(builder, true);
  if (signature !== 0) schema.Tensor.addShapeSignature(builder, signature);
  return schema.Tensor.endTensor(builder);
}

function writeGrid(builder: Builder, { grid }: FileTensor): Offset {
  if (grid === undefined) return 0;
  const scale = schema.QuantizationParameters.createScaleVector(builder, [...grid.scale]);
  const zeroPoint = schema.QuantizationParameters.createZeroPointVector(builder, grid.zeroPoint.map(BigInt));
  const none = schema.QuantizationDetails.NONE;
  return schema.QuantizationParameters.createQuantizationParameters(builder, 0, 0, scale, zeroPoint, none, 0, grid.axis);
}

function writeSignature(builder: Builder, graph: FileGraph, tensors: readonly FileTensor[]): Offset {
  const ports = (list: readonly FilePort[]): Offset =>
    vector(
      builder,
      list.map(({ name, tensor }) =>
        schema.TensorMap.createTensorMap(builder, builder.createString(name), tensors.indexOf(tensor)),
      ),
    );
  const inputs = ports(graph.inputs);
  const outputs = ports(graph.outputs);
  return schema.SignatureDef.createSignatureDef(builder, inputs, outputs, builder.createString('serving_default'), 0);
}
