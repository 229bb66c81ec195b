/**
 * Text that comes from the engine, in the language in view where its code is known there. What stays English says so, for screen
 * readers and fonts: `foreign` is the value of a `lang` attribute.
 */
import type { StudioErrorFields } from '../../engine/errors.ts';
import type { Measured, Paired } from '../../engine/report.ts';
import type { MessageKey } from './catalogue.ts';
import { languageStore } from './language.ts';
import * as numbers from './numbers.ts';
import { fill, t } from './translate.ts';

export interface EngineText {
  readonly text: string;
  /** `en` where the page is in another language and this text is not. */
  readonly foreign: 'en' | undefined;
}

type Sentence = 'title' | 'detail' | 'hint';

/** Failures that arise in the page: their sentences are texts of the catalogue, filled from the failure's context. */
const pageProblems: Readonly<Record<string, Readonly<Partial<Record<Sentence, MessageKey>>>>> = {
  KEEP_FULL: { title: 'keep.full', hint: 'keep.full.hint' },
  KEEP_LOST: { title: 'keep.lost', hint: 'keep.lost.hint' },
  KEEP_NEWER: { title: 'keep.newer', hint: 'keep.newer.hint' },
  KEEP_REFUSED: { title: 'keep.refused', hint: 'keep.refused.hint' },
  LABELS_ALONE: { title: 'data.labels-alone', hint: 'data.labels-alone.hint' },
  LINK_DAMAGED: { title: 'link.bad', detail: 'link.bad.damaged', hint: 'link.bad.hint' },
  LINK_RECIPE: { title: 'link.bad', hint: 'link.bad.hint' },
  LINK_SAMPLE: { title: 'link.sample', detail: 'link.sample.detail', hint: 'link.sample.hint' },
  LINK_VERSION: { title: 'link.bad', detail: 'link.bad.version', hint: 'link.bad.hint' },
  UNEXPECTED: { title: 'problem.unexpected', hint: 'problem.unexpected.hint' },
  SAMPLE_MISSING: { title: 'sample.missing', detail: 'sample.missing.detail', hint: 'sample.missing.hint' },
  PICTURE_UNREADABLE: { title: 'try.picture.unreadable', hint: 'try.picture.unreadable.hint' },
  CAMERA_REFUSED: { title: 'try.camera.refused', hint: 'try.camera.refused.hint' },
};

/** A failure that arose in the page, by a code that has its words here; `detail` where the cause is no text of the page. */
export function pageProblem(code: string, context: StudioErrorFields['context'] = {}, detail = ''): StudioErrorFields {
  const { words } = languageStore.getState();
  const say = (sentence: Sentence) => {
    const key = pageProblems[code]?.[sentence];
    return key === undefined ? '' : fill(words[key], plainValues(context));
  };
  return { code, title: say('title'), detail: detail || say('detail'), hint: say('hint'), context };
}

const own = (text: string): EngineText => ({ text, foreign: undefined });

/** A sentence of the engine: by its text where its words are known, else in English. */
export function engineText(text: string): EngineText {
  const known = languageStore.getState().engine?.sentences(text);
  return known === undefined ? englishText(text) : own(known);
}

const englishText = (text: string): EngineText => ({
  text,
  foreign: languageStore.getState().language === 'en' ? undefined : 'en',
});

/** A note of a step, of reading or of saving: with its figures where they are known, else what its code says. */
export function noteText(note: { readonly code: string; readonly text: string }): EngineText {
  const { engine } = languageStore.getState();
  const known = engine?.sentences(note.text) ?? engine?.notes[note.code];
  return known === undefined ? englishText(note.text) : own(known);
}

/** One sentence of a failure: by its code, what to do by its own words where they are known. Causes that quote a damaged file stay English. */
export function problemText(problem: StudioErrorFields, sentence: Sentence): EngineText {
  const { words, engine } = languageStore.getState();
  const key = pageProblems[problem.code]?.[sentence];
  if (key !== undefined) return own(fill(words[key], plainValues(problem.context)));
  const exact = sentence === 'title' ? undefined : engine?.sentences(problem[sentence]);
  if (exact !== undefined) return own(exact);
  const known = sentence !== 'detail' && engine?.problems[problem.code]?.[sentence];
  return known ? own(fill(known, plainValues(problem.context))) : englishText(problem[sentence]);
}

function plainValues(context: Readonly<Record<string, unknown>> = {}): Record<string, string | number> {
  const isPlain = (entry: [string, unknown]): entry is [string, string | number] =>
    typeof entry[1] === 'string' || typeof entry[1] === 'number';
  return Object.fromEntries(Object.entries(context).filter(isPlain));
}

/** True for a difference in points whose interval leaves zero out: it is sure, however small. */
export const isSure = ({ interval, unit }: Measured): boolean =>
  unit === 'points' && interval !== undefined && (interval[0] > 0 || interval[1] < 0);

/** The sentence behind a verdict: the engine's own in English, else put together from its figures. */
export function verdictSentence({ verdict, text, difference, pValue }: Paired): string {
  if (languageStore.getState().language === 'en') return text;
  const { interval, n } = difference;
  const parts = [
    t(`verdict.said.${verdict === 'none' && isSure(difference) ? 'small' : verdict}`),
    numbers.difference(difference),
    interval === undefined ? '' : t('verdict.interval', { interval: numbers.differenceInterval(difference) }),
    n === undefined ? '' : t('verdict.samples', { n }),
    pValue === undefined ? '' : t('verdict.p', { p: pValue < 0.001 ? pValue.toExponential(1) : pValue.toFixed(3) }),
  ];
  return parts.filter((part) => part !== '').join(t('list.separator'));
}

/** How a kernel is stored: `int4 per channel`. */
export function storedWords(stored: string): string {
  const phrases = languageStore.getState().engine?.phrases ?? [];
  return phrases.reduce((text, [english, words]) => text.replace(english, words), stored);
}

/** What the data of a sample is called. */
export const sampleDataName = (sample: string | undefined, name: string): string =>
  languageStore.getState().engine?.samples[sample ?? '']?.data ?? name;

/** The title and the summary of a sample. */
export function sampleWords(card: { readonly id: string; readonly title: string; readonly summary: string }) {
  const known = languageStore.getState().engine?.samples[card.id];
  return { title: known?.title ?? card.title, summary: known?.summary ?? card.summary };
}
