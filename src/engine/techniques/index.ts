/** The registry of techniques, listed by hand in the order in which people meet them. */
import { StudioError } from '../errors.ts';
import type { Technique } from '../technique.ts';
import { distillLogits } from './distill/logits.ts';
import { foldBatchNorm } from './fold/batch-norm.ts';
import { pruneGradual } from './prune/gradual.ts';
import { pruneMagnitude } from './prune/magnitude.ts';
import { quantizeAffine } from './quantize/affine.ts';
import { quantizeAware } from './quantize/aware.ts';
import { quantizeCodebook } from './quantize/codebook.ts';
import { quantizeFloat16 } from './quantize/float16.ts';
import { quantizeStatic } from './quantize/static.ts';
import { didYouMean } from './suggest.ts';
import { trainFineTune } from './train/fine-tune.ts';

export const allTechniques: readonly Technique[] = [
  foldBatchNorm,
  pruneMagnitude,
  quantizeAffine,
  quantizeCodebook,
  quantizeFloat16,
  quantizeStatic,
  trainFineTune,
  distillLogits,
  quantizeAware,
  pruneGradual,
];

const byId = new Map<string, Technique>(allTechniques.map((technique) => [technique.id, technique]));

/** The technique of an id; throws RECIPE_UNKNOWN_TECHNIQUE with the nearest known one. */
export function techniqueOf(id: string): Technique {
  const technique = byId.get(id);
  if (technique !== undefined) return technique;
  throw new StudioError({
    code: 'RECIPE_UNKNOWN_TECHNIQUE',
    title: `There is no technique "${id}".`,
    detail: 'A step of the recipe asks for it in "use".',
    hint: didYouMean(id, [...byId.keys()]),
    context: { use: id },
  });
}
