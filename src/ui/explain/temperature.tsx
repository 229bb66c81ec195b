/** Distillation: what a temperature does to an answer before it is taught. */
import { useState } from 'react';
import type { Step } from '../../engine/recipe.ts';
import { decimal, percent } from '../i18n/numbers.ts';
import { Figure, Knob, width } from './figure.tsx';
import { explainWords as say } from './words.ts';

const height = 84;
const base = height - 14;
/** How a net that is sure of a 7 sees the ten digits, before softmax. */
const logits = [0.4, 2.6, 3.1, 2.2, 1.1, 0.2, -1.4, 9.1, 0.9, 4.8];

/** softmax(z / T) */
export function softened(values: readonly number[], temperature: number): readonly number[] {
  const highest = Math.max(...values);
  const powers = values.map((value) => Math.exp((value - highest) / temperature));
  const sum = powers.reduce((a, b) => a + b, 0);
  return powers.map((power) => power / sum);
}

export function Temperature({ step }: { readonly step: Step }) {
  const [temperature, setTemperature] = useState(Number(step.temperature ?? 4));
  const pitch = width / logits.length;
  const bars = (shares: readonly number[], inset: number) =>
    shares
      .map(
        (share, at) =>
          `M${(at * pitch + inset).toFixed(1)} ${base}v${(-share * (base - 4)).toFixed(1)}h${(pitch - 2 * inset).toFixed(1)}V${base}Z`,
      )
      .join('');
  const soft = softened(logits, temperature);
  return (
    <Figure
      label={say('temperature.figure')}
      height={height}
      drawing={
        <>
          <path className="original-bars" d={bars(softened(logits, 1), 1)} />
          <path className="compressed-bars" d={bars(soft, 5)} />
          {logits.map((logit, at) => (
            <text key={logit} x={(at + 0.5) * pitch} y={height - 2} textAnchor="middle">
              {at}
            </text>
          ))}
        </>
      }
    >
      <Knob label={say('temperature')} value={temperature} min={1} max={20} step={0.5} text={decimal} onTurn={setTemperature} />
      <p>
        {say('temperature.words', {
          temperature: decimal(temperature),
          first: percent(soft[7] ?? 0),
          second: percent(soft[9] ?? 0),
        })}
      </p>
    </Figure>
  );
}
