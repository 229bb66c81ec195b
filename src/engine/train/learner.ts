/**
 * The optimizer at work on a network. As long as it lasts, parameters and running averages lie where the backend can step them in place;
 * constraints see the same arrays.
 */
import { createWorkspace } from '../runtime/in-place.ts';
import { clip } from './clip.ts';
import { createOptimizer, forget, type OptimizerKind, optimizerStep } from './optimizer.ts';
import { learnersOf, type Network } from './step.ts';

export interface Learner {
  /**
   * One step along the slopes of `gradientStep`. Returns the gradients' norm before they were clipped to `clipNorm` (0: not at all); no
   * step is taken where it is no number.
   */
  step(slopes: readonly Float32Array[], rate: number, weightDecay?: number, clipNorm?: number): number;
  /** Takes the optimizer back to before its first step. */
  forget(): void;
  /** Puts the parameters into arrays of their own again. */
  dispose(): void;
}

export function createLearner(network: Pick<Network, 'trained' | 'matching'>, kind: OptimizerKind): Learner {
  const learners = learnersOf(network);
  const parameters = learners.flatMap((weight) => weight.parameters);
  const workspace = createWorkspace();
  for (const parameter of parameters) parameter.values = workspace.place(parameter.values);
  const state = createOptimizer(kind, parameters, (length) => workspace.place(new Float32Array(length)));
  return {
    step(slopes, rate, weightDecay = 0, clipNorm = 0) {
      const gradients = learners.flatMap((weight, i) => weight.gradients(slopes[i] as Float32Array));
      const norm = clip(gradients, clipNorm);
      if (Number.isFinite(norm)) optimizerStep(state, parameters, gradients, rate, weightDecay);
      return norm;
    },
    forget: () => forget(state),
    dispose() {
      for (const parameter of parameters) parameter.values = parameter.values.slice();
      workspace.dispose();
    },
  };
}
