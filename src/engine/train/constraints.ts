/** Which constraint a stored tensor is trained under: the one that its encoding and mask stand for. */
import type { Weight } from '../model/model.ts';
import type { WeightSlot } from '../model/op.ts';
import { gridWeight, topOf } from './grid-weight.ts';
import { paletteWeight } from './palette-weight.ts';
import { floatWeight, type TrainableWeight } from './weight.ts';

/** A tensor that keeps its mask, its palette or its grid while it is trained. */
export function constrained(weight: Weight, { kind }: Pick<WeightSlot, 'kind'>): TrainableWeight {
  const { encoding } = weight;
  switch (encoding.kind) {
    case 'float32':
    case 'float16':
      return floatWeight(weight, kind === 'kernel');
    case 'affine':
      return gridWeight(weight, { grid: encoding, top: topOf(encoding), learned: false });
    case 'codebook':
      return paletteWeight(weight, encoding);
  }
}
