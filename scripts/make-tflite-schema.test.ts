import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { makeSchema } from './make-tflite-schema.ts';

/** Other versions of flatc write other code. */
function flatcPresent(): boolean {
  try {
    return execFileSync('flatc', ['--version'], { encoding: 'utf8' }).includes('2.0.8');
  } catch {
    return false;
  }
}

it.skipIf(!flatcPresent())('schema.ts is what schema.fbs makes (npx tsx scripts/make-tflite-schema.ts)', () => {
  expect(readFileSync('src/engine/formats/tflite/schema/schema.ts', 'utf8')).toBe(makeSchema());
});
