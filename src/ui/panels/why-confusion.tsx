/** Which class is taken for which: a matrix while it can be read, else a map and the pairs that are mixed up most. */
import { useState } from 'react';
import type { Confusion, ConfusionCell } from '../../engine/metrics/confusion.ts';
import { count } from '../i18n/numbers.ts';
import { Scroller } from '../parts/scroller.tsx';
import { amountOf, type Side, sides, signedCount, toneOf } from './confusion-words.ts';
import { WhyHeatMap } from './why-heat-map.tsx';
import { whyWords } from './why-words.ts';

interface Props {
  readonly confusion: Confusion;
  readonly name: (label: number) => string;
  readonly stale: boolean;
}

/** More classes than this are drawn as a map, and those that are mixed up most listed as pairs. */
const mostClasses = 20;
const mostPairs = 20;

export function WhyConfusion({ confusion, name, stale }: Props) {
  const [side, setSide] = useState<Side>('change');
  const small = confusion.classes <= mostClasses;
  const { labelled, unanswered } = confusion;
  return (
    <section className="why-confusion" data-stale={stale} aria-labelledby="why-confusion-title">
      <header className="panel-head">
        <h3 id="why-confusion-title" title={whyWords('confusion.help')}>
          {whyWords('confusion')}
        </h3>
        <span className="spacer" />
        <fieldset className="choice" aria-label={whyWords('confusion.side')}>
          {sides.map((one) => (
            <button key={one} type="button" aria-pressed={one === side} onClick={() => setSide(one)}>
              {whyWords(one)}
            </button>
          ))}
        </fieldset>
      </header>
      {(!labelled || unanswered.after > 0) && (
        <p className="quiet-text">
          {!labelled && whyWords('confusion.unlabelled')}{' '}
          {unanswered.after > 0 && whyWords('confusion.unanswered', { n: unanswered.after })}
        </p>
      )}
      {small ? (
        <Matrix confusion={confusion} name={name} side={side} />
      ) : (
        <>
          <WhyHeatMap confusion={confusion} name={name} side={side} />
          <Pairs cells={confusion.cells} name={name} />
        </>
      )}
    </section>
  );
}

function Matrix({ confusion: { classes, cells }, name, side }: Pick<Props, 'confusion' | 'name'> & { readonly side: Side }) {
  const labels = Array.from({ length: classes }, (_, label) => label);
  const known = new Map(cells.map((cell) => [cell.truth * classes + cell.answer, cell]));
  // Right answers are many, mix-ups few: each kind has a scale of its own.
  const most = (right: boolean) =>
    Math.max(
      1,
      ...cells.filter(({ truth, answer }) => (truth === answer) === right).map((cell) => Math.abs(amountOf(cell, side))),
    );
  const scales = { right: most(true), wrong: most(false) };
  return (
    <Scroller className="table-scroll">
      <table className="matrix">
        <thead>
          <tr>
            <td />
            {labels.map((label) => (
              <th key={label} scope="col" title={name(label)}>
                {name(label)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {labels.map((truth) => (
            <tr key={truth}>
              <th scope="row" title={name(truth)}>
                {name(truth)}
              </th>
              {labels.map((answer) => {
                const value = amountOf(known.get(truth * classes + answer), side);
                const right = truth === answer;
                const strength = Math.abs(value) / (right ? scales.right : scales.wrong);
                return (
                  <td key={answer} data-right={right} data-tone={toneOf(value, right, side)} style={heat(strength)}>
                    {side === 'change' ? (value === 0 ? '' : signedCount(value)) : value === 0 ? '' : count(value)}
                  </td>
                );
              })}
            </tr>
          ))}
        </tbody>
      </table>
    </Scroller>
  );
}

/** Never so deep that the number on it can't be read. */
const heat = (strength: number): React.CSSProperties =>
  ({ '--heat': `${Math.round(8 + 32 * strength)}%` }) as React.CSSProperties;

function Pairs({ cells, name }: { readonly cells: readonly ConfusionCell[]; readonly name: Props['name'] }) {
  const mixed = cells.filter(({ truth, answer }) => truth !== answer);
  const weight = ({ before, after }: ConfusionCell) => Math.abs(after - before) + after / 1e6;
  const shown = [...mixed].sort((a, b) => weight(b) - weight(a)).slice(0, mostPairs);
  if (shown.length === 0) return <p className="quiet-text">{whyWords('confusion.none')}</p>;
  return (
    <>
      <p className="quiet-text">{whyWords('confusion.pairs', { n: shown.length })}</p>
      <Scroller className="table-scroll">
        <table>
          <thead>
            <tr>
              <th scope="col">{whyWords('truth')}</th>
              <th scope="col">{whyWords('answered')}</th>
              {sides.map((side) => (
                <th key={side} scope="col" className="number">
                  {whyWords(side)}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {shown.map((cell) => (
              <tr key={`${cell.truth} ${cell.answer}`}>
                <td>{name(cell.truth)}</td>
                <td>{name(cell.answer)}</td>
                <td className="number">{count(cell.before)}</td>
                <td className="number">{count(cell.after)}</td>
                <td className="number">{signedCount(cell.after - cell.before)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </Scroller>
    </>
  );
}
