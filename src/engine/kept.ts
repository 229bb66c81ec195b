/**
 * What a training step has to leave as it found it, checked on the numbers themselves: a pruned weight is exactly zero, and a tensor with
 * a grid or a palette has no more values than these have levels. What it ends with is told.
 */
import { StudioError } from './errors.ts';
import type { Encoding } from './model/encoding.ts';
import type { Model, Weight } from './model/model.ts';
import type { StepNote } from './technique.ts';

/** Values that a tensor of this encoding can have; undefined where they are free. */
function levels(encoding: Encoding): number | undefined {
  if (encoding.kind === 'affine') return encoding.scale.length * 2 ** encoding.bits;
  return encoding.kind === 'codebook' ? encoding.centroids.length : undefined;
}

const zerosOf = ({ mask }: Weight): number => mask?.reduce((sum, kept) => sum + 1 - kept, 0) ?? 0;

/** What a training step kept of what the steps before it achieved, and ends with. Throws TRAIN_NOT_KEPT_FORM where it broke a constraint. */
export function keptForm(technique: string, before: Model, after: Model): StepNote[] {
  let [zeros, pruned, coded, most] = [0, 0, 0, 0];
  for (const [id, weight] of after.weights) {
    const was = before.weights.get(id);
    const { values, mask, encoding } = weight;
    const known = was?.values.length === values.length ? was : undefined;
    const allowed = levels(encoding);
    if (mask?.some((kept, i) => kept === 0 && values[i] !== 0) || known?.mask?.some((kept, i) => kept === 0 && values[i] !== 0)) {
      throw broken(technique, id, 'a pruned weight is no longer zero');
    }
    if (known !== undefined && levels(known.encoding) !== undefined && allowed === undefined) {
      throw broken(technique, id, 'it was stored as codes and no longer is');
    }
    if (mask !== undefined) {
      zeros += zerosOf(weight);
      pruned += values.length;
    }
    if (allowed === undefined) continue;
    const count = new Set(values).size;
    if (count > allowed) throw broken(technique, id, `it has ${count} values where its levels are ${allowed}`);
    coded++;
    most = Math.max(most, count);
  }
  const texts = [
    ...(pruned > 0 ? [`${((100 * zeros) / pruned).toFixed(1)} % of the weights of pruned tensors are exactly zero`] : []),
    ...(coded > 0 ? [`${coded} tensors stored as codes have at most ${most} values each`] : []),
  ];
  return texts.length === 0 ? [] : [{ layer: '', code: 'form-kept', text: `Checked after ${technique}: ${texts.join('; ')}.` }];
}

const broken = (technique: string, weight: string, what: string): StudioError =>
  new StudioError({
    code: 'TRAIN_NOT_KEPT_FORM',
    title: `The step ${technique} did not keep what the steps before it achieved.`,
    detail: `"${weight}": ${what}.`,
    hint: 'This is a defect of the studio: please report it with the recipe.',
    context: { use: technique, weight },
  });
