/** Operators that were read from a .tflite file and are no layers: written as they were. */
import { familyOf, type TfliteOperatorAttrs, tells, tflitePrefix } from '../../../../model/ops/tflite-operator.ts';
import type { OperatorCode } from '../file-graph.ts';
import type { GraphTensor } from '../graph.ts';
import type { Options } from '../options.ts';
import type { Lowering } from './builder.ts';

const tables = {
  ADD: 'AddOptions',
  SUB: 'SubOptions',
  MUL: 'MulOptions',
  DIV: 'DivOptions',
} as const;

function optionsOf({ code, keepDims = false, adjX = false, adjY = false }: TfliteOperatorAttrs): Options | null {
  if (Object.hasOwn(tables, code)) return { table: tables[code as keyof typeof tables], fused: 'NONE' };
  if (familyOf(code) === 'reduction') return { table: 'ReducerOptions', keepDims };
  if (familyOf(code) === 'product') return { table: 'BatchMatMulOptions', adjX, adjY };
  if (code === 'MAXIMUM' || code === 'MINIMUM') return { table: 'MaximumMinimumOptions' };
  return code === 'SELECT_V2' ? { table: 'SelectV2Options' } : null;
}

export const tfliteOperator: Lowering = (layer) => {
  const attrs = layer.node.attrs as TfliteOperatorAttrs;
  let next = 0;
  const operands = attrs.operands.map((shape, place): GraphTensor => {
    if (shape === null) return layer.inputs[next++] as GraphTensor;
    const role = `operand${place}`;
    return layer.vector(role, layer.weight(role)?.values ?? [], shape);
  });
  if (attrs.axes !== undefined) operands.push(layer.index('axes', attrs.axes));
  const options = optionsOf(attrs);
  return layer.emit(layer.node.op.slice(tflitePrefix.length) as OperatorCode, operands, {
    last: true,
    ...(options === null ? {} : { options }),
    ...(tells.has(attrs.code) ? { isBool: true } : {}),
  });
};
