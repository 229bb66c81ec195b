/** Static quantization: where the range of an activation ends, what that clips, and how fine its steps become. Engine and figure share their arithmetic. */
import { useState } from 'react';
import { createHistogram } from '../../engine/calibration/histogram.ts';
import { clippedShare, rangeOf } from '../../engine/calibration/ranges.ts';
import { stepsOf } from '../../engine/model/activation-grid.ts';
import type { Step } from '../../engine/recipe.ts';
import { decimal } from '../i18n/numbers.ts';
import { Figure, Knob, width } from './figure.tsx';
import { explainWords as say } from './words.ts';

const height = 112;
const floor = height - 12;
const bars = 62;
const pitch = width / bars;

/** Ten thousand numbers as they leave a rectifier: many small ones, few large ones (exponential, at even ranks). */
const numbers = Float32Array.from({ length: 10_000 }, (_, rank) => -0.8 * Math.log(1 - (rank + 0.5) / 10_000));
const histogram = createHistogram();
histogram.add(numbers);
const top = histogram.max;
const counts = Array.from({ length: bars }, () => 0);
for (const value of numbers) {
  const at = Math.min(bars - 1, Math.floor((value / top) * bars));
  counts[at] = (counts[at] ?? 0) + 1;
}
const tallest = Math.log1p(Math.max(...counts));

export function ClippedRange({ step }: { readonly step: Step }) {
  const bits = Number(step.bits ?? 8) === 16 ? 16 : 8;
  const [percentile, setPercentile] = useState(Number(step.percentile ?? 99.9));
  const seen = { histogram, average: { min: 0, max: top } };
  const { max } = rangeOf(seen, { method: 'percentile', percentile, bits });
  const clipped = clippedShare(histogram, { min: 0, max });
  const { scale } = stepsOf({ min: 0, max, bits });
  const end = (max / top) * width;
  const bar = (count: number, at: number) => {
    const tall = (Math.log1p(count) / tallest) * (floor - 6);
    return `M${(at * pitch).toFixed(1)} ${floor}v${(-tall).toFixed(1)}h${(pitch - 1).toFixed(1)}v${tall.toFixed(1)}Z`;
  };
  const row = (inside: boolean) => counts.map((count, at) => (at * pitch < end === inside ? bar(count, at) : '')).join('');
  return (
    <Figure
      label={say('range.figure')}
      height={height}
      drawing={
        <>
          <path className="compressed-bars" d={row(true)} />
          <path className="original-bars" d={row(false)} />
          <path className="guide" d={`M${end.toFixed(1)} 2V${height}`} />
        </>
      }
    >
      <Knob
        label={say('percentile')}
        value={percentile}
        min={99}
        max={100}
        step={0.01}
        text={(value) => `${decimal(value)} %`}
        onTurn={setPercentile}
      />
      <p className="example">
        {say('range.end', { end: decimal(max), clipped: `${decimal(100 * clipped)} %`, half: decimal(scale / 2) })}
      </p>
      <p>{say('range.words')}</p>
    </Figure>
  );
}
