/** Files of the command line: folders are walked in order of name, bytes are read only when a reader asks. */
import { mkdir, open, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { basename, dirname, join, relative, sep } from 'node:path';
import { type OutputFile, type SourceFile, StudioError } from '../engine/index.ts';

/** Every file under the given paths; a folder's files carry paths that start with the folder's own name. */
export async function sourceFiles(paths: readonly string[]): Promise<SourceFile[]> {
  const found = await Promise.all(paths.map(async (path) => filesAt(path, path)));
  return found.flat();
}

async function filesAt(path: string, root: string): Promise<SourceFile[]> {
  const info = await stat(path).catch((cause: unknown) => {
    throw missing(path, cause);
  });
  if (!info.isDirectory()) return [sourceFile(path, root, info.size)];
  const names = (await readdir(path)).filter((name) => !name.startsWith('.')).sort();
  const nested = await Promise.all(names.map(async (name) => filesAt(join(path, name), root)));
  return nested.flat();
}

function sourceFile(path: string, root: string, size: number): SourceFile {
  const name = path === root ? basename(path) : join(basename(root), relative(root, path));
  return {
    path: name.split(sep).join('/'),
    size,
    bytes: async () => new Uint8Array(await readFile(path)),
    slice: (start, end) => readRange(path, start, end),
  };
}

async function readRange(path: string, start: number, end: number): Promise<Uint8Array<ArrayBuffer>> {
  const handle = await open(path);
  try {
    const bytes = new Uint8Array(Math.max(0, end - start));
    const { bytesRead } = await handle.read(bytes, 0, bytes.length, start);
    return bytes.subarray(0, bytesRead);
  } finally {
    await handle.close();
  }
}

/** Writes files under a folder, which is made where it is missing; returns what was written. */
export async function writeFiles(folder: string, files: readonly OutputFile[]): Promise<{ path: string; bytes: number }[]> {
  const written: { path: string; bytes: number }[] = [];
  for (const file of files) {
    const path = join(folder, file.path);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, file.bytes);
    written.push({ path, bytes: file.bytes.byteLength });
  }
  return written;
}

/** The JSON in a file. Throws CLI_FILE or CLI_JSON. */
export async function readJson(path: string): Promise<unknown> {
  const text = await readFile(path, 'utf8').catch((cause: unknown) => {
    throw missing(path, cause);
  });
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new StudioError(
      {
        code: 'CLI_JSON',
        title: `"${path}" is not JSON.`,
        detail: cause instanceof Error ? cause.message : String(cause),
        hint: 'A recipe is a JSON file such as {"recipe": 1, "steps": [{"use": "quantize/affine", "bits": 8}]}.',
        context: { path },
      },
      cause,
    );
  }
}

function missing(path: string, cause: unknown): StudioError {
  return new StudioError(
    {
      code: 'CLI_FILE',
      title: `"${path}" can not be read.`,
      detail: cause instanceof Error ? cause.message : String(cause),
      hint: 'Check the path and its permissions.',
      context: { path },
    },
    cause,
  );
}
