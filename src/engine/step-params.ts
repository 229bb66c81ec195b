/** The parameters of steps against what their techniques take: all that can be said about a recipe before there is a model. */
import * as v from 'valibot';
import { StudioError } from './errors.ts';
import type { Recipe } from './recipe.ts';
import type { Technique } from './technique.ts';
import { techniqueOf } from './techniques/index.ts';
import { didYouMean } from './techniques/suggest.ts';

export type Params = Readonly<Record<string, unknown>>;

/** Throws RECIPE_UNKNOWN_* or RECIPE_INVALID_PARAMETER where a step asks for what no technique knows or allows. */
export function checkSteps({ steps }: Recipe): void {
  for (const [index, { use, where: _where, except: _except, layers = {}, ...own }] of steps.entries()) {
    const technique = techniqueOf(use);
    checkedParams(technique, own, index + 1, '');
    for (const [glob, changes] of Object.entries(layers)) {
      checkedParams(technique, { ...own, ...changes }, index + 1, ` for "${glob}"`);
    }
  }
}

/** Parameters with defaults filled in; throws where one is unknown or out of range. */
export function checkedParams(technique: Technique, params: Params, number: number, place: string): Params {
  const known = Object.keys(technique.params.entries);
  const unknown = Object.keys(params).find((key) => !known.includes(key));
  const where = `Step ${number} (${technique.id})${place}`;
  if (unknown !== undefined) {
    throw new StudioError({
      code: 'RECIPE_UNKNOWN_PARAMETER',
      title: `${where} has a parameter "${unknown}" that the technique does not know.`,
      detail: known.length === 0 ? 'It takes no parameters.' : `It takes ${known.join(', ')}.`,
      hint: didYouMean(unknown, [...known, 'where', 'except', 'layers']),
      context: { step: number, use: technique.id, parameter: unknown },
    });
  }
  const result = v.safeParse(technique.params, params);
  if (result.success) return result.output;
  const [issue] = result.issues;
  const parameter = v.getDotPath(issue) ?? '';
  throw new StudioError({
    code: 'RECIPE_INVALID_PARAMETER',
    title: `${where} has a value for "${parameter}" that is not allowed.`,
    detail: `${parameter}: ${issue.message}.`,
    hint: 'Change the value, or leave it out to use the default.',
    context: { step: number, use: technique.id, parameter },
  });
}
