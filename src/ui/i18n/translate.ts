/**
 * Words for the page: every text is a key of one catalogue, and the values a text needs are read off its `{slots}` by the
 * compiler, so that a missing key or a missing value does not build. Numbers are written as the language in view writes them.
 */
import type { MessageKey, Plural } from './catalogue.ts';
import type { en } from './en.ts';
import { languageStore, languageTag, numberFormat } from './language.ts';

export type Slots<Text> = Text extends Plural
  ? Slots<Text['one' | 'other']>
  : Text extends `${string}{${infer Name}}${infer Rest}`
    ? Name | Slots<Rest>
    : never;

/** A text with several forms is chosen by the number in `{n}`, which then must be a number. */
type Counted<Text> = Text extends Plural ? { readonly n: number } : unknown;

/** What has to be given with a text: nothing, or a value for each of its slots. */
export type Values<Text> = [Slots<Text>] extends [never]
  ? []
  : [values: Readonly<Record<Slots<Text>, string | number>> & Counted<Text>];

/** A key whose text needs no values. */
export type PlainKey = { [Key in MessageKey]: [Slots<(typeof en)[Key]>] extends [never] ? Key : never }[MessageKey];

export type SlotValues = Readonly<Record<string, string | number>>;

const plain = numberFormat({ maximumFractionDigits: 3 });

/** The text of a key in the language in view, its `{slots}` filled. */
export function t<Key extends MessageKey>(key: Key, ...[values]: Values<(typeof en)[Key]>): string {
  return fill(languageStore.getState().words[key], values as SlotValues | undefined);
}

/** Chooses the form of a text and fills its slots; a slot without a value stays as it stands. */
export function fill(text: string | Plural, values: SlotValues = {}): string {
  const form = typeof text === 'string' ? text : text[formOf(values.n)];
  return form.replace(/\{(\w+)\}/g, (slot, name: string) => {
    const value = values[name];
    return value === undefined ? slot : typeof value === 'number' ? plain.format(value) : value;
  });
}

const formOf = (n: string | number | undefined): keyof Plural =>
  new Intl.PluralRules(languageTag()).select(Number(n)) === 'one' ? 'one' : 'other';

/** The text of a key that is put together at run time, or `fallback` where the catalogue has none. */
export function tOr(key: string, fallback: string): string {
  const { words } = languageStore.getState();
  return key in words ? fill(words[key as MessageKey]) : fallback;
}
