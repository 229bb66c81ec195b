/**
 * A .tflite file as plain records: the tensors and operators of its main subgraph (schema/schema.fbs), every index checked. Constants stay
 * views of the file's bytes until an operator asks for their numbers.
 */
import type { StudioError } from '../../errors.ts';
import { problems } from '../problems.ts';
import { CheckedBuffer } from './checked-buffer.ts';
import { refusals } from './refusals.ts';
import {
  type Buffer,
  BuiltinOperator,
  Model,
  type Operator,
  type OperatorCode,
  type SubGraph,
  type Tensor,
  TensorType,
} from './schema/schema.ts';

/** real = scale · (q − zeroPoint), with one scale, or one for each index of `axis`. */
export interface Quantization {
  readonly scale: readonly number[];
  readonly zeroPoint: readonly number[];
  readonly axis: number;
}

export interface TfliteTensor {
  readonly index: number;
  readonly name: string;
  /** A name of the schema's TensorType, such as `FLOAT32`. */
  readonly type: string;
  /** Batch included; −1 where the size is only known at run time. */
  readonly shape: readonly number[];
  readonly quantization: Quantization | null;
  /** The bytes of a constant; null for a value that operators make. */
  readonly data: Uint8Array | null;
}

/** A table of the generated schema, which reads itself from the file. */
export type OptionsTable = { bb_pos: number };

export interface TfliteOperator {
  /** A name of the schema's BuiltinOperator, such as `CONV_2D`; a custom operator's own name. */
  readonly kind: string;
  /** −1 where an optional input is left out. */
  readonly inputs: readonly number[];
  readonly outputs: readonly number[];
  /** The table of options of a member of the schema's BuiltinOptions; null where the file has none or others. */
  options<T extends OptionsTable>(member: number, table: T): T | null;
}

export interface TfliteFile {
  readonly tensors: readonly TfliteTensor[];
  readonly operators: readonly TfliteOperator[];
  readonly inputs: readonly number[];
  readonly outputs: readonly number[];
  /** What the signature calls inputs and outputs, by tensor. */
  readonly aliases: ReadonlyMap<number, string>;
}

const nameOf = (names: object): ReadonlyMap<number, string> =>
  new Map(Object.entries(names).map(([name, value]) => [value, name]));
const typeNames = nameOf(TensorType);
const operatorNames = nameOf(BuiltinOperator);

/** Tensors of one file may share bytes, but all together are no more than this many times the file. */
const maxSharing = 8;
/** No TFLite kernel takes more dimensions. */
const maxRank = 8;
const maxName = 500;

/** True for bytes with the identifier of the format. */
export function isTflite(bytes: Uint8Array): boolean {
  return [0x54, 0x46, 0x4c, 0x33].every((byte, index) => bytes[4 + index] === byte);
}

/** Reads a file. Throws FORMAT_DAMAGED where it contradicts itself, FORMAT_TFLITE_* for what is not read here. */
export function parseTflite(bytes: Uint8Array, path: string): TfliteFile {
  const damaged = (what: string): StudioError => problems.damaged(path, what);
  const model = Model.getRootAsModel(new CheckedBuffer(bytes, damaged));
  if (model.version() !== 3) throw refusals.version(path, model.version());
  const graph = model.subgraphs(0);
  if (graph === null || model.subgraphsLength() === 0) throw damaged('it has no graph');
  const codes = list(model.operatorCodesLength(), (i) => kindOf(model.operatorCodes(i)));
  const buffers = list(model.buffersLength(), (i) => bytesOf(model.buffers(i), bytes, path));
  const tensors = list(graph.tensorsLength(), (i) => tensorOf(graph.tensors(i), i, buffers, path));
  const stored = tensors.reduce((sum, { data }) => sum + (data?.length ?? 0), 0);
  if (stored > maxSharing * bytes.length) throw damaged(`its tensors are ${stored} bytes, the file ${bytes.length}`);
  const indices = (length: number, at: (i: number) => number | null, least: number): number[] =>
    list(length, (i) => {
      const index = at(i) ?? Number.NaN;
      if (index >= least && index < tensors.length) return index;
      throw damaged(`it names tensor ${index}, but has ${tensors.length}`);
    });
  const operators = list(graph.operatorsLength(), (i): TfliteOperator => {
    const operator = graph.operators(i) as Operator;
    const kind = codes[operator.opcodeIndex()];
    if (kind === undefined) throw damaged(`operator ${i} has no kind`);
    return {
      kind,
      inputs: indices(operator.inputsLength(), (at) => operator.inputs(at), -1),
      outputs: indices(operator.outputsLength(), (at) => operator.outputs(at), 0),
      options: (member, table) => (operator.builtinOptionsType() === member ? operator.builtinOptions(table) : null),
    };
  });
  return {
    tensors,
    operators,
    inputs: indices(graph.inputsLength(), (at) => graph.inputs(at), 0),
    outputs: indices(graph.outputsLength(), (at) => graph.outputs(at), 0),
    aliases: aliasesOf(model),
  };
}

