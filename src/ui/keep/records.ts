/**
 * What a session is as plain records: its model and data by content hash or by sample, its recipe, and a report for each run.
 * Records are written by this page alone; what is read back is still checked where a wrong value would do harm.
 */
import type { Preprocessing } from '../../engine/data/dataset.ts';
import { parseRecipe, type Recipe } from '../../engine/recipe.ts';
import type { Report } from '../../engine/report.ts';
import type { DataSummary, DroppedFile, Feed, SearchResult, TrainedStep } from '../../workers/api.ts';
import { committed, freshRecipe, type RecipeState, recipeKey } from '../state/recipe.ts';
import type { Run } from '../state/runs.ts';
import type { SearchState } from '../state/search.ts';
import type { Session } from '../state/session.ts';

/** A file by the SHA-256 of its bytes. */
export interface KeptFile {
  readonly path: string;
  readonly hash: string;
  readonly size: number;
}

export interface KeptData {
  /** Null for the sample's own. */
  readonly files: readonly KeptFile[] | null;
  /** Null where it was guessed, and is to be guessed again. */
  readonly preprocessing: Preprocessing | null;
  /** What else was chosen; absent in records of before there was a choice. */
  readonly feed?: Omit<Feed, 'preprocessing'>;
}

export interface SessionRecord {
  readonly id: string;
  /** ms since 1970. */
  readonly saved: number;
  /** The model's name. */
  readonly name: string;
  readonly model:
    | { readonly sample: string }
    | { readonly files: readonly KeptFile[]; readonly allowNonFinite: boolean; readonly inputSize?: readonly number[] };
  readonly data: KeptData | null;
  readonly recipe: Recipe;
  /** Recipes that undo and redo walk, nearest first in `future`, last in `past`; absent in records of before they were kept. */
  readonly past?: readonly Recipe[];
  readonly future?: readonly Recipe[];
  readonly runs: number;
  /** The run that the others are told against; absent for the original. */
  readonly pinned?: number;
  /** What the last search tried and ended with; absent where there was none. */
  readonly search?: KeptSearch;
}

/** A finished search: its goal, and its result with every point it tried. */
export type KeptSearch = Pick<SearchState, 'kind' | 'drop' | 'kilobytes'> & { readonly result: SearchResult };

export interface RunRecord {
  readonly session: string;
  readonly number: number;
  readonly key: string;
  readonly recipe: Recipe;
  readonly report: Report;
}

/** What a run trained, by the engine's own keys: it took minutes, and is not made again like the rest. */
export interface TrainedRecord {
  readonly session: string;
  readonly number: number;
  readonly bytes: number;
  readonly steps: readonly TrainedStep[];
}

/** Every file that a session is made of and that must be kept: a sample's come with the studio. */
export function ownFiles({ card, modelFrom, data, dataFrom }: Session): readonly DroppedFile[] {
  const model = card === null ? (modelFrom?.files ?? []) : [];
  return data === null || dataFrom === null || dataFrom.sample ? model : [...model, ...dataFrom.files];
}

/** Edits in each direction that outlive the tab. */
const keptEdits = 50;

/** The record of a session; null while no model is open. `hashOf` tells what each of its own files is kept as. */
export function recordOf(
  id: string,
  saved: number,
  state: {
    readonly session: Session;
    readonly edits: RecipeState;
    readonly runs: number;
    readonly pinned: number;
    readonly search?: SearchState;
  },
  hashOf: (file: DroppedFile) => string,
): SessionRecord | null {
  const { model, card, modelFrom, data, dataFrom } = state.session;
  if (model === null) return null;
  const files = (from: readonly DroppedFile[] = []): KeptFile[] =>
    from.map((file) => ({ path: file.path, hash: hashOf(file), size: file.blob.size }));
  const chosen = data === null || data.summary.guessed ? null : data.summary.preprocessing;
  return {
    id,
    saved,
    name: model.summary.name,
    model:
      card === null
        ? {
            ...{ files: files(modelFrom?.files), allowNonFinite: modelFrom?.allowNonFinite === true },
            ...(modelFrom?.inputSize && { inputSize: modelFrom.inputSize }),
          }
        : { sample: card.id },
    data:
      data === null || dataFrom === null
        ? null
        : { files: dataFrom.sample ? null : files(dataFrom.files), preprocessing: chosen, feed: chosenFeed(data.summary) },
    recipe: state.edits.committed,
    past: state.edits.past.slice(-keptEdits),
    future: state.edits.future.slice(0, keptEdits),
    runs: state.runs,
    ...(state.pinned > 0 && { pinned: state.pinned }),
    ...searchRecord(state.search),
  };
}

