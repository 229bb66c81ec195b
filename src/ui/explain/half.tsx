/** float16: the bits of a float32 and those of the half that stands for it. */
import { useState } from 'react';
import { halfBits, halfValue } from '../../engine/math/half.ts';
import { decimal, signed } from '../i18n/numbers.ts';
import { Figure, Knob, width } from './figure.tsx';
import { explainWords as say } from './words.ts';

const height = 58;
const pitch = width / 32;

/** Where the bits of a half stand below those of a float32: sign below sign, the exponent's last below each other, so the fraction's first. */
const halfPlace = (at: number): number => (at === 0 ? 0 : at + 3);

const bitsOf = (pattern: number, count: number): readonly number[] =>
  Array.from({ length: count }, (_, at) => (pattern >>> (count - 1 - at)) & 1);

export function Half() {
  const [weight, setWeight] = useState(0.337);
  const half = halfBits(weight);
  const decoded = halfValue(half);
  const [whole = 0] = new Uint32Array(Float32Array.of(weight).buffer);
  return (
    <Figure
      label={say('half.figure', { value: signed(weight) })}
      height={height}
      drawing={
        <>
          {bitsOf(whole, 32).map((bit, at) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: a bit is its place
            <Bit key={at} bit={bit} place={at} row={4} />
          ))}
          {bitsOf(half, 16).map((bit, at) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: a bit is its place
            <Bit key={at} bit={bit} place={halfPlace(at)} row={32} kept />
          ))}
        </>
      }
    >
      <Knob label={say('weight')} value={weight} min={-1} max={1} step={0.001} text={signed} onTurn={setWeight} />
      <p className="example">
        {say('half.path', {
          value: signed(weight),
          decoded: decoded.toPrecision(7),
          error: weight === 0 ? '0' : decimal((Math.abs(decoded - weight) / Math.abs(weight)) * 100),
        })}
      </p>
    </Figure>
  );
}

function Bit({
  bit,
  place,
  row,
  kept = false,
}: {
  readonly bit: number;
  readonly place: number;
  readonly row: number;
  readonly kept?: boolean;
}) {
  return (
    <g className={kept ? 'bit kept' : 'bit'} transform={`translate(${place * pitch} ${row})`}>
      <rect width={pitch - 1.2} height={20} rx={1.5} />
      <text x={pitch / 2 - 0.6} y={14} textAnchor="middle">
        {bit}
      </text>
    </g>
  );
}
