/**
 * Parameters of techniques as valibot schemas that also say how to draw them: default, range, unit and control live in the
 * schema's metadata, so that the form, the recipe check, the command line and the docs all derive from one record.
 * Titles and help are in the catalogue of the interface; `title` here is the English fallback used by the command line.
 */
import * as v from 'valibot';

/** `more` marks what few people change: forms keep it behind a fold. */
export type Control = { readonly more?: boolean } & (
  | {
      readonly control: 'slider';
      readonly title: string;
      readonly min: number;
      readonly max: number;
      readonly step: number;
      readonly unit: string;
      readonly values?: readonly number[];
    }
  | { readonly control: 'choice'; readonly title: string; readonly options: readonly string[] }
  | { readonly control: 'switch'; readonly title: string }
  | { readonly control: 'text'; readonly title: string }
);

/** The metadata key under which a Control is kept. */
export const controlKey = 'control';

const described = <T>(control: Control) => v.metadata<T, Record<string, Control>>({ [controlKey]: control });

/** A whole number in [min, max], or one of `values` where given. */
export function integerParam(options: {
  title: string;
  fallback: number;
  min: number;
  max: number;
  unit?: string;
  values?: readonly number[];
  more?: boolean;
}) {
  const { title, fallback, min, max, unit = '', values, more = false } = options;
  const allowed = v.check<number, string>(
    (n) => values === undefined || values.includes(n),
    `must be one of ${values?.join(', ')}`,
  );
  const control: Control = { control: 'slider', title, min, max, step: 1, unit, more, ...(values ? { values } : {}) };
  return v.optional(v.pipe(v.number(), v.integer(), v.minValue(min), v.maxValue(max), allowed, described(control)), fallback);
}

/** A real number in [min, max]. */
export function numberParam(options: {
  title: string;
  fallback: number;
  min: number;
  max: number;
  step: number;
  unit?: string;
  more?: boolean;
}) {
  const { title, fallback, min, max, step, unit = '', more = false } = options;
  return v.optional(
    v.pipe(v.number(), v.minValue(min), v.maxValue(max), described({ control: 'slider', title, min, max, step, unit, more })),
    fallback,
  );
}

/** One of a few words. */
export function choiceParam<const T extends readonly [string, ...string[]]>(options: {
  title: string;
  fallback: T[number];
  options: T;
  more?: boolean;
}) {
  const { title, fallback, options: words, more = false } = options;
  return v.optional(
    v.pipe(v.picklist(words), described<T[number]>({ control: 'choice', title, options: words, more })),
    fallback,
  );
}

/** Yes or no. */
export function switchParam({ title, fallback, more = false }: { title: string; fallback: boolean; more?: boolean }) {
  return v.optional(v.pipe(v.boolean(), described({ control: 'switch', title, more })), fallback);
}

/** A line of text, empty where nothing is said; what it may say is up to the technique. */
export function textParam({ title, more = false }: { title: string; more?: boolean }) {
  return v.optional(v.pipe(v.string(), v.maxLength(1000), described({ control: 'text', title, more })), '');
}

export type ParamSchema = v.StrictObjectSchema<v.ObjectEntries, undefined>;

/** How a parameter is drawn; undefined where the schema carries no control. */
export function controlOf(schema: v.GenericSchema): Control | undefined {
  const inner = 'wrapped' in schema ? (schema.wrapped as v.GenericSchema) : schema;
  return (v.getMetadata(inner as never) as Record<string, unknown>)[controlKey] as Control | undefined;
}
