import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { refreshed } from './readme.ts';

it('the README lists what the registries hold (npx tsx scripts/readme.ts)', () => {
  const readme = readFileSync('README.md', 'utf8');
  expect(readme).toBe(refreshed(readme));
});
