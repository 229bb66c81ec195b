/** One step of the recipe: its parameters drawn from the technique's schema, where it applies, its place in the order. */

import { useState } from 'react';
import type { GenericSchema } from 'valibot';
import { controlOf } from '../../engine/params.ts';
import type { Step } from '../../engine/recipe.ts';
import { allTechniques } from '../../engine/techniques/index.ts';
import { imitates } from '../../engine/techniques/trains.ts';
import { t, tOr } from '../i18n/translate.ts';
import { Icon } from '../parts/icon.tsx';
import { lazyPart } from '../parts/lazy-part.tsx';
import { commitRecipe, useRecipe } from '../state/recipe.ts';
import { dialOf, globsOf, moveStep, removeStep, setGlobs } from '../state/recipe-edits.ts';
import { useSession } from '../state/session.ts';
import { toast } from '../state/toast.ts';
import { ParamField, paramValue, withUnit } from './param-field.tsx';

const Explain = lazyPart(() => import('../explain/explain.tsx').then((module) => module.Explain));

const TeacherChoice = lazyPart(() => import('./teacher-choice.tsx').then((module) => module.TeacherChoice));
const StepRanges = lazyPart(() => import('./step-ranges.tsx').then((module) => module.StepRanges));

interface Props {
  readonly step: Step;
  readonly index: number;
  readonly last: boolean;
}

/** The technique of a step, or undefined for one this studio does not know. */
export const techniqueOf = (step: Step) => allTechniques.find((technique) => technique.id === step.use);

/** A step's name in the page's language. */
export const stepTitle = (step: Step): string => tOr(`technique.${step.use}`, techniqueOf(step)?.title ?? step.use);

/** The value of a parameter in words. */
function paramWords(step: Step, name: string): string {
  const schema = techniqueOf(step)?.params.entries[name] as GenericSchema | undefined;
  const control = schema && controlOf(schema);
  if (schema === undefined || control?.control !== 'slider') return '';
  return withUnit(Number(paramValue(step, name, schema)), control);
}

/** A parameter that bears the name of a choice's option (`percentile` of a range) is asked for only where that option is taken. */
function isAsked(step: Step, name: string): boolean {
  for (const [choice, entry] of Object.entries(techniqueOf(step)?.params.entries ?? {})) {
    const schema = entry as GenericSchema;
    const control = controlOf(schema);
    if (control?.control === 'choice' && control.options.includes(name)) return paramValue(step, choice, schema) === name;
  }
  return true;
}

const schemaOf = (step: Step, name: string) => techniqueOf(step)?.params.entries[name] as GenericSchema;

/** Whether few people change a parameter. */
const isFurther = (step: Step, name: string): boolean => controlOf(schemaOf(step, name))?.more === true;

export function StepCard({ step, index, last }: Props) {
  const technique = techniqueOf(step);
  const title = stepTitle(step);
  const dial = useRecipe((state) => dialOf(state.recipe, index));
  const asked = Object.keys(technique?.params.entries ?? {}).filter((name) => name !== dial && isAsked(step, name));
  const [explained, setExplained] = useState(false);
  return (
    <li className="step" aria-label={title}>
      <header>
        <h3 title={tOr(`technique.${step.use}.help`, technique?.summary ?? '')}>
          {title} {dial !== undefined && <span>{paramWords(step, dial)}</span>}
        </h3>
        <button
          type="button"
          className="button icon small"
          aria-label={t('step.explain', { step: title })}
          title={t('step.explain', { step: title })}
          aria-expanded={explained}
          onClick={() => setExplained(!explained)}
        >
          <Icon name="explain" />
        </button>
        <StepButton name="up" label={t('step.up', { step: title })} off={index === 0} edit={moveStep(index, -1)} />
        <StepButton name="down" label={t('step.down', { step: title })} off={last} edit={moveStep(index, 1)} />
        <StepButton
          name="close"
          label={t('step.remove', { step: title })}
          off={false}
          edit={removeStep(index)}
          then={() => sayRemoved(step, index)}
        />
      </header>
      {explained && <Explain step={step} />}
      <Params step={step} index={index} names={asked.filter((name) => !isFurther(step, name))} />
      <More step={step} index={index} names={asked.filter((name) => isFurther(step, name))} />
      {imitates(step) && <TeacherChoice />}
      {technique?.calibrates === true && <StepRanges />}
      <Scope step={step} index={index} />
    </li>
  );
}

interface ParamsProps {
  readonly step: Step;
  readonly index: number;
  readonly names: readonly string[];
}

function Params({ step, index, names }: ParamsProps) {
  return (
    <div className="params">
      {names.map((name) => (
        <ParamField key={name} step={step} index={index} name={name} schema={schemaOf(step, name)} />
      ))}
    </div>
  );
}

function More(props: ParamsProps) {
  if (props.names.length === 0) return null;
  return (
    <details className="scope">
      <summary>{t('step.more')}</summary>
      <Params {...props} />
    </details>
  );
}

interface ButtonProps {
  readonly name: 'up' | 'down' | 'close';
  readonly label: string;
  readonly off: boolean;
  readonly edit: Parameters<typeof commitRecipe>[0];
  readonly then?: () => void;
}

function sayRemoved(step: Step, index: number): void {
  toast({
    words: () => t('toast.removed', { step: stepTitle(step) }),
    undo: () => commitRecipe((recipe) => ({ ...recipe, steps: recipe.steps.toSpliced(index, 0, step) })),
  });
}

function StepButton({ name, label, off, edit, then }: ButtonProps) {
  return (
    <button
      type="button"
      className="button icon small"
      aria-label={label}
      title={label}
      disabled={off}
      onClick={() => {
        commitRecipe(edit);
        then?.();
      }}
    >
      <Icon name={name} />
    </button>
  );
}

function Scope({ step, index }: { readonly step: Step; readonly index: number }) {
  const limited = globsOf(step, 'where').length + globsOf(step, 'except').length;
  const own = Object.keys(step.layers ?? {}).length;
  const layers = useSession((state) => state.model?.summary.layers);
  const kinds = [...new Set(layers?.filter((layer) => layer.weights.length > 0).map((layer) => `@${layer.op}`))];
  const summary = [limited === 0 ? t('scope.all') : t('scope.some'), own === 0 ? '' : t('scope.own', { n: own })];
  return (
    <details className="scope">
      <summary>{summary.filter((part) => part !== '').join(' · ')}</summary>
      <Globs step={step} index={index} field="where" />
      <Globs step={step} index={index} field="except" />
      <p className="quiet-text">{t('scope.help', { kinds: kinds.slice(0, 3).join(', ') || '@Dense' })}</p>
    </details>
  );
}

function Globs({ step, index, field }: { readonly step: Step; readonly index: number; readonly field: 'where' | 'except' }) {
  const text = globsOf(step, field).join(', ');
  const commit = (input: HTMLInputElement) => {
    const globs = input.value.split(/[,\s]+/).filter((glob) => glob !== '');
    commitRecipe(setGlobs(index, field, globs));
  };
  return (
    <label className="field">
      <span>{t(`scope.${field}`)}</span>
      <input
        // A new key puts back what undo brings.
        key={text}
        type="text"
        defaultValue={text}
        placeholder={t(`scope.${field}.none`)}
        spellCheck={false}
        autoComplete="off"
        onBlur={(event) => commit(event.currentTarget)}
        onKeyDown={(event) => {
          if (event.key === 'Enter' && !event.ctrlKey && !event.metaKey) commit(event.currentTarget);
        }}
      />
    </label>
  );
}
