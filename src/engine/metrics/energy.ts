/**
 * An estimate of the energy of one inference: arithmetic plus moving weights and activations, from the 45 nm figures of Horowitz,
 * "Computing's energy problem (and what we can do about it)", ISSCC 2014, fig. 1.1.9:
 *
 *   multiply   int8 0.2 pJ   int32 3.1 pJ   float16 1.1 pJ   float32 3.7 pJ
 *   add        int32 0.1 pJ                 float16 0.4 pJ   float32 0.9 pJ
 *   memory     32 bits from SRAM 5 pJ, from DRAM 640 pJ (as Han et al. 2015, table 1, cite them)
 *
 * Multiplications of other widths are scaled from int8 by (b/8)², the size of the array of partial products (32 bits: 3.2 pJ); whole numbers
 * are added up in 32 bits. Every weight is fetched once from DRAM at its stored width, every activation is written to and read from
 * SRAM once. It says what hardware made for these widths would save; TF.js itself computes in float32 whatever is stored.
 */
import { type Encoding, float32 } from '../model/encoding.ts';
import { elementCount, type Model, type ValueId, type Weight } from '../model/model.ts';
import { inferShapes, nodeMacs } from '../model/topology.ts';
import type { Measured } from '../report.ts';
import { slotsOf } from '../slots.ts';
import { measureSize } from './size.ts';

/** pJ. */
const float = { multiply: 3.7, add: 0.9 };
const half = { multiply: 1.1, add: 0.4 };
const whole = { multiplyByte: 0.2, add: 0.1 };
const sramPerBit = 5 / 32;
const dramPerBit = 640 / 32;

export const energySource = "M. Horowitz, Computing's energy problem (and what we can do about it), ISSCC 2014, 45 nm";
export const energyNote =
  'Estimated for hardware that computes at the stored widths; TF.js itself computes in float32, so fewer bits save no energy there.';

export interface LayerEnergy {
  readonly layer: string;
  /** pJ per inference. */
  readonly compute: number;
  readonly weights: number;
  readonly activations: number;
}

export interface Energy {
  /** µJ per inference. */
  readonly total: Measured;
  readonly layers: readonly LayerEnergy[];
  readonly source: string;
  readonly note: string;
}

/** pJ of one multiply-accumulate with operands of so many bits; palettes hold floats, so they compute as float32. */
export function macEnergy(encoding: Encoding): number {
  if (encoding.kind === 'float16') return half.multiply + half.add;
  if (encoding.kind !== 'affine') return float.multiply + float.add;
  return whole.multiplyByte * (encoding.bits / 8) ** 2 + whole.add;
}

/** Estimates a model's energy; null where a size is known only at run time. Zeros are not skipped: few devices do. */
export function estimateEnergy(model: Model, inputShapes: readonly (readonly number[])[]): Energy | null {
  const macs = nodeMacs(model, inputShapes);
  const shapes = inferShapes(model, inputShapes);
  const payload = new Map(measureSize(model).layers.map((size) => [size.layer, size.payload]));
  const kernels = kernelsOf(model);
  const widths = new Map<ValueId, number>();
  const layers = model.nodes.map((node): LayerEnergy => {
    const [output = ''] = node.outputs;
    const kernel = kernels.get(node.name);
    const width = kernel === undefined ? Math.max(8, ...node.inputs.map((id) => widths.get(id) ?? 8)) : activationBits(kernel);
    widths.set(output, width);
    const size = elementCount((shapes.get(output) ?? []).map((length) => length ?? Number.NaN));
    return {
      layer: node.name,
      compute: (macs.get(node.name) ?? 0) * macEnergy(kernel ?? float32),
      weights: 8 * (payload.get(node.name) ?? 0) * dramPerBit,
      activations: 2 * size * width * sramPerBit,
    };
  });
  const value = layers.reduce((sum, { compute, weights, activations }) => sum + compute + weights + activations, 0) / 1e6;
  if (!Number.isFinite(value)) return null;
  return { total: { value, unit: 'µJ', how: 'estimated' }, layers, source: energySource, note: energyNote };
}

/** How the largest kernel of each layer that has one is stored. */
function kernelsOf(model: Model): Map<string, Encoding> {
  const largest = new Map<string, Weight>();
  for (const { users, slot, weight } of slotsOf(model)) {
    if (slot.kind !== 'kernel') continue;
    for (const { name } of users) {
      if (weight.values.length > (largest.get(name)?.values.length ?? 0)) largest.set(name, weight);
    }
  }
  return new Map([...largest].map(([name, { encoding }]) => [name, encoding]));
}

/** Integer hardware keeps activations at 8 bits, or 16 behind 16-bit weights; layers without a kernel keep the width of what they read. */
function activationBits(encoding: Encoding): number {
  if (encoding.kind === 'affine') return encoding.bits > 8 ? 16 : 8;
  return encoding.kind === 'float16' ? 16 : 32;
}
