/** Palettes: weights above, the values they share below, and a line from each to its own. k-means can be watched round by round. */
import { useState } from 'react';
import type { Step } from '../../engine/recipe.ts';
import { fixedLevels } from '../../engine/techniques/quantize/palette.ts';
import { decimal, percent, signed } from '../i18n/numbers.ts';
import { Figure, Knob, width } from './figure.tsx';
import { sampleWeights } from './sample-weights.ts';
import { explainWords as say } from './words.ts';

const height = 96;
const [from, to] = [14, height - 12];
const x = (value: number) => 6 + ((value + 1) / 2) * (width - 12);
const rounds = 12;
const drawnBits = 4;

const nearest = (levels: readonly number[], weight: number): number =>
  levels.reduce((best, level, at) => (Math.abs(level - weight) < Math.abs((levels[best] ?? 0) - weight) ? at : best), 0);

/** The values after so many rounds of Lloyd (1957) from evenly spread ones. A value without weights stays where it is. */
export function levelsAfter(weights: readonly number[], count: number, round: number): readonly number[] {
  const [low, high] = [Math.min(...weights), Math.max(...weights)];
  let levels = Array.from({ length: count }, (_, at) => low + ((at + 0.5) / count) * (high - low));
  for (let done = 0; done < round; done++) {
    const owned = levels.map((): number[] => []);
    for (const weight of weights) owned[nearest(levels, weight)]?.push(weight);
    levels = owned.map((own, at) => (own.length === 0 ? (levels[at] ?? 0) : own.reduce((a, b) => a + b, 0) / own.length));
  }
  return levels;
}

function energyLeft(levels: readonly number[]): number {
  const square = (sum: number, value: number) => sum + value * value;
  const errors = sampleWeights.map((weight) => weight - (levels[nearest(levels, weight)] ?? 0));
  return errors.reduce(square, 0) / sampleWeights.reduce(square, 0);
}

export function Palette({ step }: { readonly step: Step }) {
  const palette = step.palette === 'nf4' || step.palette === 'power-of-two' ? step.palette : null;
  const asked = palette === 'nf4' ? drawnBits : Number(step.bits ?? 4);
  const bits = Math.min(asked, drawnBits);
  return (
    <>
      {palette === null ? <Rounds bits={bits} /> : <Fixed palette={palette} bits={bits} />}
      {asked > bits && <p>{say('palette.drawn', { bits: asked })}</p>}
    </>
  );
}

function Rounds({ bits }: { readonly bits: number }) {
  const [round, setRound] = useState(0);
  const levels = levelsAfter(sampleWeights, 2 ** bits, round);
  return (
    <Figure
      label={say('palette.figure', { n: sampleWeights.length, levels: levels.length })}
      height={height}
      drawing={<Fan levels={levels} />}
    >
      <Knob label={say('rounds')} value={round} min={0} max={rounds} step={1} text={decimal} onTurn={setRound} />
      <p>{say('palette.rounds', { round, error: percent(energyLeft(levels)) })}</p>
    </Figure>
  );
}

function Fixed({ palette, bits }: { readonly palette: 'nf4' | 'power-of-two'; readonly bits: number }) {
  const [at, setAt] = useState(30);
  const sorted = Float32Array.from(sampleWeights).sort();
  const levels = [...fixedLevels(palette, sorted, bits)];
  const weight = sorted[at] ?? 0;
  const entry = nearest(levels, weight);
  return (
    <Figure
      label={say('palette.figure', { n: sorted.length, levels: levels.length })}
      height={height}
      drawing={<Fan levels={levels} lit={weight} />}
    >
      <Knob
        label={say('weight')}
        value={at}
        min={0}
        max={sorted.length - 1}
        step={1}
        text={() => signed(weight)}
        onTurn={setAt}
      />
      <p>{say('palette.fixed', { value: signed(weight), level: signed(levels[entry] ?? 0), entry, bits })}</p>
    </Figure>
  );
}

function Fan({ levels, lit }: { readonly levels: readonly number[]; readonly lit?: number }) {
  const path = (weight: number) => `M${x(weight).toFixed(1)} ${from}L${x(levels[nearest(levels, weight)] ?? 0).toFixed(1)} ${to}`;
  return (
    <>
      <path className="fan" d={sampleWeights.map(path).join('')} />
      {lit !== undefined && <path className="compressed-line" d={path(lit)} />}
      <path className="original-ticks" d={sampleWeights.map((weight) => `M${x(weight).toFixed(1)} ${from}v-9`).join('')} />
      {levels.map((level) => (
        <circle key={level} className="point" cx={x(level)} cy={to + 3} r={3.5} />
      ))}
    </>
  );
}
