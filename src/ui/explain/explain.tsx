/** An explanation of a step: one sentence and one figure to play with, where the step is set. */
import '../styles/explain.css';
import type { ComponentType } from 'react';
import type { Step } from '../../engine/recipe.ts';
import { tOr } from '../i18n/translate.ts';
import { ClippedRange } from './clipped-range.tsx';
import { EvenGrid } from './even-grid.tsx';
import { Fold } from './fold.tsx';
import { Half } from './half.tsx';
import { LearningRate } from './learning-rate.tsx';
import { Palette } from './palette.tsx';
import { Ramp } from './ramp.tsx';
import { SmallWeights } from './small-weights.tsx';
import { StraightThrough } from './straight-through.tsx';
import { Temperature } from './temperature.tsx';

const figures: Readonly<Record<string, ComponentType<{ readonly step: Step }>>> = {
  'distill/logits': Temperature,
  'fold/batch-norm': Fold,
  'prune/gradual': Ramp,
  'prune/magnitude': SmallWeights,
  'quantize/affine': EvenGrid,
  'quantize/aware': StraightThrough,
  'quantize/codebook': Palette,
  'quantize/float16': Half,
  'quantize/static': ClippedRange,
  'train/fine-tune': LearningRate,
};

export function Explain({ step }: { readonly step: Step }) {
  const Drawing = figures[step.use];
  return (
    <div className="explain">
      <p>{tOr(`technique.${step.use}.help`, '')}</p>
      {Drawing && <Drawing step={step} />}
    </div>
  );
}
