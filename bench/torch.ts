/**
 * PyTorch as Debian has it, in processes that stay: with the reference BLAS it is installed with, and with OpenBLAS in its place. Installs
 * `python3-torch`, `libblas3` and `libopenblas0-pthread` by apt where they are missing and may be had; else says so, and the comparison is left out.
 */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

export type Blas = 'reference' | 'openblas';

export interface TorchRequest {
  readonly job: 'train' | 'infer';
  readonly net: string;
  readonly batch: number;
  readonly milliseconds: number;
}

export interface Torch {
  /** Milliseconds of the fastest step, on one or two threads, whichever is faster. */
  time(request: TorchRequest): Promise<number>;
  close(): void;
}

const python = '/usr/bin/python3';

function installed(): boolean {
  return (
    spawnSync(python, ['-c', 'import torch'], { stdio: 'ignore' }).status === 0 &&
    (['reference', 'openblas'] as const).every(folderOf)
  );
}

/** Where a BLAS lies; Debian keeps both beside each other. */
function folderOf(blas: Blas): string | undefined {
  const folder = blas === 'reference' ? 'blas' : 'openblas-pthread';
  const libraries = '/usr/lib';
  if (!existsSync(libraries)) return undefined;
  return readdirSync(libraries)
    .map((name) => join(libraries, name, folder))
    .find((path) => existsSync(join(path, 'libblas.so.3')));
}

function install(): void {
  if (process.platform !== 'linux' || spawnSync('apt-get', ['--version']).status !== 0) return;
  console.error('Installing python3-torch, libblas3 and libopenblas0-pthread with apt-get …');
  const sudo = process.getuid?.() === 0 ? [] : ['sudo'];
  const apt = (...words: string[]) => {
    const [command = 'apt-get', ...rest] = [...sudo, 'apt-get', ...words];
    spawnSync(command, rest, { stdio: ['inherit', 2, 2], env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' } });
  };
  apt('update', '-q');
  apt('install', '-y', '-q', '--no-install-recommends', 'python3-torch', 'libblas3', 'libopenblas0-pthread');
}

/** PyTorch over a BLAS; undefined, having said so, where there is none. */
export function openTorch(blas: Blas): Torch | undefined {
  if (!installed()) install();
  const folder = folderOf(blas);
  if (!installed() || folder === undefined) {
    console.error('PyTorch (python3-torch, libblas3, libopenblas0-pthread) is not there: the comparison with it is left out.');
    return undefined;
  }
  const { OPENBLAS_CORETYPE: _, ...environment } = process.env;
  const env = { ...environment, LD_LIBRARY_PATH: folder };
  const child = spawn(python, [join(import.meta.dirname, 'pytorch.py')], { stdio: ['pipe', 'pipe', 'inherit'], env });
  return talkTo(child);
}

function talkTo(child: ChildProcess): Torch {
  if (child.stdin === null || child.stdout === null) throw new Error('PyTorch has no pipes.');
  const { stdin } = child;
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const ask = async (request: object): Promise<number> => {
    stdin.write(`${JSON.stringify(request)}\n`);
    const { value, done } = await lines.next();
    if (done) throw new Error('PyTorch ended before it answered.');
    return Number(value);
  };
  return {
    async time(request) {
      const milliseconds = request.milliseconds / 2;
      const one = await ask({ ...request, milliseconds, threads: 1 });
      return Math.min(one, await ask({ ...request, milliseconds, threads: 2 }));
    },
    close: () => void child.kill(),
  };
}
