/** A table row to be edited: a number per feature, filled in from a sample. */
import { useEffect, useState } from 'react';
import type { OpenedData } from '../../workers/api.ts';
import { giveInput } from '../flows/trial.ts';
import { engine } from '../state/engine.ts';
import { showProblem } from '../state/problems.ts';
import { tryWords } from './try-words.ts';

/** As it would be written: a float32 without the digits it only has in binary. */
const written = (value: number): string => String(Number(value.toPrecision(7)));

export function TryRow({ data }: { readonly data: OpenedData }) {
  const { featureNames, size } = data.summary;
  const [fields, setFields] = useState<readonly string[]>([]);
  const [index, setIndex] = useState(0);
  const give = (next: readonly string[]) => {
    setFields(next);
    const values = next.map((field) => (field.trim() === '' ? Number.NaN : Number(field)));
    giveInput(values.every(Number.isFinite) ? { kind: 'row', values } : null);
  };
  // biome-ignore lint/correctness/useExhaustiveDependencies: `give` only sets state.
  useEffect(() => {
    let current = true;
    engine()
      .rowOf(data.handle, index)
      .then(
        (values) => current && give(values.map(written)),
        (thrown) => current && showProblem('try', thrown),
      );
    return () => {
      current = false;
    };
  }, [data, index]);
  const bad = fields.some((field) => field.trim() === '' || !Number.isFinite(Number(field)));
  return (
    <div className="try-row">
      <div className="row-fields">
        {fields.map((field, at) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: features have no other identity than their place.
          <label key={at}>
            <span title={featureNames[at]}>{featureNames[at] || tryWords('row.feature', { n: at + 1 })}</span>
            <input
              type="text"
              inputMode="decimal"
              value={field}
              aria-invalid={field.trim() === '' || !Number.isFinite(Number(field))}
              onChange={(event) => give(fields.map((old, other) => (other === at ? event.currentTarget.value : old)))}
            />
          </label>
        ))}
      </div>
      <div className="try-tools">
        <button type="button" className="link" onClick={() => setIndex((index + Math.max(1, Math.floor(size / 7))) % size)}>
          {tryWords('row.next')}
        </button>
        {bad && fields.length > 0 && <span className="quiet-text">{tryWords('row.number')}</span>}
      </div>
    </div>
  );
}
