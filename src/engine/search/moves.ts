/**
 * The plans next to a plan: one layer at another of its choices, or one layer a step of its hull up and another one or two steps
 * down. A search that has found a good plan looks among them for a better one.
 */
import type { Choice, LayerChoices, Plan } from './choices.ts';

export interface Move {
  readonly plan: Plan;
  /** Expected change of bytes and of loss. */
  readonly bytes: number;
  readonly loss: number;
}

/** Layers whose steps are combined with each other; more are not looked at in pairs. */
const mostPaired = 24;

/** All neighbours of a plan. */
export function neighboursOf(layers: readonly LayerChoices[], plan: Plan): Move[] {
  const moves: Move[] = [];
  for (const [layer, { choices }] of layers.entries()) {
    const now = plan[layer] as Choice;
    for (const choice of choices) {
      if (choice !== now)
        moves.push({ plan: plan.with(layer, choice), bytes: choice.bytes - now.bytes, loss: choice.loss - now.loss });
    }
  }
  return layers.length > mostPaired ? moves : [...moves, ...pairs(layers, plan)];
}

function pairs(layers: readonly LayerChoices[], plan: Plan): Move[] {
  const moves: Move[] = [];
  for (const up of layers.keys()) {
    const larger = nextOnHull(layers, plan, up, -1);
    for (const down of layers.keys()) {
      for (const steps of [1, 2]) {
        const smaller = nextOnHull(layers, plan, down, steps);
        if (up === down || larger === undefined || smaller === undefined) continue;
        const [a, b] = [plan[up] as Choice, plan[down] as Choice];
        moves.push({
          plan: plan.with(up, larger).with(down, smaller),
          bytes: larger.bytes - a.bytes + smaller.bytes - b.bytes,
          loss: larger.loss - a.loss + smaller.loss - b.loss,
        });
      }
    }
  }
  return moves;
}

/** The choice so many steps down the hull (up where negative), counted from where a layer's choice lies or would lie. */
function nextOnHull(layers: readonly LayerChoices[], plan: Plan, layer: number, steps: number): Choice | undefined {
  const hull = layers[layer]?.hull ?? [];
  const now = plan[layer] as Choice;
  const smaller = hull.findIndex(({ bytes }) => bytes < now.bytes);
  if (steps > 0) return smaller < 0 ? undefined : hull[smaller + steps - 1];
  const larger = hull.filter(({ bytes }) => bytes > now.bytes);
  return larger[larger.length + steps];
}
