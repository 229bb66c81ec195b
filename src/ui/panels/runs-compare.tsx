/** Two runs side by side: their figures with difference and interval, what their recipes do differently, and each layer's payload. */
import { useEffect, useRef } from 'react';
import { compareFigure } from '../../engine/compare.ts';
import { storedWords } from '../i18n/engine-words.ts';
import * as numbers from '../i18n/numbers.ts';
import { t, tOr } from '../i18n/translate.ts';
import { runName } from '../i18n/wall-words.ts';
import { Icon } from '../parts/icon.tsx';
import { qualityMetrics } from '../state/figures.ts';
import { type LayerPair, layerPairs, type RunRow } from '../state/run-rows.ts';
import { useSession } from '../state/session.ts';
import { lightsLayer, selectLayer, useView } from '../state/view.ts';
import { RecipeDifferences } from './recipe-differences.tsx';
import { RunDifference } from './run-difference.tsx';
import { recipeName } from './runs-row.tsx';
import { runsWords } from './runs-words.ts';

interface Props {
  readonly from: RunRow;
  readonly to: RunRow;
}

export function RunsCompare({ from, to, onBack }: Props & { readonly onBack: () => void }) {
  const back = useRef<HTMLButtonElement>(null);
  useEffect(() => back.current?.focus(), []);
  return (
    <>
      <div className="runs-line">
        <button ref={back} type="button" className="button quiet" onClick={onBack}>
          <Icon name="arrow" />
          <span>{runsWords('back')}</span>
        </button>
        <h3>{runsWords('compare.title', { from: runName(from.number), to: runName(to.number) })}</h3>
      </div>
      <section
        className="compare"
        aria-label={runsWords('compare.title', { from: runName(from.number), to: runName(to.number) })}
      >
        <FiguresTable from={from} to={to} />
        <section>
          <h4>{runsWords('recipes.title')}</h4>
          <RecipeDifferences from={from} to={to} />
        </section>
        <LayersTable from={from} to={to} />
      </section>
    </>
  );
}

const metrics: readonly string[] = [
  'size/gzip',
  'size/payload',
  ...qualityMetrics,
  'latency/median',
  'latency/p95',
  'parameters/nonzero',
  'macs',
  'memory/peak',
];

function Heads({ from, to }: Props) {
  return [from, to].map((row) => (
    <th key={row.number} scope="col" className="number" title={recipeName(row)}>
      {runName(row.number)}
    </th>
  ));
}

function FiguresTable({ from, to }: Props) {
  const known = metrics.filter((metric) => from.figures[metric] !== undefined || to.figures[metric] !== undefined);
  return (
    <table className="compare-figures">
      <thead>
        <tr>
          <th scope="col">{runsWords('figure')}</th>
          <Heads from={from} to={to} />
          <th scope="col">{runsWords('difference')}</th>
        </tr>
      </thead>
      <tbody>
        {known.map((metric) => {
          const found = compareFigure(metric, from.side, to.side);
          return (
            <tr key={metric}>
              <th scope="row" title={tOr(`metric.${metric}.help`, '')}>
                {tOr(`metric.${metric}`, metric)}
              </th>
              <FigureOf row={from} metric={metric} />
              <FigureOf row={to} metric={metric} />
              <td>{found && <RunDifference found={found} long />}</td>
            </tr>
          );
        })}
      </tbody>
    </table>
  );
}

function FigureOf({ row, metric }: { readonly row: RunRow; readonly metric: string }) {
  const measured = row.figures[metric];
  return (
    <td className="number">
      {measured === undefined ? t('figure.none') : numbers.figure(measured)}
      {measured?.interval && <small>{numbers.interval(measured)}</small>}
    </td>
  );
}

function LayersTable({ from, to }: Props) {
  const layers = useSession((state) => state.model?.summary.layers);
  const pairs = layerPairs(from, to, layers ?? []);
  const largest = Math.max(1, ...pairs.flatMap((pair) => [pair.from?.bytes ?? 0, pair.to?.bytes ?? 0]));
  return (
    <table className="compare-layers" aria-label={runsWords('layers.title')}>
      <thead>
        <tr>
          <th scope="col">{runsWords('layer')}</th>
          <Heads from={from} to={to} />
          <th scope="col" className="number">
            {runsWords('difference')}
          </th>
        </tr>
      </thead>
      <tbody>
        {pairs.map((pair) => (
          <LayerLine key={pair.name} pair={pair} largest={largest} original={from.number === 0} />
        ))}
      </tbody>
    </table>
  );
}

function LayerLine({
  pair,
  largest,
  original,
}: {
  readonly pair: LayerPair;
  readonly largest: number;
  readonly original: boolean;
}) {
  const { name, from, to } = pair;
  const lit = useView((state) => state.litLayer === name);
  const change = (to?.bytes ?? 0) - (from?.bytes ?? 0);
  const width = (bytes = 0) => `${Math.max(0.5, (bytes / largest) * 100)}%`;
  return (
    <tr data-lit={lit} {...lightsLayer(name)}>
      <th scope="row">
        <button type="button" className="layer-name" translate="no" title={name} onClick={() => selectLayer(name)}>
          {name}
        </button>
        <span className="payload-bars" aria-hidden="true">
          <i className={original ? 'original' : 'other'} style={{ inlineSize: width(from?.bytes) }} />
          <i className="compressed" style={{ inlineSize: width(to?.bytes) }} />
        </span>
      </th>
      {[from, to].map((side, index) => (
        <td key={index === 0 ? 'from' : 'to'} className="number">
          {side === undefined ? t('figure.none') : numbers.bytes(side.bytes)}
          {side && <small>{storedWords(side.stored)}</small>}
        </td>
      ))}
      <td className="number">
        {change === 0 ? runsWords('equal') : numbers.difference({ value: change, unit: 'B', how: 'measured' })}
      </td>
    </tr>
  );
}
