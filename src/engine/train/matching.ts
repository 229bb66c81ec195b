/** Layers that learn from layers: which, how much it counts, and the adapters that exist for the time of the training only. */
import type { Rng } from '../math/rng.ts';
import { float32 } from '../model/encoding.ts';
import type { ValueId } from '../model/model.ts';
import type { MatchKind } from './match-loss.ts';
import { type LayerPair, layerPairs, type Side } from './pairs.ts';
import { floatWeight, type TrainableWeight } from './weight.ts';

export interface MatchingJob {
  readonly kind: MatchKind;
  /** Weight β of the sum over all pairs beside the loss of the answers. */
  readonly beta: number;
  /** `layer, layer=layer of the teacher, …`; empty: found. */
  readonly pairs: string;
}

export interface MatchedLayer extends LayerPair {
  /** Kernel [student width, teacher width] and bias; absent where the widths agree, or do not matter. */
  readonly adapter?: readonly [kernel: TrainableWeight, bias: TrainableWeight];
}

export interface Matching {
  readonly kind: MatchKind;
  readonly beta: number;
  readonly layers: readonly MatchedLayer[];
  /** The teacher's values that are asked for, each once. */
  readonly asked: readonly ValueId[];
}

/** Pairs layers, with fresh adapters where they are needed. Throws DISTILL_PAIRS. */
export function createMatching({ kind, beta, pairs }: MatchingJob, student: Side, teacher: Side, rng: Rng): Matching {
  const found = layerPairs(kind, student, teacher, pairs);
  const layers = found.map((pair): MatchedLayer => {
    const [from = 1, to = 1] = [pair.studentShape.at(-1), pair.teacherShape.at(-1)];
    return kind === 'attention' || from === to ? pair : { ...pair, adapter: createAdapter(from, to, rng) };
  });
  return { kind, beta, layers, asked: [...new Set(found.map((pair) => pair.teacher))] };
}

/** Uniform numbers up to √(6 / (from + to)) (Glorot & Bengio 2010), and a bias of zeros. */
function createAdapter(from: number, to: number, rng: Rng): [TrainableWeight, TrainableWeight] {
  const limit = Math.sqrt(6 / (from + to));
  const kernel = Float32Array.from({ length: from * to }, () => limit * (2 * rng.next() - 1));
  return [
    floatWeight({ shape: [from, to], values: kernel, encoding: float32 }, true),
    floatWeight({ shape: [to], values: new Float32Array(to), encoding: float32 }, false),
  ];
}
