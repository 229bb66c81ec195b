/** What two recipes do differently, a line each. */
import type { GenericSchema } from 'valibot';
import { controlOf } from '../../engine/params.ts';
import type { Step } from '../../engine/recipe.ts';
import { recipeWords } from '../i18n/recipe-words.ts';
import { t, tOr } from '../i18n/translate.ts';
import { runName } from '../i18n/wall-words.ts';
import { type RecipeDifference, recipeDifferences } from '../state/recipe-differences.ts';
import type { RunRow } from '../state/run-rows.ts';
import { withUnit } from './param-field.tsx';
import { runsWords } from './runs-words.ts';
import { stepTitle, techniqueOf } from './step-card.tsx';

export function RecipeDifferences({ from, to }: { readonly from: RunRow; readonly to: RunRow }) {
  const found = recipeDifferences(from.recipe, to.recipe);
  if (found.length === 0) return <p className="quiet-text">{runsWords('recipes.same')}</p>;
  const lines = found.map((one) => lineOf(one, from, to));
  return (
    <ul className="recipe-differences">
      {lines.map((line) => (
        <li key={line}>{line}</li>
      ))}
    </ul>
  );
}

function lineOf(found: RecipeDifference, from: RunRow, to: RunRow): string {
  switch (found.kind) {
    case 'only':
      return runsWords('only', { run: runName((found.side === 'from' ? from : to).number), step: wholeStep(found.step) });
    case 'param':
      return runsWords('param.change', {
        step: stepTitle(found.step),
        param: paramTitle(found.step, found.name),
        from: valueWords(found.step, found.name, found.from),
        to: valueWords(found.step, found.name, found.to),
      });
    case 'order':
      return runsWords('order');
    case 'seed':
      return runsWords('seed', { from: String(found.from), to: String(found.to) });
  }
}

/** `Prune small weights (80 % zeros)`. */
function wholeStep(step: Step): string {
  const [title, words] = [stepTitle(step), recipeWords({ recipe: 1, seed: 0, steps: [step] })];
  return words === title ? title : `${title} (${words})`;
}

const controlFor = (step: Step, name: string) => {
  const schema = techniqueOf(step)?.params.entries[name] as GenericSchema | undefined;
  return schema && controlOf(schema);
};

function paramTitle(step: Step, name: string): string {
  if (name === 'where' || name === 'except' || name === 'layers') return runsWords(`param.${name}`);
  return tOr(`param.${name}`, controlFor(step, name)?.title ?? name);
}

function valueWords(step: Step, name: string, value: unknown): string {
  if (name === 'where' && value === undefined) return runsWords('value.all');
  if (value === undefined) return runsWords('value.none');
  if (name === 'layers') return layersWords(step, value as NonNullable<Step['layers']>);
  if (typeof value === 'boolean') return runsWords(value ? 'value.yes' : 'value.no');
  if (Array.isArray(value)) return value.join(t('list.separator'));
  const control = controlFor(step, name);
  if (typeof value === 'number' && control?.control === 'slider') return withUnit(value, control);
  return tOr(`option.${name}.${value}`, String(value));
}

/** `conv1: Bits 3; fc: Bits 2`. */
function layersWords(step: Step, layers: NonNullable<Step['layers']>): string {
  const words = Object.entries(layers).map(([layer, own]) => {
    const params = Object.entries(own).map(([name, value]) => `${paramTitle(step, name)} ${valueWords(step, name, value)}`);
    return `${layer}: ${params.join(t('list.separator'))}`;
  });
  return words.join('; ');
}
