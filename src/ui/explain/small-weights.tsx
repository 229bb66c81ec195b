/** Pruning: the smallest weights fall, the others stay as they are. */
import { useState } from 'react';
import type { Step } from '../../engine/recipe.ts';
import { decimal, percent } from '../i18n/numbers.ts';
import { Figure, Knob, width } from './figure.tsx';
import { sampleWeights } from './sample-weights.ts';
import { explainWords as say } from './words.ts';

const height = 96;
const pitch = width / sampleWeights.length;
const y = (value: number) => height / 2 - value * (height / 2 - 4);

/** Which weights stay: all but the smallest share, or the largest `keep` of every `of`. */
export function kept(weights: readonly number[], share: number, pattern: readonly [keep: number, of: number] | null): boolean[] {
  const rank = (pool: readonly number[]) =>
    pool.map(
      (weight, at) => pool.filter((other, j) => Math.abs(other) < Math.abs(weight) || (other === weight && j < at)).length,
    );
  if (pattern === null) return rank(weights).map((below) => below >= Math.round(share * weights.length));
  const [keep, of] = pattern;
  return weights.flatMap((_, at) => (at % of === 0 ? rank(weights.slice(at, at + of)).map((below) => below >= of - keep) : []));
}

export function SmallWeights({ step }: { readonly step: Step }) {
  const asked = Number(step.sparsity ?? 0.5);
  const [share, setShare] = useState(asked);
  const [keep = 0, of = 0] = /^\d+:\d+$/.test(String(step.pattern)) ? String(step.pattern).split(':').map(Number) : [];
  const stays = kept(sampleWeights, share, of > 0 ? [keep, of] : null);
  const threshold = Math.min(...sampleWeights.filter((_, at) => stays[at]).map(Math.abs));
  const bars = (which: boolean) =>
    sampleWeights
      .map((weight, at) =>
        stays[at] === which
          ? `M${(at * pitch + 1).toFixed(1)} ${y(0)}V${y(weight).toFixed(1)}h${(pitch - 2).toFixed(1)}V${y(0)}Z`
          : '',
      )
      .join('');
  return (
    <Figure
      label={say('prune.figure', { kept: stays.filter(Boolean).length, n: sampleWeights.length })}
      height={height}
      drawing={
        <>
          <path className="original-bars" d={bars(false)} />
          <path className="compressed-bars" d={bars(true)} />
          {of === 0 && Number.isFinite(threshold) && (
            <path className="guide" d={`M0 ${y(threshold)}H${width}M0 ${y(-threshold)}H${width}`} />
          )}
        </>
      }
    >
      {of === 0 ? (
        <>
          <Knob label={say('share')} value={share} min={0} max={0.95} step={0.05} text={percent} onTurn={setShare} />
          <p>{say('prune.threshold', { threshold: decimal(Number.isFinite(threshold) ? threshold : 1) })}</p>
        </>
      ) : (
        <p>{say('prune.pattern', { keep, of })}</p>
      )}
    </Figure>
  );
}
