/** What opening a file found: what differs from where it came from, what was repaired, what was left out, and a way to keep the repair. */
import type { Note } from '../../engine/model/model.ts';
import { saveRepaired } from '../actions/save.ts';
import { engineText, noteText, sampleWords } from '../i18n/engine-words.ts';
import { count } from '../i18n/numbers.ts';
import { t } from '../i18n/translate.ts';
import { ActionButton } from '../parts/action-button.tsx';
import { EngineLine } from '../parts/engine-line.tsx';
import { useExports } from '../state/exports.ts';
import { useSession } from '../state/session.ts';

const groups = ['differs', 'repaired', 'left-out'] as const;
type Group = (typeof groups)[number];

/** Codes of notes that are no repairs. */
const others: Readonly<Record<string, Group>> = {
  KERAS_MIXED_PRECISION: 'differs',
  MODEL_NON_FINITE: 'differs',
  TFLITE_DYNAMIC_RANGE: 'differs',
  TFLITE_REAL_NUMBERS: 'differs',
  KERAS_MODULES: 'left-out',
  KERAS_AUGMENTATION: 'left-out',
  KERAS_TRAINING_ONLY: 'left-out',
  KERAS_SEED_STATE: 'left-out',
  OPTIMIZER_STATE: 'left-out',
  TRAINING_CONFIG: 'left-out',
  WEIGHT_EXTRA: 'left-out',
};

export function ImportNotes() {
  const model = useSession((state) => state.model);
  const card = useSession((state) => state.card);
  const busy = useExports((state) => state.busy !== null);
  const notes = model?.summary.notes ?? [];
  if (model === null) return <div className="notes-space" />;
  if (notes.length === 0 && card === null) return null;
  const grouped = groups.map((group) => ({ group, own: notes.filter(({ code }) => (others[code] ?? 'repaired') === group) }));
  const repaired = grouped.some(({ group, own }) => group === 'repaired' && own.length > 0);
  return (
    <details className="notes" open={notes.length > 0 && notes.length <= 2}>
      <summary>{notes.length === 0 ? t('source.card') : t('source.notes', { n: count(notes.length) })}</summary>
      {card && (
        <p>
          {sampleWords(card).summary} <EngineLine words={engineText(`${card.origin} ${card.licence}`)} />
        </p>
      )}
      {grouped.map(({ group, own }) => own.length > 0 && <NoteList key={group} group={group} notes={own} />)}
      {repaired && card === null && <ActionButton action={saveRepaired} icon="download" enabled={!busy} />}
    </details>
  );
}

function NoteList({ group, notes }: { readonly group: Group; readonly notes: readonly Note[] }) {
  return (
    <>
      <p className="notes-group">{t(`source.notes.${group}`)}</p>
      <ul>
        {notes.map((note) => (
          <li key={`${note.code} ${note.layer ?? ''} ${note.text}`}>
            {note.layer !== undefined && <code>{note.layer}</code>} <EngineLine words={noteText(note)} />
          </li>
        ))}
      </ul>
    </>
  );
}
