/**
 * The recipe: a small versioned JSON document that says what is done to a model. The panel edits it, undo walks it, the worker
 * runs it, the report cites it and the command line takes it. Same model + recipe + data + seed + kernels = the same bytes.
 */
import * as v from 'valibot';
import { StudioError } from './errors.ts';

const globs = v.union([v.string(), v.array(v.string())]);

const stepSchema = v.looseObject({
  use: v.string(),
  /** Layers it is applied to: globs over layer names, or `@Op` for a kind of layer. */
  where: v.optional(globs),
  except: v.optional(globs),
  /** Per-layer overrides: a glob to some of the step's parameters. */
  layers: v.optional(v.record(v.string(), v.record(v.string(), v.unknown()))),
});

const recipeSchema = v.strictObject({
  recipe: v.literal(1),
  seed: v.optional(v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(0xffffffff)), 7),
  steps: v.array(stepSchema),
  measure: v.optional(v.array(v.string())),
});

export type Step = v.InferOutput<typeof stepSchema>;
export type Recipe = v.InferOutput<typeof recipeSchema>;

/** Checks a recipe's outer form; each step's own parameters are checked against its technique when it is planned. */
export function parseRecipe(json: unknown): Recipe {
  const result = v.safeParse(recipeSchema, json);
  if (result.success) return result.output;
  const issue = result.issues[0];
  throw new StudioError({
    code: 'RECIPE_INVALID',
    title: 'This recipe can not be read.',
    detail: `${v.getDotPath(issue) ?? 'recipe'}: ${issue.message}`,
    hint: 'A recipe is JSON with "recipe": 1 and a list of "steps", each with "use".',
    context: { path: v.getDotPath(issue) ?? '' },
  });
}
