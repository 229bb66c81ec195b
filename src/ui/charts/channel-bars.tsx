/** The channels of a group by importance: a bar each, sorted or in place; those that go are grey and marked below. */
import { useState } from 'react';
import type { DescribedGroup } from '../../engine/structure/describe-groups.ts';
import * as numbers from '../i18n/numbers.ts';
import { couplingWords } from '../panels/coupling-words.ts';

interface Props {
  readonly group: DescribedGroup;
  /** What the height of a bar is. */
  readonly measure: string;
}

const orders = ['sorted', 'placed'] as const;

export function ChannelBars({ group, measure }: Props) {
  const [order, setOrder] = useState<(typeof orders)[number]>('sorted');
  const { importance, removed } = group;
  const gone = new Set(removed);
  const places = [...importance.keys()];
  if (order === 'sorted') places.sort((a, b) => (importance[b] ?? 0) - (importance[a] ?? 0));
  const largest = importance.reduce((most, value) => Math.max(most, value), 0);
  const bars = (which: boolean) =>
    places.flatMap((place, at) => (gone.has(place) === which ? bar(at, (importance[place] ?? 0) / largest || 0) : [])).join('');
  const marks = places.flatMap((place, at) => (gone.has(place) ? `M${at} ${floor + 0.04}h1v0.06h-1z` : [])).join('');
  const label = couplingWords('bars', { kept: importance.length - gone.size, n: importance.length, measure });
  return (
    <figure className="channel-bars">
      <svg viewBox={`0 0 ${places.length} ${floor + 0.1}`} preserveAspectRatio="none" role="img" aria-label={label}>
        <path className="kept" d={bars(false)} />
        <path className="gone" d={bars(true)} />
        <path className="mark" d={marks} />
      </svg>
      <figcaption>
        <span className="quiet-text">{measure}</span>
        <fieldset className="tabs" aria-label={couplingWords('order')}>
          {orders.map((one) => (
            <button key={one} type="button" aria-pressed={order === one} onClick={() => setOrder(one)}>
              {couplingWords(`order.${one}`)}
            </button>
          ))}
        </fieldset>
      </figcaption>
      <ChannelList group={group} />
    </figure>
  );
}

/** Bars stand on 1, marks hang below. */
const floor = 1;

const bar = (at: number, height: number): string => `M${at + 0.1} ${floor}v${(-height).toFixed(4)}h0.8V${floor}z`;

/** The same in words: the weakest first, as they would go. */
function ChannelList({ group: { importance, removed } }: Pick<Props, 'group'>) {
  const gone = new Set(removed);
  const places = [...importance.keys()].sort((a, b) => (importance[a] ?? 0) - (importance[b] ?? 0));
  const listed = (which: boolean) => places.filter((place) => gone.has(place) === which);
  return (
    <details className="channel-list">
      <summary>{couplingWords('list')}</summary>
      {([true, false] as const).map((which) => {
        const shown = listed(which);
        if (shown.length === 0) return null;
        return (
          <p key={String(which)}>
            <strong>{couplingWords(which ? 'list.gone' : 'list.kept', { n: shown.length })}</strong>{' '}
            {shown.map((place) => `${place} (${numbers.decimal(importance[place] ?? 0)})`).join(', ')}
          </p>
        );
      })}
    </details>
  );
}
