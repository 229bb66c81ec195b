/** Failures, each shown in the place where it arose until it is dismissed or the same thing succeeds. */
import { createStore } from 'zustand/vanilla';
import type { StudioErrorFields } from '../../engine/errors.ts';
import { t } from '../i18n/translate.ts';
import { bind } from './use-store.ts';

export type Place = 'open' | 'data' | 'recipe' | 'run' | 'export' | 'device' | 'layer' | 'wall' | 'try' | 'why' | 'link' | 'keep';

export interface Problem extends StudioErrorFields {
  /** A way on that only this failure offers, beside reading and dismissing it. */
  readonly remedy?: { readonly label: () => string; readonly perform: () => void } | undefined;
}

export type Problems = Readonly<Partial<Record<Place, Problem>>>;

export const problems = createStore<Problems>()(() => ({}));
export const useProblems = bind(problems);

/** Forgets the failure of a place. */
export function clearProblem(place: Place): void {
  if (problems.getState()[place] !== undefined) problems.setState({ [place]: undefined } as Partial<Problems>);
}

/** Shows a failure in its place. Being cancelled is none, and what another place says already is not said twice. */
export function showProblem(place: Place, thrown: unknown, remedy?: Problem['remedy']): void {
  if (isAbort(thrown)) return;
  const fields = asFields(thrown);
  const others = Object.entries(problems.getState()).filter(([other]) => other !== place);
  const said = others.some(([, problem]) => problem?.code === fields.code && problem.detail === fields.detail);
  problems.setState({ [place]: said ? undefined : { ...fields, ...(remedy && { remedy }) } } as Partial<Problems>);
}

/** True for what an aborted signal throws. */
export function isAbort(thrown: unknown): boolean {
  return thrown instanceof Error && thrown.name === 'AbortError';
}

/** The parts of a StudioError; anything else is a bug of ours and says so. */
export function asFields(thrown: unknown): StudioErrorFields {
  if (isFields(thrown)) {
    const { code, title, detail, hint, context } = thrown;
    return { code, title, detail, hint, ...(context && { context }) };
  }
  const detail = thrown instanceof Error ? `${thrown.name}: ${thrown.message}` : String(thrown);
  const context = thrown instanceof Error && thrown.stack !== undefined ? { stack: thrown.stack } : {};
  return { code: 'UNEXPECTED', title: t('problem.unexpected'), detail, hint: t('problem.unexpected.hint'), context };
}

function isFields(thrown: unknown): thrown is StudioErrorFields {
  return (
    typeof thrown === 'object' &&
    thrown !== null &&
    'code' in thrown &&
    'title' in thrown &&
    'detail' in thrown &&
    'hint' in thrown
  );
}
