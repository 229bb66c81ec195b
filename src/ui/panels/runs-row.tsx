/** A run as a row: its recipe, its figures, and what can be done with it. */
import { deleteRun, pinRun, takeRun } from '../flows/run-list.ts';
import * as numbers from '../i18n/numbers.ts';
import { recipeWords } from '../i18n/recipe-words.ts';
import { t, tOr } from '../i18n/translate.ts';
import { runName } from '../i18n/wall-words.ts';
import { Icon } from '../parts/icon.tsx';
import { commitRecipe, recipeKey, useRecipe } from '../state/recipe.ts';
import { differenceOf, type RunRow } from '../state/run-rows.ts';
import { type Run, runsStore, useRuns } from '../state/runs.ts';
import { RunDifference } from './run-difference.tsx';
import { runsWords } from './runs-words.ts';

interface Column {
  readonly id: string;
  readonly title: () => string;
  readonly help: () => string;
  readonly by: (row: RunRow) => number | string | undefined;
  readonly number?: true;
  /** False where the first click sorts upwards. */
  readonly down?: false;
}

const figureColumn = (id: string, metric: string, down?: false): Column => ({
  id,
  title: () => tOr(`metric.${metric}`, metric),
  help: () => tOr(`metric.${metric}.help`, ''),
  by: (row) => row.figures[metric]?.value,
  number: true,
  ...(down === false && { down }),
});

const agreement = 'agreement/top1';

/** The columns that sort; runs that know no accuracy are told by their agreement alone. */
export const columnsOf = (quality: string): readonly Column[] => [
  { id: 'number', title: () => runsWords('number'), help: () => runsWords('number.help'), by: (row) => row.number, number: true },
  {
    id: 'recipe',
    title: () => runsWords('recipe'),
    help: () => runsWords('recipe.help'),
    by: (row) => recipeName(row),
    down: false,
  },
  { ...figureColumn('size', 'size/gzip', false), title: () => runsWords('size'), help: () => runsWords('size.help') },
  { id: 'times', title: () => runsWords('times'), help: () => runsWords('times.help'), by: (row) => row.times, number: true },
  figureColumn('quality', quality),
  ...(quality === agreement ? [] : [figureColumn('agreement', agreement)]),
  figureColumn('latency', 'latency/median', false),
];

export const recipeName = ({ number, recipe }: RunRow): string => (number === 0 ? t('words.original') : recipeWords(recipe));

interface Props {
  readonly row: RunRow;
  readonly baseline: RunRow;
  readonly pinned: boolean;
  readonly quality: string;
  readonly chosen: boolean;
  readonly onChoose: (number: number) => void;
}

export function RunTableRow({ row, baseline, pinned, quality, chosen, onChoose }: Props) {
  const { number, run } = row;
  const current = useRecipe((state) => recipeKey(state.recipe) === (run?.key ?? recipeKey(row.recipe)));
  const lit = useRuns((state) => state.lit === number);
  const light = (on: boolean) => runsStore.setState({ lit: on ? number : null });
  const cell = { row, baseline };
  return (
    <tr
      data-run={number}
      data-lit={lit}
      data-pinned={pinned}
      aria-current={current || undefined}
      onPointerEnter={() => light(true)}
      onPointerLeave={() => light(false)}
      onFocus={() => light(true)}
      onBlur={() => light(false)}
      onKeyDown={(event) => {
        if (event.key === 'Delete' && run !== null) remove(run, event.currentTarget);
      }}
    >
      <td data-column="choose">
        <input
          type="checkbox"
          aria-label={runsWords('choose', { run: runName(number) })}
          checked={chosen}
          onChange={() => onChoose(number)}
        />
      </td>
      <td data-column="number" className="number">
        {number === 0 ? '' : number}
      </td>
      <th scope="row" data-column="recipe">
        <button type="button" className="link run-name" title={runsWords('use')} onClick={() => take(row)}>
          {recipeName(row)}
        </button>
        {pinned && <small>{runsWords('baseline')}</small>}
        {run?.restored && <small title={runsWords('restored.help')}>{runsWords('restored')}</small>}
      </th>
      <FigureCell {...cell} id="size" metric="size/gzip" />
      <td data-column="times" className="number">
        {row.times === undefined ? t('figure.none') : numbers.times(row.times)}
      </td>
      <FigureCell {...cell} id="quality" metric={quality} spread />
      {quality !== agreement && <FigureCell {...cell} id="agreement" metric={agreement} />}
      <FigureCell {...cell} id="latency" metric="latency/median" />
      <td data-column="actions">
        <RowButton
          icon="pin"
          label={runsWords('pin', { run: runName(number) })}
          pressed={pinned}
          perform={() => pinRun(number)}
        />
        {run !== null && (
          <RowButton
            icon="close"
            label={runsWords('remove', { run: runName(number) })}
            perform={(event) => remove(run, event.currentTarget.closest('tr'))}
          />
        )}
      </td>
    </tr>
  );
}

function take({ run, recipe }: RunRow): void {
  if (run === null) commitRecipe((now) => ({ ...now, steps: recipe.steps }));
  else takeRun(run);
}

/** The row's place is taken by its neighbour, and so is the focus. */
function remove(run: Run, row: Element | null): void {
  const neighbour = row?.nextElementSibling ?? row?.previousElementSibling;
  const hadFocus = row?.contains(document.activeElement) === true;
  deleteRun(run, () => runsWords('removed', { run: runName(run.number) }));
  if (hadFocus) neighbour?.querySelector<HTMLElement>('.run-name')?.focus();
}

interface CellProps {
  readonly row: RunRow;
  readonly baseline: RunRow;
  readonly id: string;
  readonly metric: string;
  /** True where the interval stands beside the figure. */
  readonly spread?: boolean;
}

function FigureCell({ row, baseline, id, metric, spread = false }: CellProps) {
  const measured = row.figures[metric];
  const found = measured && differenceOf(metric, baseline, row);
  const interval = measured && numbers.interval(measured);
  return (
    <td className="number" data-column={id} data-title={tOr(`metric.${metric}`, metric)}>
      {measured === undefined ? (
        t('figure.none')
      ) : (
        <span title={interval === '' ? undefined : t('verdict.interval', { interval: interval ?? '' })}>
          {numbers.figure(measured)} {spread && interval !== '' && <small>{interval}</small>}
        </span>
      )}
      {found && <RunDifference found={found} />}
    </td>
  );
}

interface ButtonProps {
  readonly icon: 'pin' | 'close';
  readonly label: string;
  readonly pressed?: boolean;
  readonly perform: (event: React.MouseEvent<HTMLButtonElement>) => void;
}

function RowButton({ icon, label, pressed, perform }: ButtonProps) {
  return (
    <button type="button" className="button icon small" aria-label={label} aria-pressed={pressed} title={label} onClick={perform}>
      <Icon name={icon} />
    </button>
  );
}
