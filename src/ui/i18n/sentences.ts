/**
 * Translates whole sentences by their English text: a template such as `It takes {known}.` is a pattern whose slots stand for anything,
 * and what fills them is translated where it is a sentence or a phrase of the list itself. Paragraphs go sentence by sentence.
 */
export type Sentences = Readonly<Record<string, string>>;

interface Pattern {
  readonly match: RegExp;
  readonly names: readonly string[];
  readonly words: string;
}

const slot = /\{(\w+)\}/g;
const escaped = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');

function patternOf([english, words]: readonly [string, string]): Pattern {
  const names = Array.from(english.matchAll(slot), ([, name = '']) => name);
  const literal = english.split(/\{\w+\}/).map(escaped);
  return { match: new RegExp(`^${literal.join('(.+?)')}$`, 's'), names, words };
}

const literalLength = (english: string): number => english.replace(slot, '').length;

/** A function that gives a text in the language of `sentences`, or undefined where they do not have it. */
export function translator(sentences: Sentences): (text: string) => string | undefined {
  // The more a template says itself, the less it leaves to its slots.
  let patterns: readonly Pattern[] | undefined;
  const ordered = () => Object.entries(sentences).sort(([a], [b]) => literalLength(b) - literalLength(a));
  const known = new Map<string, string | undefined>();

  function whole(text: string): string | undefined {
    patterns ??= ordered().map(patternOf);
    for (const { match, names, words } of patterns) {
      const found = match.exec(text);
      if (found === null) continue;
      const values = new Map(names.map((name, at) => [name, translate(found[at + 1] ?? '')]));
      return words.replace(slot, (_, name: string) => values.get(name) ?? '');
    }
    return undefined;
  }

  /** Sentence by sentence, all or nothing. */
  function paragraph(text: string): string | undefined {
    const parts = text.split(/(?<=[.!?]) (?=[A-Z"])/);
    const said = parts.length < 2 ? [] : parts.map(whole);
    return said.length > 0 && said.every((part) => part !== undefined) ? said.join('') : undefined;
  }

  const translate = (text: string): string => lookUp(text) ?? text;

  function lookUp(text: string): string | undefined {
    if (!known.has(text)) known.set(text, paragraph(text) ?? whole(text));
    return known.get(text);
  }
  return lookUp;
}
