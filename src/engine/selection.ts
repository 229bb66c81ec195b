/**
 * Which layers a step means: globs over layer names (`*` any run of characters, `/` included; `?` one character), or `@` and a glob
 * over kinds of layers (`@Conv2D`, `@*Conv*`).
 */
import type { Node } from './model/model.ts';

export type Globs = string | readonly string[];

export function globList(globs: Globs | undefined): readonly string[] {
  return typeof globs === 'string' ? [globs] : (globs ?? []);
}

/** Whether a glob names a layer. */
export function globMatches(glob: string, node: Pick<Node, 'name' | 'op'>): boolean {
  const subject = glob.startsWith('@') ? node.op : node.name;
  return patternOf(glob.startsWith('@') ? glob.slice(1) : glob).test(subject);
}

const patterns = new Map<string, RegExp>();

function patternOf(glob: string): RegExp {
  const known = patterns.get(glob);
  if (known !== undefined) return known;
  const escaped = glob
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replace(/\*+/g, '.*')
    .replace(/\?/g, '.');
  const pattern = new RegExp(`^${escaped}$`, 's');
  patterns.set(glob, pattern);
  return pattern;
}
