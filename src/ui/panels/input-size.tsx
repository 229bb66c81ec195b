/** The size that figures are told for, where the model takes any: usual ones, the data's, or one that is typed. */
import { useState } from 'react';
import { openSizes } from '../flows/input-size.ts';
import { chooseInputSize } from '../flows/open.ts';
import { useSession } from '../state/session.ts';
import { sizeWords } from './input-size-words.ts';

const sides = [64, 96, 128, 160, 192, 224, 256, 320, 384, 512];
const steps = [16, 32, 64, 128, 256, 512];

const said = (sizes: readonly number[]): string => sizes.join(' × ');
const read = (text: string): number[] => text.split(/[x×*,\s]+/i).flatMap((part) => (part === '' ? [] : Number(part)));

export function InputSize() {
  const input = useSession((state) => state.model?.summary.inputs.find(({ shape }) => shape.includes(null)));
  const sample = useSession((state) => state.data?.summary.sampleShape ?? null);
  const busy = useSession((state) => state.opening !== null);
  const [typing, setTyping] = useState(false);
  if (input === undefined) return null;
  const { shape } = input;
  const now = said(openSizes(input));
  const open = shape.filter((size) => size === null).length;
  const own = sample?.length === shape.length ? said(sample.filter((_, axis) => shape[axis] === null)) : '';
  const usual = (shape.length === 3 ? sides : steps).map((size) => said(Array.from({ length: open }, () => size)));
  const offered = [...new Set([...(own === '' ? [] : [own]), ...(now === '' ? [] : [now]), ...usual])].sort(
    (a, b) => (read(a)[0] ?? 0) - (read(b)[0] ?? 0),
  );
  const choose = (text: string) => {
    setTyping(text === 'other');
    if (text !== 'other') void chooseInputSize(read(text));
  };
  return (
    <div className="input-size" title={sizeWords('help')}>
      <label className="field inline">
        <span>{sizeWords('label')}</span>
        <select value={typing ? 'other' : now} disabled={busy} onChange={(event) => choose(event.currentTarget.value)}>
          {now === '' && !typing && <option value="">{sizeWords('none')}</option>}
          {offered.map((size) => (
            <option key={size} value={size}>
              {size === own ? sizeWords('data', { size }) : size}
            </option>
          ))}
          <option value="other">{sizeWords('other')}</option>
        </select>
      </label>
      {typing && (
        <form
          onSubmit={(event) => {
            event.preventDefault();
            const text = new FormData(event.currentTarget).get('size');
            setTyping(false);
            void chooseInputSize(read(typeof text === 'string' ? text : ''));
          }}
        >
          <input
            type="text"
            name="size"
            inputMode={open === 1 ? 'numeric' : 'text'}
            aria-label={sizeWords('other.label')}
            placeholder={sizeWords(shape.length === 3 ? 'other.pictures' : 'other.steps')}
            defaultValue={now}
          />
          <button type="submit" className="button">
            {sizeWords('apply')}
          </button>
        </form>
      )}
    </div>
  );
}
