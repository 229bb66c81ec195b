/**
 * From a recipe to work: steps in a sound order, each with the tensors it works on and their own checked parameters.
 * Structure comes before sparsity and sparsity before grids, because a later graph change or zero would destroy an earlier grid;
 * a recipe that says otherwise is reordered with a note, around the steps that only train: those stay in their places. Two grids on one
 * tensor are refused: the later would undo the earlier.
 */
import { cautionsOf } from './cautions.ts';
import type { Context } from './context.ts';
import { StudioError } from './errors.ts';
import type { Model, Node } from './model/model.ts';
import type { Recipe, Step } from './recipe.ts';
import { type Globs, globList, globMatches } from './selection.ts';
import { type StoredTensor, slotsOf } from './slots.ts';
import { checkedParams, type Params } from './step-params.ts';
import type { StepNote, StepResult, Target, Technique } from './technique.ts';
import { graphWork } from './techniques/graph-work.ts';
import { techniqueOf } from './techniques/index.ts';
import { needsLayers } from './techniques/needs-layers.ts';
import { didYouMean } from './techniques/suggest.ts';

/** A tensor that a step will work on. */
export interface Pick {
  readonly id: string;
  readonly params: Params;
}

export interface PlannedStep {
  /** Position in the recipe, from 1. */
  readonly number: number;
  readonly technique: Technique;
  readonly params: Params;
  /** The model as the step meets it, but for what data and training change. */
  readonly structure: Model;
  readonly picks: readonly Pick[];
  /** Of a step that calibrates: its layers with their parameters, null where "except" names them. */
  readonly layers: readonly (readonly [name: string, params: Params | null])[];
}

export interface Plan {
  /** In the order in which they run. */
  readonly steps: readonly PlannedStep[];
  /** The model after the steps that change its graph. */
  readonly structure: Model;
  /** What was reordered, left out or matched nothing; `layer` is empty where a note is about the whole recipe. */
  readonly notes: readonly StepNote[];
}

/** Checks a recipe against a model. Throws RECIPE_* errors that name the step, the parameter or the tensor. */
export function planRecipe(recipe: Recipe, model: Model): Plan {
  const drafts = recipe.steps.map((step, index) => draftOf(step, index + 1, model));
  const ordered = inSoundOrder(drafts);
  const notes = reorderNotes(drafts, ordered);
  const steps: PlannedStep[] = [];
  const cautious: Parameters<typeof cautionsOf>[0][number][] = [];
  let current = model;
  for (const draft of ordered) {
    const picked = pick(draft, current);
    const { number, technique, params } = draft;
    const planned = { number, technique, params, structure: current, picks: picked.picks, layers: picked.layers };
    notes.push(...picked.notes);
    const before = current;
    current = restructured(planned, current);
    steps.push(planned);
    const { id, trains = false, forgets = false } = draft.technique;
    cautious.push({ use: id, trains, forgets, folds: current.nodes.length < before.nodes.length, picks: picked.picks });
  }
  notes.push(...cautionsOf(cautious));
  refuseTwoGrids(steps, current);
  return { steps, structure: current, notes };
}

const structures = new WeakMap<Model, { readonly key: string; readonly model: Model }>();

/** The model after a structural step; the last one is kept, since a recipe is planned again with every move of a slider. */
function restructured(step: PlannedStep, model: Model): Model {
  const { technique, params, picks } = step;
  if (technique.restructure === undefined) return model;
  const key = JSON.stringify([technique.id, params, picks]);
  const known = structures.get(model);
  if (known?.key === key) return known.model;
  const result = technique.restructure(model, targetsOf(step, model), params as never, graphWork);
  structures.set(model, { key, model: result });
  return result;
}

