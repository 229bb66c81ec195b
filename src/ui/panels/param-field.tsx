/** One parameter of a step, drawn from what its schema says: a slider, a choice or a switch. */
import { type GenericSchema, getDefault } from 'valibot';
import { type Control, controlOf } from '../../engine/params.ts';
import type { Step } from '../../engine/recipe.ts';
import { setting } from '../i18n/numbers.ts';
import { tOr } from '../i18n/translate.ts';
import { Slider } from '../parts/slider.tsx';
import { commitRecipe, previewRecipe } from '../state/recipe.ts';
import { setParam } from '../state/recipe-edits.ts';

interface Props {
  readonly step: Step;
  readonly index: number;
  readonly name: string;
  readonly schema: GenericSchema;
}

/** The value of a parameter as it will run: the step's own, else the schema's default. */
export const paramValue = (step: Step, name: string, schema: GenericSchema): unknown => step[name] ?? getDefault(schema as never);

export function ParamField({ step, index, name, schema }: Props) {
  const control = controlOf(schema);
  if (control === undefined) return null;
  const label = tOr(`param.${name}`, control.title);
  const help = tOr(`param.${name}.help`, '');
  const value = paramValue(step, name, schema);
  const commit = (next: unknown) => commitRecipe(setParam(index, name, next));
  if (control.control === 'slider') {
    return (
      <Slider
        label={label}
        help={help || undefined}
        value={Number(value)}
        {...control}
        text={(now) => withUnit(now, control)}
        onPreview={(next) => previewRecipe(setParam(index, name, next))}
        onCommit={commit}
      />
    );
  }
  if (control.control === 'switch') {
    return (
      <label className="switch" title={help}>
        <span>{label}</span>
        <input type="checkbox" checked={value === true} onChange={(event) => commit(event.currentTarget.checked)} />
      </label>
    );
  }
  if (control.control === 'text') return <TextField label={label} help={help} value={String(value)} onCommit={commit} />;
  return (
    <label className="field" title={help}>
      <span>{label}</span>
      <select value={String(value)} onChange={(event) => commit(event.currentTarget.value)}>
        {control.options.map((option) => (
          <option key={option} value={option}>
            {tOr(`option.${name}.${option}`, option)}
          </option>
        ))}
      </select>
    </label>
  );
}

interface TextProps {
  readonly label: string;
  readonly help: string;
  readonly value: string;
  readonly onCommit: (value: string) => void;
}

/** A line of text, taken when it is left or Enter is pressed. */
function TextField({ label, help, value, onCommit }: TextProps) {
  const commit = (text: string) => {
    if (text.trim() !== value) onCommit(text.trim());
  };
  return (
    <label className="field" title={help}>
      <span>{label}</span>
      <input
        // A new key puts back what undo brings.
        key={value}
        type="text"
        defaultValue={value}
        placeholder={help}
        spellCheck={false}
        autoComplete="off"
        onBlur={(event) => commit(event.currentTarget.value)}
        onKeyDown={(event) => {
          if (event.key === 'Enter' && !event.ctrlKey && !event.metaKey) commit(event.currentTarget.value);
        }}
      />
    </label>
  );
}

/** A value with its unit; a share 0–1 is read as a percentage. */
export function withUnit(value: number, { unit, step, min, max }: Extract<Control, { control: 'slider' }>): string {
  if (min >= 0 && max <= 1) return `${setting(value * 100, step * 100)}\u00a0%`;
  return unit === '' ? setting(value, step) : `${setting(value, step)}\u00a0${tOr(`unit.${unit}`, unit)}`;
}
