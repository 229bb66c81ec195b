/**
 * The whole confusion matrix of many classes as a picture that can be enlarged: a square per cell that is not empty, deeper where there is
 * more. What stands under the pointer is written below; the list of pairs beside it is the same in words.
 */
import { useState } from 'react';
import type { Confusion, ConfusionCell } from '../../engine/metrics/confusion.ts';
import { count } from '../i18n/numbers.ts';
import { Scroller } from '../parts/scroller.tsx';
import { amountOf, type Side, signedCount, toneOf } from './confusion-words.ts';
import { whyWords } from './why-words.ts';

interface Props {
  readonly confusion: Confusion;
  readonly name: (label: number) => string;
  readonly side: Side;
}

/** The picture's width, in that of its frame. */
const zooms = [1, 2, 4, 8] as const;
/** Depths of colour; cells of one tone and depth are one path. */
const depths = 5;

export function WhyHeatMap({ confusion, name, side }: Props) {
  const [zoom, setZoom] = useState<(typeof zooms)[number]>(1);
  const [place, setPlace] = useState<readonly [truth: number, answer: number] | null>(null);
  const { classes, cells } = confusion;
  return (
    <div className="heat-map">
      <fieldset className="choice" aria-label={whyWords('map.zoom')}>
        {zooms.map((one) => (
          <button key={one} type="button" aria-pressed={one === zoom} onClick={() => setZoom(one)}>
            {one}×
          </button>
        ))}
      </fieldset>
      <Scroller className="heat-map-frame">
        <svg
          viewBox={`0 0 ${classes} ${classes}`}
          style={{ inlineSize: `${zoom * 100}%` }}
          role="img"
          aria-label={whyWords('map', { n: classes, cells: cells.length })}
          onPointerLeave={() => setPlace(null)}
          onPointerMove={(event) => {
            const box = event.currentTarget.getBoundingClientRect();
            const at = (offset: number, size: number) =>
              Math.min(classes - 1, Math.max(0, Math.floor((offset / size) * classes)));
            setPlace([at(event.clientY - box.top, box.height), at(event.clientX - box.left, box.width)]);
          }}
        >
          <path className="diagonal" d={`M0 0L${classes} ${classes}`} />
          {pathsOf(cells, side).map(({ key, tone, opacity, d }) => (
            <path key={key} data-tone={tone} fillOpacity={opacity} d={d} />
          ))}
          {place !== null && <rect className="cursor" x={place[1]} y={place[0]} width={1} height={1} />}
        </svg>
      </Scroller>
      <p className="quiet-text">{place === null ? whyWords('confusion.help') : cellWords(confusion, place, name)}</p>
    </div>
  );
}

/** Right answers are many, mix-ups few: each kind has a scale of its own. */
function pathsOf(cells: readonly ConfusionCell[], side: Side) {
  const filled = cells
    .map(({ truth, answer, ...cell }) => ({ truth, answer, value: amountOf(cell, side), right: truth === answer }))
    .filter(({ value }) => value !== 0);
  const most = (right: boolean) =>
    Math.max(1, ...filled.filter((cell) => cell.right === right).map(({ value }) => Math.abs(value)));
  const scales = { right: most(true), wrong: most(false) };
  const paths = new Map<string, { key: string; tone: string | undefined; opacity: number; d: string }>();
  for (const { truth, answer, value, right } of filled) {
    const depth = Math.max(1, Math.ceil((Math.abs(value) / (right ? scales.right : scales.wrong)) * depths));
    const tone = toneOf(value, right, side);
    const key = `${tone} ${depth}`;
    const path = paths.get(key) ?? { key, tone, opacity: 0.2 + (0.8 * depth) / depths, d: '' };
    path.d += `M${answer} ${truth}h1v1h-1z`;
    paths.set(key, path);
  }
  return [...paths.values()];
}

function cellWords({ cells }: Confusion, [truth, answer]: readonly [number, number], name: Props['name']): string {
  const cell = cells.find((one) => one.truth === truth && one.answer === answer) ?? { before: 0, after: 0 };
  const { before, after } = cell;
  const words = { truth: name(truth), answer: name(answer), before: count(before), after: count(after) };
  return whyWords('map.cell', { ...words, change: signedCount(after - before) });
}
