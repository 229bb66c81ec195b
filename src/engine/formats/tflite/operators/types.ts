/** Changes of number types: the numbers stay what they are. What a grid costs is the business of the value that has it. */
import type { Call } from '../call.ts';
import type { Value } from '../graph.ts';

/** DEQUANTIZE and CAST: a constant stays the constant as it is stored, so that float16 and integer weights keep their codes. */
export function same(call: Call): Value {
  return call.value(0);
}

/** QUANTIZE: the value itself gets the grid, unless someone else reads it as it is. */
export function quantize(call: Call): Value {
  const value = call.value(0);
  return value.kind === 'flow' && call.readers(0) > 1 ? call.add('Activation', { activation: 'linear' }, [value]) : value;
}
