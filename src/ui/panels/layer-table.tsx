/** The layers of the model, before and after. Click a head to sort, a name (or its arrow keys) to look at a layer. */
import { useMemo, useRef, useState } from 'react';
import { engineText, storedWords } from '../i18n/engine-words.ts';
import * as numbers from '../i18n/numbers.ts';
import { type PlainKey, t } from '../i18n/translate.ts';
import { CutName } from '../parts/cut-name.tsx';
import { type Sort, SortHead, sortRows } from '../parts/sort.tsx';
import { groupOf, useCoupling } from '../state/coupling.ts';
import type { LayerRow } from '../state/figures.ts';
import { useSession } from '../state/session.ts';
import { useLayerRows } from '../state/use-shown.ts';
import { lightsLayer, selectLayer, useView } from '../state/view.ts';

interface Column {
  readonly id: string;
  readonly title: PlainKey;
  /** What it is sorted by; undefined sorts last. */
  readonly by: (row: LayerRow) => number | string | undefined;
  readonly number?: true;
}

const columns: readonly Column[] = [
  { id: 'layer', title: 'layers.layer', by: (row) => row.name },
  { id: 'op', title: 'layers.op', by: (row) => row.op },
  { id: 'shape', title: 'layers.shape', by: (row) => row.shape.reduce<number>((product, size) => product * (size ?? 1), 1) },
  { id: 'parameters', title: 'layers.parameters', by: (row) => row.parameters, number: true },
  { id: 'stored', title: 'layers.stored', by: (row) => row.stored },
  { id: 'payload', title: 'layers.payload', by: (row) => row.payloadAfter ?? row.payloadBefore },
  { id: 'sqnr', title: 'layers.sqnr', by: (row) => row.sqnr, number: true },
  { id: 'macs', title: 'layers.macs', by: (row) => row.macs ?? undefined, number: true },
  { id: 'time', title: 'layers.time', by: (row) => row.latencyShare, number: true },
];

const textColumns: readonly string[] = ['layer', 'op'];

export function LayerTable() {
  const rows = useLayerRows();
  const [sort, setSort] = useState<Sort | null>(null);
  const model = useSession((state) => state.model);
  const body = useRef<HTMLTableSectionElement>(null);
  const shown = useMemo(() => sortRows(rows, columns.find(({ id }) => id === sort?.column)?.by, sort), [rows, sort]);
  const largest = Math.max(1, ...rows.map((row) => Math.max(row.payloadBefore, row.payloadAfter ?? 0)));
  const walk = (event: React.KeyboardEvent) => {
    const step = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0;
    if (step === 0 || body.current === null) return;
    const names = [...body.current.querySelectorAll<HTMLButtonElement>('.layer-name')];
    const next = names[names.findIndex((name) => name.matches(':focus')) + step];
    if (next === undefined) return;
    event.preventDefault();
    next.focus();
    next.click();
  };
  return (
    <div className="layers">
      <h2 className="visually-hidden">{t('layers.title')}</h2>
      {model === null ? (
        <p className="quiet-text">{t('layers.none')}</p>
      ) : (
        // A region that scrolls must be reachable by keyboard; its buttons make it so.
        <div className="table-scroll">
          <table className="layer-table">
            <thead>
              <tr>
                {columns.map((column) => (
                  <SortHead
                    key={column.id}
                    id={column.id}
                    title={t(column.title)}
                    help={t(`${column.title}.help` as PlainKey)}
                    number={column.number}
                    down={!textColumns.includes(column.id)}
                    sort={sort}
                    onSort={setSort}
                  />
                ))}
              </tr>
            </thead>
            <tbody ref={body} onKeyDown={walk}>
              {shown.map((row) => (
                <Row key={row.name} row={row} largest={largest} />
              ))}
            </tbody>
          </table>
        </div>
      )}
    </div>
  );
}

/** True where the layer counts the same channels as the one that is looked at. */
function useCoupled(layer: string): boolean {
  const selected = useView((state) => state.layer);
  const model = useSession((state) => state.model?.handle);
  return useCoupling((state) => {
    const group = state.model === model ? groupOf(state.groups, selected) : undefined;
    return selected !== layer && group?.members.some((one) => one.layer === layer) === true;
  });
}

function Row({ row, largest }: { readonly row: LayerRow; readonly largest: number }) {
  const selected = useView((state) => state.layer === row.name);
  const lit = useView((state) => state.litLayer === row.name);
  const coupled = useCoupled(row.name);
  const still = row.parameters === 0;
  return (
    <tr
      className={still ? 'still' : undefined}
      data-selected={selected}
      data-lit={lit}
      data-coupled={coupled}
      onClick={() => selectLayer(row.name)}
      {...lightsLayer(row.name)}
    >
      <th scope="row" data-column="layer">
        <button
          type="button"
          className="layer-name"
          translate="no"
          aria-pressed={selected}
          title={row.name}
          aria-label={row.name}
        >
          <CutName name={row.name} />
        </button>
      </th>
      <td data-column="op" translate="no">
        {row.op}
      </td>
      <td data-column="shape">{numbers.shape(row.shape)}</td>
      <td data-column="parameters" className="number">
        {still ? '' : numbers.large(row.parameters)}
      </td>
      <td data-column="stored">
        {row.stored === undefined ? (still ? '' : t('figure.none')) : storedWords(row.stored)}
        {row.notes.map(engineText).map(({ text, foreign }) => (
          <small key={text} className="row-note" title={text} lang={foreign}>
            {text}
          </small>
        ))}
      </td>
      <td data-column="payload">{!still && <PayloadBar row={row} largest={largest} />}</td>
      <td data-column="sqnr" className="number">
        {row.sqnr === undefined ? '' : `${numbers.decimal(row.sqnr)}\u00a0dB`}
      </td>
      <td data-column="macs" className="number">
        {row.macs === undefined || row.macs === null || row.macs === 0 ? '' : numbers.large(row.macs)}
      </td>
      <td data-column="time" className="number">
        {row.latencyShare === undefined || row.latencyShare === 0 ? '' : numbers.percent(row.latencyShare)}
      </td>
    </tr>
  );
}

function PayloadBar({ row, largest }: { readonly row: LayerRow; readonly largest: number }) {
  const after = row.payloadAfter;
  const width = (value: number) => `${Math.max(0.5, (value / largest) * 100)}%`;
  return (
    <span className="payload" title={t('layers.payload.before', { before: numbers.bytes(row.payloadBefore) })}>
      <span className="payload-bars" aria-hidden="true">
        <i className="original" style={{ inlineSize: width(row.payloadBefore) }} />
        {after !== undefined && <i className="compressed" style={{ inlineSize: width(after) }} />}
      </span>
      <span className="payload-text">
        {after !== undefined && row.estimated && '≈'}
        {numbers.bytes(after ?? row.payloadBefore)}
      </span>
    </span>
  );
}
