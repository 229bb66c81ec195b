/** A technique as plain JSON: what a form, a page of documentation or another process needs to know of it, without its code. */
import * as v from 'valibot';
import { type Control, controlOf } from './params.ts';
import type { Technique } from './technique.ts';

export interface ParamDescription {
  readonly name: string;
  readonly control: Control;
  /** The value where a recipe says none. */
  readonly fallback: number | string | boolean;
}

export interface TechniqueDescription extends Pick<Technique, 'id' | 'title' | 'summary' | 'phase' | 'trains' | 'calibrates'> {
  /** In the order of the schema; the first slider is the parameter that matters most. */
  readonly params: readonly ParamDescription[];
}

/** Derives the description from the technique's own record; parameters without a control are left out. */
export function describeTechnique({ id, title, summary, phase, trains, calibrates, params }: Technique): TechniqueDescription {
  const described = Object.entries(params.entries).flatMap(([name, entry]): ParamDescription[] => {
    const schema = entry as v.GenericSchema;
    const control = controlOf(schema);
    const fallback = v.getDefault(schema as never) as ParamDescription['fallback'];
    return control === undefined ? [] : [{ name, control, fallback }];
  });
  return { id, title, summary, phase, ...(trains ? { trains } : {}), ...(calibrates ? { calibrates } : {}), params: described };
}
