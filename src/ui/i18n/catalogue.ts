/**
 * The shape of a language: a text for every key of the English catalogue, one or several by number, and words for what the engine
 * says by code. Engine text that has no words here is shown in English and marked so.
 */
import type { en } from './en.ts';

export type Language = 'en' | 'zh';
export type MessageKey = keyof typeof en;

/** A text that depends on the number in its slot `{n}`. */
export interface Plural {
  readonly one: string;
  readonly other: string;
}

/** A missing or an unknown key does not build. */
export type Catalogue = { readonly [Key in MessageKey]: string | Plural };

/** What the engine, or a sample's card, says in English, by its code. */
export interface EngineWords {
  /** Failures: what happened, what to do; `{slots}` are filled from the failure's context. */
  readonly problems: Readonly<Record<string, { readonly title: string; readonly hint: string }>>;
  /** Notes of steps, of reading and of saving. */
  readonly notes: Readonly<Record<string, string>>;
  /** A whole sentence by its English text: causes, notes with their figures, proposals. Undefined where it is not known. */
  sentences(text: string): string | undefined;
  readonly samples: Readonly<Record<string, { readonly title?: string; readonly summary: string; readonly data?: string }>>;
  /** Parts of phrases such as `int4 per channel`, in the order in which they are replaced. */
  readonly phrases: readonly (readonly [english: RegExp, words: string])[];
}
