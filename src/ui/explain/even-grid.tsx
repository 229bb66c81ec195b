/** Even quantization: the staircase from a weight to what is left of it, on the grid that the step asks for. */
import { useState } from 'react';
import type { Step } from '../../engine/recipe.ts';
import { binaryGrid, type Grid, gridOf } from '../../engine/techniques/quantize/grid.ts';
import { decimal, signed } from '../i18n/numbers.ts';
import { Figure, Knob, line, width } from './figure.tsx';
import { sampleHigh, sampleLow, sampleWeights } from './sample-weights.ts';
import { explainWords as say } from './words.ts';

const height = 132;
const x = (value: number) => ((value + 1) / 2) * width;
const y = (value: number) => 6 + ((1 - value) / 2) * (height - 20);

/** The grid for the sample weights. */
function gridFor(step: Step): Grid {
  const [bits, symmetric] = [Number(step.bits ?? 8), step.symmetric !== false];
  if (bits === 1 && symmetric) return binaryGrid(sampleWeights.reduce((sum, weight) => sum + Math.abs(weight), 0) / 48);
  return gridOf(sampleLow, sampleHigh, { bits, symmetric, narrow: step.narrow !== false });
}

export function EvenGrid({ step }: { readonly step: Step }) {
  const [weight, setWeight] = useState(0.47);
  const { scale, min, top } = gridFor(step);
  const codeOf = (value: number) => Math.max(0, Math.min(top, Math.round((value - min) / scale)));
  const back = (value: number) => codeOf(value) * scale + min;
  const across = Array.from({ length: width + 1 }, (_, at) => (at / width) * 2 - 1);
  const levels = top < 64 ? Array.from({ length: top + 1 }, (_, code) => code * scale + min) : [];
  return (
    <Figure
      label={say('affine.figure', { levels: top + 1, step: decimal(scale) })}
      height={height}
      drawing={
        <>
          <path className="original-line" d={line([-1, 1].map((value) => [x(value), y(value)]))} />
          <path className="compressed-line" d={line(across.map((value) => [x(value), y(back(value))]))} />
          <path className="ticks" d={levels.map((level) => `M${x(level).toFixed(1)} ${height - 8}v6`).join('')} />
          <path className="guide" d={`M${x(weight)} ${height - 10}V${y(back(weight))}`} />
          <circle className="point" cx={x(weight)} cy={y(back(weight))} r={4} />
        </>
      }
    >
      <Knob label={say('weight')} value={weight} min={-1} max={1} step={0.01} text={signed} onTurn={setWeight} />
      <p className="example">
        {say('affine.path', {
          value: signed(weight),
          code: codeOf(weight),
          decoded: signed(back(weight)),
          // Scales are float32: what is left over beyond six digits is theirs.
          error: signed(Math.round((back(weight) - weight) * 1e6) / 1e6 + 0),
        })}
      </p>
      <p>{say('affine.stored', { bits: Number(step.bits ?? 8) })}</p>
    </Figure>
  );
}
