/** A smaller student: how wide each layer of LeNet-5 becomes, and what that does to the number of weights. */
import type { Step } from '../../engine/recipe.ts';
import { narrowed } from '../../engine/techniques/distill/student-params.ts';
import { percent } from '../i18n/numbers.ts';
import { Figure, width } from './figure.tsx';
import { explainWords as say } from './words.ts';

const height = 118;
const top = 96;
const channels = [20, 50, 500, 10] as const;

/** Weights and biases of LeNet-5 with so many channels: two 5×5 convolutions, sixteen places, two dense layers. */
export function weightsOf([one, two, three, four]: readonly [number, number, number, number], separable: boolean): number {
  const second = separable ? 25 * one + one * two : 25 * one * two;
  return 26 * one + second + two + (16 * two + 1) * three + (three + 1) * four;
}

/** Channels of its layers at a share of the width; the answers stay. */
export function studentWidths(share: number): readonly [number, number, number, number] {
  return [narrowed(channels[0], share), narrowed(channels[1], share), narrowed(channels[2], share), channels[3]];
}

export function Student({ step }: { readonly step: Step }) {
  const share = Number(step.width ?? 0.5);
  const own = studentWidths(share);
  const left = weightsOf(own, step.separable === true) / weightsOf(channels, false);
  const pitch = width / channels.length;
  // The area of a bar is its channels: 500 beside 10 would leave nothing to see.
  const length = (count: number) => Math.sqrt(count / 500) * (top - 8);
  const bar = (count: number, at: number, inset: number) => {
    const [x, tall] = [at * pitch + inset, length(count)];
    return `M${x.toFixed(1)} ${top}v${(-tall).toFixed(1)}h${(pitch - 2 * inset).toFixed(1)}V${top}Z`;
  };
  return (
    <Figure
      label={say('student.figure')}
      height={height}
      drawing={
        <>
          <path className="original-bars" d={channels.map((count, at) => bar(count, at, 8)).join('')} />
          <path className="compressed-bars" d={own.map((count, at) => bar(count, at, 14)).join('')} />
          {channels.map((count, at) => (
            <text key={count} x={(at + 0.5) * pitch} y={height - 6} textAnchor="middle">
              {own[at] === count ? count : `${count} → ${own[at]}`}
            </text>
          ))}
        </>
      }
    >
      <p>{say('student.words', { width: percent(share), left: percent(left) })}</p>
    </Figure>
  );
}