function searchRecord(search: SearchState | undefined): { readonly search?: KeptSearch } {
  if (search === undefined || search.result === null) return {};
  const { kind, drop, kilobytes, result } = search;
  return { search: { kind, drop, kilobytes, result } };
}

/** A kept search as the page shows it; one that can't be read is left behind. */
export function searchOfRecord({ search }: SessionRecord): Partial<SearchState> {
  try {
    if (search === undefined) return {};
    const points = search.result.points.map((point) => ({ ...point, recipe: parseRecipe(point.recipe) }));
    return { ...search, points };
  } catch {
    return {};
  }
}

/** What was chosen and would not be found in the files again; an order that was guessed is kept, with where it comes from. */
function chosenFeed({ guessed, fit, channels, order }: DataSummary): Omit<Feed, 'preprocessing'> {
  const own = order?.by === 'chosen' || order?.by === 'guessed';
  return { ...(!guessed && { fit, channels }), ...(own && { order }) };
}

/** The recipe of a record with what undo and redo walk; a history that can't be read is left behind. */
export function editsOfRecord({ recipe, past = [], future = [] }: SessionRecord): RecipeState {
  const fresh = freshRecipe(recipe);
  try {
    return { ...fresh, past: past.map(parseRecipe), future: future.map(parseRecipe) };
  } catch {
    return fresh;
  }
}

/** The record as it goes on with a recipe that a link asks for: an edit like any other. */
export function withRecipe(record: SessionRecord, recipe: Recipe): SessionRecord {
  if (recipeKey(recipe) === recipeKey(record.recipe)) return { ...record, recipe };
  const { past, future } = committed(editsOfRecord(record), () => recipe);
  return { ...record, recipe, past, future };
}

/** The record of a finished run. */
export const runRecord = (session: string, { number, key, recipe, report }: Run): RunRecord => ({
  session,
  number,
  key,
  recipe,
  report,
});

/** A run as it was, in the order of its number; its model is made again when it is saved, from what was trained where that is kept. */
export const runsOfRecords = (records: readonly RunRecord[]): readonly Run[] =>
  records
    .map(({ number, key, recipe, report }) => ({
      number,
      key,
      recipe: parseRecipe(recipe),
      report,
      handle: null,
      restored: true,
    }))
    .sort((a, b) => a.number - b.number);

/** Runs that are new or were run again, and the numbers of all that there are. */
export function changedRuns(
  runs: readonly Run[],
  written: ReadonlyMap<number, Report>,
): { readonly changed: readonly Run[]; readonly numbers: ReadonlySet<number> } {
  return {
    changed: runs.filter((run) => written.get(run.number) !== run.report),
    numbers: new Set(runs.map((run) => run.number)),
  };
}

/** The hashes of all files that these sessions need. */
export function hashesOf(records: readonly SessionRecord[]): ReadonlySet<string> {
  return new Set(filesOf(records).map(({ hash }) => hash));
}

/** Bytes that these sessions keep: each file once, records as JSON. */
export function bytesOf(records: readonly SessionRecord[], runs: readonly RunRecord[]): number {
  const files = new Map(filesOf(records).map(({ hash, size }) => [hash, size]));
  return [...files.values()].reduce((sum, size) => sum + size, JSON.stringify([records, runs]).length);
}

const filesOf = (records: readonly SessionRecord[]): readonly KeptFile[] =>
  records.flatMap(({ model, data }) => [...('files' in model ? model.files : []), ...(data?.files ?? [])]);
