/**
 * The words of a part that is loaded when it is first looked at: both languages side by side, so that the page's first load carries
 * neither. A key that one of them lacks does not build; `{slots}` and plurals work as in the page's own catalogue.
 */
import type { Language, Plural } from './catalogue.ts';
import { languageStore } from './language.ts';
import { fill, type Slots, type SlotValues, type Values } from './translate.ts';

type Words = Readonly<Record<string, string | Plural>>;

/** A Chinese text with a slot that the English one has not got does not build. */
type SlotsOf<English, Chinese extends { readonly [Key in keyof English]: unknown }> = {
  readonly [Key in keyof English]: [Slots<Chinese[Key]>] extends [Slots<English[Key]>] ? unknown : never;
};

/** Gives the function that says a part's texts in the language in view. */
export function areaWords<
  const English extends Words,
  const Chinese extends { readonly [Key in keyof English]: string | Plural },
>(
  english: English,
  chinese: Chinese & SlotsOf<English, Chinese>,
): <Key extends keyof English & string>(key: Key, ...[values]: Values<English[Key]>) => string {
  const spoken: Readonly<Record<Language, { readonly [Key in keyof English]: string | Plural }>> = { en: english, zh: chinese };
  return (key, ...[values]) => fill(spoken[languageStore.getState().language][key], values as SlotValues | undefined);
}
