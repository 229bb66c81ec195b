/** What each step does to one layer: follow the recipe, keep the layer as it is, or give its main parameter another value. */
import type { GenericSchema } from 'valibot';
import { controlOf } from '../../engine/params.ts';
import type { Step } from '../../engine/recipe.ts';
import { t, tOr } from '../i18n/translate.ts';
import { Slider } from '../parts/slider.tsx';
import { commitRecipe, previewRecipe, useRecipe } from '../state/recipe.ts';
import { globsOf, overrideOf, setExcepted, setOverride } from '../state/recipe-edits.ts';
import { paramValue, withUnit } from './param-field.tsx';
import { stepTitle, techniqueOf } from './step-card.tsx';

interface Props {
  readonly step: Step;
  readonly index: number;
  readonly layer: string;
}

export function LayerSteps({ layer }: { readonly layer: string }) {
  const steps = useRecipe((state) => state.recipe.steps);
  if (steps.length === 0) return null;
  return (
    <fieldset className="layer-steps">
      <legend>{t('own.title')}</legend>
      {steps.map((step, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a step is its place in the order
        <LayerStep key={index} step={step} index={index} layer={layer} />
      ))}
    </fieldset>
  );
}

function LayerStep({ step, index, layer }: Props) {
  const excepted = globsOf(step, 'except').includes(layer);
  return (
    <div className="layer-step">
      <label className="switch">
        <span>{stepTitle(step)}</span>
        <input
          type="checkbox"
          checked={!excepted}
          onChange={(event) => commitRecipe(setExcepted(index, layer, !event.currentTarget.checked))}
        />
      </label>
      {!excepted && <OwnValue step={step} index={index} layer={layer} />}
    </div>
  );
}

/**
 * The first slider of a technique is its main parameter: bits, sparsity. Steps that only train have none for a layer alone; channels go with
 * all that they are coupled to, and have theirs there (group-controls.tsx).
 */
function OwnValue({ step, index, layer }: Props) {
  const technique = techniqueOf(step);
  const entries = Object.entries((technique?.params.entries ?? {}) as Record<string, GenericSchema>);
  const main = entries.find(([, schema]) => controlOf(schema)?.control === 'slider');
  const control = main && controlOf(main[1]);
  if (main === undefined || control?.control !== 'slider' || technique?.phase === 'train') return null;
  if (step.use === 'prune/channels') return null;
  const [name, schema] = main;
  const own = overrideOf(step, layer, name);
  const set = (value: unknown) => setOverride(index, layer, name, value);
  return (
    <>
      <Slider
        label={tOr(`param.${name}`, control.title)}
        {...control}
        value={Number(own ?? paramValue(step, name, schema))}
        text={(value) => withUnit(value, control)}
        onPreview={(value) => previewRecipe(set(value))}
        onCommit={(value) => commitRecipe(set(value))}
      />
      {own !== undefined && (
        <button type="button" className="link" onClick={() => commitRecipe(set(undefined))}>
          {t('own.follow')}
        </button>
      )}
    </>
  );
}
