/**
 * Words for the page: every text is a key of one catalogue, and the values a text needs are read off its `{slots}` by the
 * compiler, so that a missing key or a missing value does not build.
 */
import { en } from './en.ts';

export type MessageKey = keyof typeof en;

type Slots<Text> = Text extends `${string}{${infer Name}}${infer Rest}` ? Name | Slots<Rest> : never;
type Values<Key extends MessageKey> = [Slots<(typeof en)[Key]>] extends [never]
  ? []
  : [values: Readonly<Record<Slots<(typeof en)[Key]>, string | number>>];

/** A key whose text needs no values. */
export type PlainKey = { [Key in MessageKey]: [Slots<(typeof en)[Key]>] extends [never] ? Key : never }[MessageKey];

/** The text of a key, its `{slots}` filled. */
export function t<Key extends MessageKey>(key: Key, ...[values]: Values<Key>): string {
  const text: string = en[key];
  if (values === undefined) return text;
  return text.replace(/\{(\w+)\}/g, (slot, name: string) =>
    String((values as Readonly<Record<string, string | number>>)[name] ?? slot),
  );
}

/** The text of a key that is put together at run time, or `fallback` where the catalogue has none. */
export function tOr(key: string, fallback: string): string {
  return key in en ? (en[key as MessageKey] as string) : fallback;
}
