/** Fine-tuning: how far each step of the training goes. */
import { useState } from 'react';
import type { Step } from '../../engine/recipe.ts';
import { rateAt, type Schedule, schedules } from '../../engine/train/schedule.ts';
import { decimal, percent } from '../i18n/numbers.ts';
import { Figure, Knob, line, width } from './figure.tsx';
import { explainWords as say } from './words.ts';

const height = 96;
const steps = 124;

export function LearningRate({ step }: { readonly step: Step }) {
  const [done, setDone] = useState(0.3);
  const schedule: Schedule = schedules.find((known) => known === step.schedule) ?? 'cosine';
  const rate = (at: number) => rateAt(schedule, at, steps, Number(step.warmUp ?? 0));
  const y = (share: number) => height - 6 - share * (height - 12);
  const now = Math.round(done * (steps - 1));
  return (
    <Figure
      label={say('rate.figure')}
      height={height}
      drawing={
        <>
          <path className="guide" d={`M0 ${y(0)}H${width}`} />
          <path className="compressed-line" d={line(Array.from({ length: steps }, (_, at) => [at * 2, y(rate(at))] as const))} />
          <circle className="point" cx={now * 2} cy={y(rate(now))} r={4} />
        </>
      }
    >
      <Knob label={say('ramp.done')} value={done} min={0} max={1} step={0.01} text={percent} onTurn={setDone} />
      <p>{say('rate.words', { done: percent(done), rate: decimal(Number(step.learningRate ?? 0.0005) * rate(now)) })}</p>
    </Figure>
  );
}