/** The targets of a planned step in the model as it is now. */
export function targetsOf(step: PlannedStep, model: Model): readonly Target<never>[] {
  const stored = new Map(slotsOf(model).map((tensor) => [tensor.id, tensor]));
  return step.picks.flatMap(({ id, params }) => {
    const tensor = stored.get(id);
    if (tensor === undefined) return [];
    const { node, inputs, slot, weight } = tensor;
    return [{ id, node, inputs, slot, weight, params: params as never }];
  });
}

/** Runs one planned step. */
export function applyStep(step: PlannedStep, model: Model, context: Context): Promise<StepResult> {
  return step.technique.apply(model, targetsOf(step, model), context, step.params as never, chosenLayers(step));
}

/** What stands for a planned step that trains until it has been trained. */
export async function previewStep(step: PlannedStep, model: Model, context: Context): Promise<StepResult> {
  const { technique, params } = step;
  const preview = technique.preview?.(model, targetsOf(step, model), context, params as never, chosenLayers(step));
  return (await preview) ?? { model, notes: [] };
}

const chosenLayers = ({ layers }: PlannedStep) => new Map(layers.map(([name, params]) => [name, params as never]));

interface Draft {
  readonly number: number;
  readonly technique: Technique;
  readonly params: Params;
  readonly step: Step;
  readonly overrides: readonly (readonly [glob: string, params: Params])[];
}

function draftOf(step: Step, number: number, model: Model): Draft {
  const { use, where, except: _except, layers = {}, ...own } = step;
  const technique = techniqueOf(use);
  const params = checkedParams(technique, own, number, '');
  if (model.graph !== undefined && needsLayers(technique)) throw layersNeeded(technique, number);
  for (const glob of globList(where)) requireMatch(glob, number, technique, model);
  const overrides = Object.entries(layers);
  for (const [glob, changes] of overrides) checkedParams(technique, { ...own, ...changes }, number, ` for "${glob}"`);
  return { number, technique, params, step, overrides };
}

function layersNeeded({ id, title }: Technique, number: number): StudioError {
  return new StudioError({
    code: 'RECIPE_NEEDS_LAYERS',
    title: `Step ${number} (${id}) needs layers, and a TF.js graph-model has none.`,
    detail: `${title} changes, trains or watches single layers. A graph-model is a frozen TensorFlow graph that runs as a whole: only its weights can change.`,
    hint: 'Remove the step, or open the Keras file that the graph was converted from (.keras or .h5).',
    context: { step: number, use: id },
  });
}

function requireMatch(glob: string, number: number, technique: Technique, model: Model): void {
  if (model.nodes.some((node) => globMatches(glob, node))) return;
  const kinds = glob.startsWith('@');
  const names = kinds ? [...new Set(model.nodes.map((node) => `@${node.op}`))] : model.nodes.map((node) => node.name);
  throw new StudioError({
    code: 'RECIPE_NO_MATCH',
    title: `Step ${number} (${technique.id}) asks for "${glob}", but no layer of this model is called so.`,
    detail: `"where" must match at least one of the model's ${model.nodes.length} layers.`,
    hint: didYouMean(glob, names.slice(0, 200)),
    context: { step: number, glob },
  });
}

const phases: readonly Technique['phase'][] = ['structure', 'sparsity', 'grid'];
const phaseRank = (technique: Technique): number => phases.indexOf(technique.phase);

/** Sorted by phase, except for steps that only train: they stand anywhere, and the others are sorted among the places left. */
function inSoundOrder(drafts: readonly Draft[]): Draft[] {
  const stays = ({ technique }: Draft) => technique.phase === 'train';
  const sorted = drafts.filter((draft) => !stays(draft)).sort((a, b) => phaseRank(a.technique) - phaseRank(b.technique));
  let next = 0;
  return drafts.map((draft) => (stays(draft) ? draft : (sorted[next++] as Draft)));
}

