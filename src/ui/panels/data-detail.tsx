/** The data in detail: what the model sees, how values are fed and what was tried, and which output stands for which class. */
import '../styles/data-detail.css';
import type { Preprocessing } from '../../engine/data/dataset.ts';
import type { DataChange, OpenedData } from '../../workers/api.ts';
import { arrangeData } from '../flows/open.ts';
import { noteText } from '../i18n/engine-words.ts';
import { count, decimal, shape } from '../i18n/numbers.ts';
import { t } from '../i18n/translate.ts';
import { EngineLine } from '../parts/engine-line.tsx';
import { Picture } from '../parts/picture.tsx';
import { useSession } from '../state/session.ts';
import { DataClasses } from './data-classes.tsx';
import { dataWords } from './data-words.ts';

export function DataDetail({ data }: { readonly data: OpenedData }) {
  const busy = useSession((state) => state.opening === 'data');
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard.
    <section className="data-detail" tabIndex={0} aria-label={dataWords('title')} aria-busy={busy}>
      <Seen data={data} />
      <Fed data={data} busy={busy} />
      <DataClasses data={data} busy={busy} />
      <Notes notes={data.summary.notes} />
    </section>
  );
}

/** What was left out or decided in reading; what the order of classes says is said beside it. */
function Notes({ notes }: { readonly notes: OpenedData['summary']['notes'] }) {
  const shown = notes.filter(({ code }) => !code.startsWith('CLASS_ORDER'));
  if (shown.length === 0) return null;
  return (
    <ul className="detail-notes quiet-text">
      {shown.map((note) => (
        <li key={note.code}>
          <EngineLine words={noteText(note)} />
        </li>
      ))}
    </ul>
  );
}

function Seen({ data: { thumbnails } }: { readonly data: OpenedData }) {
  const input = useSession((state) => state.model?.summary.inputs[0]?.shape ?? []);
  return (
    <div className="detail-seen">
      <h3>{dataWords('seen')}</h3>
      {thumbnails.length === 0 ? (
        <p className="quiet-text">{dataWords('seen.none')}</p>
      ) : (
        <>
          <ul>
            {thumbnails.map((one, index) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: the pictures of a list that is replaced as a whole
              <li key={index} title={one.label}>
                <Picture picture={one} />
                <span translate="no">{one.label}</span>
              </li>
            ))}
          </ul>
          <p className="quiet-text">{dataWords('seen.help', { shape: shape(input) })}</p>
        </>
      )}
    </div>
  );
}

interface Props {
  readonly data: OpenedData;
  readonly busy: boolean;
}

function Fed({ data: { summary }, busy }: Props) {
  const { choices, preprocessing, fit, channels } = summary;
  return (
    <div className="detail-fed">
      <h3>{dataWords('fed')}</h3>
      <div className="detail-controls">
        <label>
          <span>{dataWords('scaling')}</span>
          <select
            value={preprocessing}
            disabled={busy}
            onChange={(event) => void arrangeData({ preprocessing: event.currentTarget.value as Preprocessing })}
          >
            {choices.preprocessings.map((one) => (
              <option key={one} value={one}>
                {t(`range.${one}`)}
              </option>
            ))}
          </select>
        </label>
        {choices.fit && <Choice name="fit" value={fit} options={['squash', 'crop']} busy={busy} />}
        {choices.channels && (
          <Choice
            name="channels"
            value={preprocessing === 'caffe' ? 'bgr' : channels}
            options={['rgb', 'bgr']}
            busy={busy || preprocessing === 'caffe'}
          />
        )}
      </div>
      <p className="quiet-text formula">{dataWords(`formula.${preprocessing}`)}</p>
      <Tried data={summary} busy={busy} />
    </div>
  );
}

interface ChoiceProps<Name extends 'fit' | 'channels', Option extends string> {
  readonly name: Name;
  readonly value: Option;
  readonly options: readonly Option[];
  readonly busy: boolean;
}

function Choice(props: ChoiceProps<'fit', 'squash' | 'crop'> | ChoiceProps<'channels', 'rgb' | 'bgr'>) {
  const { name, value, options, busy } = props;
  return (
    <fieldset className="choice" title={dataWords(`${name}.help`)} disabled={busy}>
      <legend>{dataWords(name)}</legend>
      {options.map((option) => (
        <button
          key={option}
          type="button"
          aria-pressed={option === value}
          onClick={() => void arrangeData({ [name]: option } as DataChange)}
        >
          {dataWords(`${name}.${option}` as 'fit.crop')}
        </button>
      ))}
    </fieldset>
  );
}

/** What was tried, the best first; a click takes it. */
function Tried({ data, busy }: { readonly data: OpenedData['summary']; readonly busy: boolean }) {
  const { guess, preprocessing, fit, channels, task } = data;
  const again =
    task === 'none' ? null : (
      <button type="button" className="link" disabled={busy} onClick={() => void arrangeData({ preprocessing: 'auto' })}>
        {dataWords('tried.again')}
      </button>
    );
  if (guess.length === 0) {
    return (
      <p className="detail-line quiet-text">
        {dataWords('tried.none')} {again}
      </p>
    );
  }
  // Values are judged by R², which is no count.
  const counted = guess.every(({ score }) => Number.isInteger(score)) && task === 'classes';
  const name = (one: (typeof guess)[number]) =>
    [
      t(`range.${one.preprocessing}`),
      one.channels === 'bgr' ? dataWords('channels.bgr') : '',
      one.fit === 'crop' ? dataWords('fit.crop') : '',
    ]
      .filter((word) => word !== '')
      .join(' · ');
  return (
    <>
      <p className="detail-line quiet-text">
        {dataWords('tried', { n: count(guess[0]?.n ?? 0) })} {again}
      </p>
      <ul className="tried">
        {guess
          .toSorted((a, b) => b.score - a.score)
          .map((one) => (
            <li key={name(one)}>
              <button
                type="button"
                disabled={busy}
                aria-label={dataWords('tried.use', { name: name(one) })}
                aria-pressed={one.preprocessing === preprocessing && one.fit === fit && one.channels === channels}
                onClick={() => void arrangeData({ preprocessing: one.preprocessing, fit: one.fit, channels: one.channels })}
              >
                <span>{name(one)}</span>
                <i className="detail-bar" aria-hidden="true">
                  <b style={{ inlineSize: `${100 * Math.max(0, Math.min(1, counted ? one.score / one.n : one.score))}%` }} />
                </i>
                <span className="number">
                  {counted
                    ? dataWords('tried.score', { score: count(one.score), n: count(one.n) })
                    : dataWords('tried.r2', { score: one.score < -1 ? '< −1' : decimal(one.score) })}
                </span>
              </button>
            </li>
          ))}
      </ul>
    </>
  );
}