function list<T>(length: number, at: (index: number) => T): T[] {
  const items: T[] = [];
  for (let index = 0; index < length; index++) items.push(at(index));
  return items;
}

function kindOf(code: OperatorCode | null): string {
  if (code === null) return '';
  const number = Math.max(code.deprecatedBuiltinCode(), code.builtinCode());
  const name = operatorNames.get(number) ?? `operator ${number}`;
  return name === 'CUSTOM' ? (code.customCode() ?? name).slice(0, maxName) : name;
}

function bytesOf(buffer: Buffer | null, file: Uint8Array, path: string): Uint8Array | null {
  if (buffer === null) return null;
  if (buffer.offset() > 1n)
    throw refusals.form(path, 'its constants stand behind the FlatBuffer, as only files beyond 2 GB need');
  const length = buffer.dataLength();
  if (length === 0) return null;
  const data = buffer.dataArray();
  if (data === null || data.byteOffset + length > file.byteOffset + file.length)
    throw problems.damaged(path, 'a constant ends behind it');
  return data;
}

function tensorOf(
  tensor: ReturnType<SubGraph['tensors']>,
  index: number,
  buffers: readonly (Uint8Array | null)[],
  path: string,
): TfliteTensor {
  if (tensor === null) throw problems.damaged(path, `tensor ${index} is missing`);
  const type = typeNames.get(tensor.type()) ?? `type ${tensor.type()}`;
  const name = (tensor.name() ?? '').slice(0, maxName);
  const rank = tensor.shapeLength();
  if (rank > maxRank) throw problems.damaged(path, `tensor "${name}" has ${rank} dimensions`);
  const dynamic = tensor.shapeSignatureLength() === rank;
  const shape = list(rank, (axis) => {
    const size = tensor.shape(axis) ?? 0;
    if (size < -1) throw problems.damaged(path, `tensor "${name}" has ${size} elements along axis ${axis}`);
    return dynamic && tensor.shapeSignature(axis) === -1 ? -1 : size;
  });
  if (tensor.sparsity() !== null) throw refusals.form(path, `the tensor "${name}" is stored sparse`);
  const data = buffers[tensor.buffer()];
  if (data === undefined) throw problems.damaged(path, `tensor "${name}" has no buffer`);
  return { index, name, type, shape, quantization: quantizationOf(tensor, path), data };
}

function quantizationOf(tensor: Tensor, path: string): Quantization | null {
  const parameters = tensor.quantization();
  if (parameters === null || parameters.scaleLength() === 0) return null;
  const count = parameters.scaleLength();
  const points = parameters.zeroPointLength();
  const scale = list(count, (i) => parameters.scale(i) ?? 0);
  const zeroPoint = list(count, (i) => (points === 0 ? 0 : Number(parameters.zeroPoint(points === 1 ? 0 : i) ?? 0)));
  const fits = (points <= 1 || points === count) && scale.every((step) => step > 0 && Number.isFinite(step));
  if (!fits || zeroPoint.some((point) => Math.abs(point) > 2 ** 16)) {
    throw problems.damaged(path, `the tensor "${tensor.name()}" has an impossible grid`);
  }
  return { scale, zeroPoint, axis: parameters.quantizedDimension() };
}

function aliasesOf(model: Model): Map<number, string> {
  const aliases = new Map<number, string>();
  const signature = list(model.signatureDefsLength(), (i) => model.signatureDefs(i)).find((one) => one?.subgraphIndex() === 0);
  if (!signature) return aliases;
  const ends = [
    ...list(signature.inputsLength(), (i) => signature.inputs(i)),
    ...list(signature.outputsLength(), (i) => signature.outputs(i)),
  ];
  for (const end of ends) {
    const name = end?.name()?.slice(0, maxName);
    if (end && name) aliases.set(end.tensorIndex(), name);
  }
  return aliases;
}
