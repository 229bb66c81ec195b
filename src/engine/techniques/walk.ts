/**
 * The walk that techniques share: one target after the other, refusing weights that are not numbers, reporting, and stopping
 * before the next tensor once the signal is aborted.
 */
import { type Context, checkpoint } from '../context.ts';
import { StudioError } from '../errors.ts';
import { type Model, type Weight, withWeights } from '../model/model.ts';
import type { StepNote, StepResult, Target } from '../technique.ts';

/** What a step makes of one tensor: a new tensor, or a note why it stays as it is. */
export interface Outcome {
  readonly weight?: Weight;
  readonly notes?: readonly StepNote[];
}

/** Calls `visit` for each target in order. */
export async function visitTargets<P>(
  stage: string,
  targets: readonly Target<P>[],
  context: Context,
  visit: (target: Target<P>) => void,
): Promise<void> {
  for (const [done, target] of targets.entries()) {
    context.report({ stage, done, total: targets.length });
    await checkpoint(context);
    requireFinite(target);
    visit(target);
  }
  await checkpoint(context);
  context.report({ stage, done: targets.length, total: targets.length });
}

/** Maps each target to a new tensor and gathers the notes. */
export async function mapTargets<P>(
  stage: string,
  model: Model,
  targets: readonly Target<P>[],
  context: Context,
  work: (target: Target<P>) => Outcome,
): Promise<StepResult> {
  const changes = new Map<string, Weight>();
  const notes: StepNote[] = [];
  await visitTargets(stage, targets, context, (target) => {
    const outcome = work(target);
    if (outcome.weight !== undefined) changes.set(target.id, outcome.weight);
    notes.push(...(outcome.notes ?? []));
  });
  return { model: withWeights(model, changes), notes };
}

/** A note about one target. */
export function noteOn(target: Pick<Target<unknown>, 'id' | 'node'>, code: string, text: string): StepNote {
  return { layer: target.node.name, weight: target.id, code, text };
}

/** Throws WEIGHT_NOT_FINITE where a tensor holds NaN or an infinity. */
export function requireFinite(target: Pick<Target<unknown>, 'id' | 'node' | 'weight'>): void {
  const { values } = target.weight;
  const patterns = new Int32Array(values.buffer, values.byteOffset, values.length);
  let found = -1;
  // All exponent bits set is what NaN and the infinities have in common; integers compare faster than isFinite.
  for (let i = 0; i < patterns.length; i++) {
    if (((patterns[i] as number) & 0x7f800000) !== 0x7f800000) continue;
    found = i;
    break;
  }
  if (found < 0) return;
  let count = 0;
  for (const value of values) if (!Number.isFinite(value)) count++;
  throw new StudioError({
    code: 'WEIGHT_NOT_FINITE',
    title: `The layer "${target.node.name}" has weights that are not numbers.`,
    detail: `${count} of the ${values.length} values of "${target.id}" are NaN or infinite; the first is at index ${found}.`,
    hint: 'Leave this layer out with "except", or train the model again with a smaller learning rate.',
    context: { layer: target.node.name, weight: target.id, count, first: found },
  });
}
