/** The language in view. English is part of the page; any other catalogue is loaded when it is chosen, and switched live. */
import { createStore } from 'zustand/vanilla';
import { bind } from '../state/use-store.ts';
import type { Catalogue, EngineWords, Language } from './catalogue.ts';
import { en } from './en.ts';

export interface LanguageState {
  readonly language: Language;
  readonly words: Catalogue;
  /** Null where the engine's own English is the page's language. */
  readonly engine: EngineWords | null;
}

const english: LanguageState = { language: 'en', words: en, engine: null };
/** BCP 47 tags: for `lang`, for Intl. */
const tags: Readonly<Record<Language, string>> = { en: 'en', zh: 'zh-CN' };
const storageKey = 'nutshell/language';

export const languageStore = createStore<LanguageState>()(() => english);
export const useLanguage = bind(languageStore);

/** The tag of the language in view. */
export const languageTag = (): string => tags[languageStore.getState().language];

/** A number format that follows the language in view. */
export function numberFormat(options: Intl.NumberFormatOptions): { format(value: number): string } {
  const made = new Map<string, Intl.NumberFormat>();
  return {
    format(value) {
      const tag = languageTag();
      const format = made.get(tag) ?? new Intl.NumberFormat(tag, options);
      made.set(tag, format);
      return format.format(value);
    },
  };
}

/** Switches the page to a language and remembers it. */
export async function chooseLanguage(language: Language): Promise<void> {
  if (language === 'en') languageStore.setState(english);
  else {
    const { zh, zhEngine } = await import('./zh.ts');
    languageStore.setState({ language, words: zh, engine: zhEngine });
  }
  document.documentElement.lang = languageTag();
  try {
    localStorage.setItem(storageKey, language);
  } catch {
    // A private window may refuse storage; the language then lasts for this visit.
  }
}

/** The language of the last visit, else the first of the browser's that is spoken here. */
function preferredLanguage(): Language {
  try {
    const kept = localStorage.getItem(storageKey);
    if (kept === 'en' || kept === 'zh') return kept;
  } catch {
    // As above.
  }
  const first = navigator.languages.map((tag) => tag.slice(0, 2).toLowerCase()).find((tag) => tag === 'en' || tag === 'zh');
  return first === 'zh' ? 'zh' : 'en';
}

/** Puts the page into the visitor's language before it is painted; English stays where the catalogue can't be loaded. */
export async function startLanguage(): Promise<void> {
  const language = preferredLanguage();
  if (language !== 'en') await chooseLanguage(language).catch(() => undefined);
}