function reorderNotes(drafts: readonly Draft[], ordered: readonly Draft[]): StepNote[] {
  if (drafts.every((draft, i) => draft === ordered[i])) return [];
  const order = ordered.map(({ number, technique }) => `${technique.id} (step ${number})`).join(', then ');
  const text = `The steps run in another order than written, so that none undoes an earlier one: ${order}.`;
  return [{ layer: '', code: 'reordered', text }];
}

/** What a step works on: tensors, or layers where it calibrates. */
function pick(draft: Draft, model: Model): { picks: Pick[]; layers: PlannedStep['layers']; notes: StepNote[] } {
  const { number, technique, step, overrides } = draft;
  const layers = technique.calibrates === true ? pickLayers(draft, model) : [];
  const notes: StepNote[] = [];
  const picks: Pick[] = [];
  const wheres = globList(step.where);
  const excepts = globList(step.except);
  const names = (globs: Globs, { users }: StoredTensor) =>
    globList(globs).some((glob) => users.some((node) => globMatches(glob, node)));
  for (const tensor of technique.calibrates === true ? [] : slotsOf(model)) {
    if (wheres.length > 0 && !names(wheres, tensor)) continue;
    const changes = overrides.filter(([glob]) => names(glob, tensor)).map(([, params]) => params);
    const params = { ...draft.params, ...Object.assign({}, ...changes) };
    if (!technique.supports(tensor.slot, tensor.node, params as never)) continue;
    if (!names(excepts, tensor)) picks.push({ id: tensor.id, params });
    else
      notes.push({
        layer: tensor.node.name,
        weight: tensor.id,
        code: 'excepted',
        text: `Left out of ${technique.id} by "except".`,
      });
  }
  for (const glob of [...excepts, ...overrides.map(([key]) => key)]) {
    if (model.nodes.some((node) => globMatches(glob, node))) continue;
    notes.push({ layer: '', code: 'matches-nothing', text: `Step ${number} (${technique.id}): "${glob}" matches no layer.` });
  }
  for (const [layer, params] of layers) {
    if (params === null) notes.push({ layer, code: 'excepted', text: `Left out of ${technique.id} by "except".` });
  }
  if (picks.length === 0 && !layers.some(([, params]) => params !== null)) {
    const why =
      model.graph === undefined ? '' : ' A TF.js graph-model has no layers to change; its converter has folded what it could.';
    const text = `Step ${number} (${technique.id}) has nothing to work on in this model.${why}`;
    notes.push({ layer: '', code: 'nothing-to-do', text });
  }
  return { picks, layers, notes };
}

function pickLayers({ params, step, overrides }: Draft, model: Model): PlannedStep['layers'] {
  const names = (globs: Globs | undefined, node: Node) => globList(globs).some((glob) => globMatches(glob, node));
  const chosen = model.nodes.filter((node) => step.where === undefined || names(step.where, node) || names(step.except, node));
  return chosen.map((node) => {
    if (names(step.except, node)) return [node.name, null];
    const changes = overrides.filter(([glob]) => names(glob, node)).map(([, own]) => own);
    return [node.name, { ...params, ...Object.assign({}, ...changes) }];
  });
}

function refuseTwoGrids(steps: readonly PlannedStep[], model: Model): void {
  const owners = new Map<string, PlannedStep>();
  for (const step of steps.filter(({ technique }) => technique.phase === 'grid')) {
    for (const { id } of step.picks) {
      const earlier = owners.get(id);
      if (earlier === undefined) {
        owners.set(id, step);
        continue;
      }
      const layer = slotsOf(model).find((tensor) => tensor.id === id)?.node.name ?? id;
      throw new StudioError({
        code: 'RECIPE_CONFLICT',
        title: `Steps ${earlier.number} and ${step.number} both quantize the layer "${layer}".`,
        detail: `A tensor has one grid: ${step.technique.id} would undo what ${earlier.technique.id} made of "${id}".`,
        hint: 'Remove one of the two steps, or give them different layers with "where" and "except".',
        context: { steps: [earlier.number, step.number], layer, weight: id },
      });
    }
  }
}
