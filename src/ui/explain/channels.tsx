/** Channel pruning: twelve channels as stripes through the layers that they are coupled by; the weakest go everywhere at once. */
import { useState } from 'react';
import type { Step } from '../../engine/recipe.ts';
import { percent } from '../i18n/numbers.ts';
import { Figure, Knob, width } from './figure.tsx';
import { explainWords as say } from './words.ts';

const height = 114;
/** How much each channel matters, 0–1. */
const strengths = [0.82, 0.35, 0.94, 0.58, 0.16, 0.71, 0.47, 0.88, 0.24, 0.63, 0.4, 0.78];
const stripe = 8;
const top = 20;
const columns = [
  { key: 'channels.makes', at: 0, across: 56 },
  { key: 'channels.norm', at: 80, across: 12 },
  { key: 'channels.sum', at: 116, across: 12 },
  { key: 'channels.reads', at: 152, across: width - 152 },
] as const;

/** Which channels stay when a share of them goes: all but the weakest, and always one. */
export function staying(share: number): boolean[] {
  const weakest = strengths.toSorted((a, b) => a - b);
  const gone = Math.min(strengths.length - 1, Math.round(share * strengths.length));
  return strengths.map((strength) => weakest.indexOf(strength) >= gone);
}

/** Share of the work that is saved: makers shrink on one side, readers on the other. */
const saved = (kept: number): number => 1 - kept / strengths.length;

export function Channels({ step }: { readonly step: Step }) {
  const [share, setShare] = useState(Number(step.ratio ?? 0.3));
  const stays = staying(share);
  const kept = stays.filter(Boolean).length;
  const stripes = (which: boolean) =>
    stays.flatMap((stay, channel) => (stay === which ? columns.map((column) => shape(column, channel)) : [])).join('');
  const links = stays
    .flatMap((stay, channel) => {
      const y = top + channel * stripe + (stripe - 2) / 2;
      return stay ? columns.slice(1).map(({ at }, i) => `M${end(i, channel)} ${y}H${at}`) : [];
    })
    .join('');
  return (
    <Figure
      label={say('channels.figure', { kept, n: strengths.length })}
      height={height}
      drawing={
        <>
          {columns.map(({ key, at }) => (
            <text key={key} x={at} y={9}>
              {say(key)}
            </text>
          ))}
          <path className="fan" d={links} />
          <path className="original-bars" d={stripes(false)} />
          <path className="compressed-bars" d={stripes(true)} />
        </>
      }
    >
      <Knob label={say('removed')} value={share} min={0} max={0.95} step={0.05} text={percent} onTurn={setShare} />
      <p>{say('channels.words', { saved: percent(saved(kept)) })}</p>
    </Figure>
  );
}

/** A filter is as long as it is strong; what only passes a channel on is a mark, what reads it a row. */
const long = ({ across }: (typeof columns)[number], channel: number, index: number): number =>
  index === 0 ? across * (strengths[channel] ?? 1) : across;

const end = (index: number, channel: number): number => {
  const column = columns[index];
  return column === undefined ? 0 : column.at + long(column, channel, index) + 2;
};

function shape(column: (typeof columns)[number], channel: number): string {
  const y = top + channel * stripe;
  return `M${column.at} ${y}h${long(column, channel, columns.indexOf(column)).toFixed(1)}v${stripe - 2}H${column.at}Z`;
}
