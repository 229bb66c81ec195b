/** Words of the engine, marked where they are in another language than the page. */
import type { EngineText } from '../i18n/engine-words.ts';

export function EngineLine({ words }: { readonly words: EngineText }) {
  return <span lang={words.foreign}>{words.text}</span>;
}
