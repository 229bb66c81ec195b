/** Attention transfer: where a layer is active in both models, as maps of squared channels. */
import { useState } from 'react';
import type { Step } from '../../engine/recipe.ts';
import { decimal, percent } from '../i18n/numbers.ts';
import { Figure, Knob, width } from './figure.tsx';
import { explainWords as say } from './words.ts';

const places = 8;
const cell = 14;
const side = places * cell;
/** A seven, as a layer of the original looks at it; and a student that looks at everything a little. */
const seven = ['........', '.99999..', '.7..59..', '....8...', '...68...', '...9....', '..88....', '..9.....'].join('');
const original = Array.from(seven, (mark) => (mark === '.' ? 0.02 : Number(mark) / 9));
const start = original.map((_, at) => {
  const [right, down] = [(at % places) - 3, Math.floor(at / places) - 5];
  return Math.exp(-(right * right) / 14 - (down * down) / 10) / 1.2;
});

/** A map of length 1. */
function normal(map: readonly number[]): readonly number[] {
  const length = Math.hypot(...map);
  return map.map((energy) => energy / length);
}

/** ½ ‖Q(s) / ‖Q(s)‖ − Q(t) / ‖Q(t)‖‖² */
export function attentionGap(student: readonly number[], teacher: readonly number[]): number {
  const [own, theirs] = [normal(student), normal(teacher)];
  return own.reduce((sum, value, at) => sum + (value - (theirs[at] ?? 0)) ** 2, 0) / 2;
}

export function Attention({ step }: { readonly step: Step }) {
  const [done, setDone] = useState(0.3);
  const student = start.map((energy, at) => energy + ((original[at] ?? 0) - energy) * done);
  const gap = attentionGap(student, original);
  return (
    <Figure
      label={say('attention.figure')}
      height={side}
      drawing={
        <>
          <AttentionMap kind="original" map={original} left={(width / 2 - side) / 2} />
          <AttentionMap kind="compressed" map={student} left={width / 2 + (width / 2 - side) / 2} />
        </>
      }
    >
      <Knob label={say('ramp.done')} value={done} min={0} max={1} step={0.01} text={percent} onTurn={setDone} />
      <p>{say('attention.words', { gap: decimal(gap), counts: decimal(Number(step.beta ?? 10) * gap) })}</p>
    </Figure>
  );
}

interface MapProps {
  readonly kind: 'original' | 'compressed';
  readonly map: readonly number[];
  readonly left: number;
}

function AttentionMap({ kind, map, left }: MapProps) {
  return (
    <g className={`${kind}-cells`} transform={`translate(${left} 0)`}>
      {map.map((energy, at) => (
        <rect
          // biome-ignore lint/suspicious/noArrayIndexKey: a cell is its place
          key={at}
          x={(at % places) * cell}
          y={Math.floor(at / places) * cell}
          width={cell - 1}
          height={cell - 1}
          rx={2}
          fillOpacity={0.08 + 0.92 * Math.min(1, energy)}
        />
      ))}
    </g>
  );
}
