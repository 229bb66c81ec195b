/** Distillation of features: what a layer gives in both models, channel by channel, and the gap that training closes. */
import { useState } from 'react';
import type { Step } from '../../engine/recipe.ts';
import { decimal, percent } from '../i18n/numbers.ts';
import { Figure, Knob, line, width } from './figure.tsx';
import { explainWords as say } from './words.ts';

const height = 104;
/** Outputs of sixteen channels for one picture: the original's, and a student's before it learns. */
const original = [0.2, 0.9, 0.5, 0.1, 0.75, 0.3, 0, 0.6, 0.95, 0.4, 0.15, 0.7, 0.05, 0.55, 0.85, 0.35];
const start = [0.6, 0.3, 0.4, 0.5, 0.2, 0.7, 0.4, 0.1, 0.45, 0.8, 0.5, 0.25, 0.5, 0.15, 0.3, 0.65];

/** Mean (s − t)². */
export function gapOf(student: readonly number[], teacher: readonly number[]): number {
  return student.reduce((sum, value, at) => sum + (value - (teacher[at] ?? 0)) ** 2, 0) / student.length;
}

export function Features({ step }: { readonly step: Step }) {
  const [done, setDone] = useState(0.25);
  const student = start.map((value, at) => value + ((original[at] ?? 0) - value) * done);
  const gap = gapOf(student, original);
  const point = (value: number, at: number) => [4 + (at * (width - 8)) / (original.length - 1), height - 8 - value * 88] as const;
  const [theirs, own] = [original.map(point), student.map(point)];
  return (
    <Figure
      label={say('features.figure')}
      height={height}
      drawing={
        <>
          <path className="gap" d={`${line(theirs)}${line(own.toReversed()).replace('M', 'L')}Z`} />
          <path className="original-line" d={line(theirs)} />
          <path className="compressed-line" d={line(own)} />
          {own.map(([x, y]) => (
            <circle key={x} className="point" cx={x} cy={y} r={3} />
          ))}
        </>
      }
    >
      <Knob label={say('ramp.done')} value={done} min={0} max={1} step={0.01} text={percent} onTurn={setDone} />
      <p>{say('features.words', { gap: decimal(gap), counts: decimal(Number(step.beta ?? 1) * gap) })}</p>
    </Figure>
  );
}
