/** Low rank: a layer's weights as a picture, and the picture that two thin factors make of it. */
import { useState } from 'react';
import { svd } from '../../engine/math/svd.ts';
import type { Step } from '../../engine/recipe.ts';
import { count, percent } from '../i18n/numbers.ts';
import { Figure, Knob, width } from './figure.tsx';
import { explainWords as say } from './words.ts';

const [rows, columns] = [16, 20];
const cell = 5;
const most = 8;
const top = most * cell + 6;
const height = top + rows * cell;

/** Smooth waves of falling strength and a little roughness, as trained kernels have. */
const weights = Float32Array.from({ length: rows * columns }, (_, at) => {
  const [y, x] = [Math.floor(at / columns), at % columns];
  const waves = [1, 2, 3, 4, 5].reduce((sum, n) => sum + (Math.sin(0.35 * n * y + n) * Math.cos(0.28 * n * x - n)) / n, 0);
  return waves + 0.12 * Math.sin(91 * y + 37 * x * x);
});
const parts = svd(weights, rows, columns);
const largest = weights.reduce((most, weight) => Math.max(most, Math.abs(weight)), 0);

/** What the product of two factors of a rank is, and the share of the squares it keeps. */
export function approximation(rank: number) {
  const { left, right } = parts.factors(rank);
  const values = weights.map((_, at) => {
    let sum = 0;
    for (let r = 0; r < rank; r++)
      sum += (left[Math.floor(at / columns) * rank + r] ?? 0) * (right[r * columns + (at % columns)] ?? 0);
    return sum;
  });
  const squares = (list: Float64Array) => list.reduce((sum, value) => sum + value * value, 0);
  return { left, right, values, energy: squares(parts.values.subarray(0, rank)) / squares(parts.values) };
}

/** Squares as large as their numbers are far from zero. */
function squares(
  values: Float32Array,
  across: number,
  x: number,
  y: number,
  pitch: number,
  scale: number,
  positive: boolean,
): string {
  return Array.from(values, (value, at) => {
    if (value > 0 !== positive) return '';
    const side = Math.min(1, Math.sqrt(Math.abs(value) / scale)) * (pitch - 0.8);
    const [left, up] = [x + (at % across) * pitch + (pitch - side) / 2, y + Math.floor(at / across) * pitch + (pitch - side) / 2];
    return `M${left.toFixed(1)} ${up.toFixed(1)}h${side.toFixed(1)}v${side.toFixed(1)}h-${side.toFixed(1)}Z`;
  }).join('');
}

export function LowRank({ step }: { readonly step: Step }) {
  const [rank, setRank] = useState(
    step.of === 'rank' ? Math.max(1, Math.min(most, Math.round(Number(step.keep ?? 0.5) * rows))) : 4,
  );
  const { left, right, values, energy } = approximation(rank);
  const stored = rank * (rows + columns);
  const product = width - columns * cell;
  const factorScale = Math.max(...left.map(Math.abs), ...right.map(Math.abs));
  const drawn = [true, false].map((positive) =>
    [
      squares(weights, columns, 0, top, cell, largest, positive),
      squares(values, columns, product, top, cell, largest, positive),
      squares(left, rank, product - 4 - rank * cell, top, cell, factorScale, positive),
      squares(right, columns, product, top - 4 - rank * cell, cell, factorScale, positive),
    ].join(''),
  );
  const numbers = { thin: count(stored), n: count(rows * columns), energy: percent(energy) };
  return (
    <Figure
      label={say('rank.figure', { n: count(rows * columns), rank })}
      height={height}
      drawing={
        <>
          <text x={columns * cell + 5} y={top + (rows * cell) / 2 + 3}>
            ≈
          </text>
          <path className="compressed-bars" d={drawn[0]} />
          <path className="original-bars dark" d={drawn[1]} />
        </>
      }
    >
      <Knob label={say('rank')} value={rank} min={1} max={most} step={1} text={String} onTurn={setRank} />
      <p>{say(stored < rows * columns ? 'rank.words' : 'rank.grows', numbers)}</p>
    </Figure>
  );
}
