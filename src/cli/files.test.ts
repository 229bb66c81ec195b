import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { readJson, sourceFiles, writeFiles } from './files.ts';

let folder = '';

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'nutshell-files-'));
  await mkdir(join(folder, 'set', 'b'), { recursive: true });
  await writeFile(join(folder, 'set', 'b', '1.png'), 'one');
  await writeFile(join(folder, 'set', 'a.csv'), 'a,b');
  await writeFile(join(folder, 'set', '.hidden'), 'x');
});

afterAll(() => rm(folder, { recursive: true }));

it('walks folders in order of name, under paths that start with the folder', async () => {
  const files = await sourceFiles([join(folder, 'set'), join(folder, 'set', 'a.csv')]);
  expect(files.map((file) => [file.path, file.size])).toEqual([
    ['set/a.csv', 3],
    ['set/b/1.png', 3],
    ['a.csv', 3],
  ]);
  expect(new TextDecoder().decode(await files[1]?.bytes())).toBe('one');
});

it('names a path that is not there', async () => {
  await expect(sourceFiles([join(folder, 'none')])).rejects.toMatchObject({
    code: 'CLI_FILE',
    title: expect.stringContaining('none'),
  });
});

it('writes files and says their sizes', async () => {
  const out = join(folder, 'new', 'out');
  const written = await writeFiles(out, [{ path: 'x/y.bin', bytes: Uint8Array.of(1, 2, 3) }]);
  expect(written).toEqual([{ path: join(out, 'x/y.bin'), bytes: 3 }]);
  expect([...(await readFile(join(out, 'x/y.bin')))]).toEqual([1, 2, 3]);
});

it('says why a recipe is no JSON', async () => {
  await expect(readJson(join(folder, 'set', 'a.csv'))).rejects.toMatchObject({ code: 'CLI_JSON' });
});
