/** Training on a grid: the forward pass rounds, the backward pass pretends it did not (Bengio et al. 2013). */
import { useState } from 'react';
import type { Step } from '../../engine/recipe.ts';
import { gridOf } from '../../engine/techniques/quantize/grid.ts';
import { decimal, signed } from '../i18n/numbers.ts';
import { Figure, Knob, line, width } from './figure.tsx';
import { explainWords as say } from './words.ts';

const height = 132;
const reach = 0.7;

export function StraightThrough({ step }: { readonly step: Step }) {
  const [weight, setWeight] = useState(0.31);
  const bits = Math.max(2, Number(step.bits ?? 4));
  const { scale, min, top } = gridOf(-reach, reach, { bits, symmetric: true, narrow: true });
  const seen = (value: number) => Math.max(0, Math.min(top, Math.round((value - min) / scale))) * scale + min;
  const slope = Math.abs(weight) <= reach ? 1 : 0;
  const x = (value: number) => ((value + 1) / 2) * width;
  const y = (value: number) => 4 + ((1 - value) / 2) * 88;
  const across = Array.from({ length: width + 1 }, (_, at) => (at / width) * 2 - 1);
  const floor = height - 6;
  return (
    <Figure
      label={say('straight.figure')}
      height={height}
      drawing={
        <>
          <path className="compressed-line" d={line(across.map((value) => [x(value), y(seen(value))]))} />
          <path className="guide" d={`M${x(weight)} 4V${floor}`} />
          <circle className="point" cx={x(weight)} cy={y(seen(weight))} r={4} />
          <path className="original-line" d={`M0 ${floor}H${x(-reach)}V${floor - 22}H${x(reach)}V${floor}H${width}`} />
        </>
      }
    >
      <Knob label={say('weight')} value={weight} min={-1} max={1} step={0.01} text={signed} onTurn={setWeight} />
      <p>{say(slope === 1 ? 'straight.inside' : 'straight.outside', { seen: decimal(seen(weight)) })}</p>
    </Figure>
  );
}
