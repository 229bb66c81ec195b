/**
 * The parts of the README that derive from the registries: formats, layers, techniques, data. `npx tsx scripts/readme.ts` writes them
 * between their markers; the unit test beside it fails when they are stale.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { dataFormats } from '../src/engine/data/index.ts';
import { formats } from '../src/engine/formats/index.ts';
import { allOps } from '../src/engine/model/ops/index.ts';
import { controlOf } from '../src/engine/params.ts';
import { allTechniques } from '../src/engine/techniques/index.ts';

const list = (words: readonly string[]): string => words.map((word) => `\`${word}\``).join(' ');

const table = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');

function parameters(entries: (typeof allTechniques)[number]['params']['entries']): string {
  return Object.entries(entries)
    .map(([name, schema]) => {
      const control = controlOf(schema as never);
      const fallback = 'default' in schema && schema.default !== '' ? ` = ${String(schema.default)}` : '';
      // What few people change is named with its default alone.
      if (control?.more) return `\`${name}${fallback}\``;
      const range = control?.control === 'slider' ? ` (${control.values?.join(', ') ?? `${control.min}–${control.max}`})` : '';
      const words = control?.control === 'choice' ? ` (${control.options.join(', ')})` : '';
      return `\`${name}${fallback}\`${range}${words}`;
    })
    .join(' · ');
}

/** Markers to the text that belongs between them. */
export const sections: Readonly<Record<string, () => string>> = {
  formats: () =>
    table(
      ['Format', 'Files', 'Opens', 'Saves'],
      formats.map(({ title, extensions, write }) => [title, list(extensions), 'yes', write === undefined ? '' : 'yes']),
    ),
  layers: () => list(allOps.map(({ kind }) => kind)),
  techniques: () =>
    table(
      ['Technique', 'What it does', 'Parameters'],
      allTechniques.map(({ id, summary, params }) => [`\`${id}\``, summary, parameters(params.entries)]),
    ),
  data: () =>
    table(
      ['Data', 'Files'],
      dataFormats.map(({ title, extensions }) => [title, list(extensions)]),
    ),
};

/** The README with every section made anew. */
export function refreshed(readme: string): string {
  let text = readme;
  for (const [name, make] of Object.entries(sections)) {
    const [start, end] = [`<!-- ${name} -->`, `<!-- /${name} -->`];
    const [from, to] = [text.indexOf(start), text.indexOf(end)];
    if (from < 0 || to < from) throw new Error(`The README has no place for "${name}": ${start} … ${end}.`);
    text = `${text.slice(0, from + start.length)}\n${make()}\n${text.slice(to)}`;
  }
  return text;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  writeFileSync('README.md', refreshed(readFileSync('README.md', 'utf8')));
}
