/** The external corpus: real models and data outside of the project, in STUDIO_FIXTURES or beside it. Tests skip where it is missing. */
import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { SourceFile } from '../src/engine/format.ts';
import { sourceFile } from '../src/engine/formats/files.ts';

/** Where the corpus is expected. */
export const corpusRoot = process.env.STUDIO_FIXTURES ?? resolve(import.meta.dirname, '../../shared/fixtures');

/** False where the corpus is not on this machine. */
export const fixturesPresent = existsSync(resolve(corpusRoot, 'README.md'));

/** Files of the corpus by their paths in it. */
export function fixtures(...paths: string[]): SourceFile[] {
  return paths.map((path) => sourceFile(path, new Uint8Array(readFileSync(resolve(corpusRoot, path)))));
}
