/**
 * Weights of a student that knows nothing, as Keras draws them: kernels uniform in ±√(6 / (in + out)) (Glorot & Bengio 2010) or
 * ±√(6 / in) (He et al. 2015), where in and out are the kernel's last two sizes times its window; normalizations begin as the identity,
 * everything else at zero.
 */
import type { Rng } from '../../math/rng.ts';
import { float32 } from '../../model/encoding.ts';
import { elementCount, type Weight } from '../../model/model.ts';
import type { WeightSlot } from '../../model/op.ts';

export type Initializer = 'glorot' | 'he';

/** A fresh tensor for a slot. */
export function freshWeight({ role, shape, kind }: WeightSlot, initializer: Initializer, rng: Rng): Weight {
  const [into = 1, out = 1] = shape.slice(-2);
  const window = elementCount(shape.slice(0, -2));
  const limit = Math.sqrt(6 / (window * (initializer === 'he' ? into : into + out)));
  const start = role === 'gamma' || role === 'moving_variance' ? 1 : 0;
  const values = Float32Array.from({ length: elementCount(shape) }, () =>
    kind === 'kernel' ? limit * (2 * rng.next() - 1) : start,
  );
  return { shape, values, encoding: float32 };
}
