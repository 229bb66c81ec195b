/**
 * Compiles the SIMD kernels (AssemblyScript) to WASM, once with fused multiply-add (relaxed SIMD) and once without, into a folder that git
 * ignores. Does nothing where sources and compiler are those of the last build. Plain Node, so that set-up, Vite and Vitest can call it.
 */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../', import.meta.url));
const source = 'src/engine/runtime/simd/assembly';
const target = 'src/engine/runtime/simd/build';
const stamp = join(root, target, 'stamp');

/** Shared memory of up to 4 GiB, imported as `env.memory`; it works unshared-style on one thread where a page isn't isolated. */
const options = [
  '-O3',
  '--noAssert',
  '--runtime',
  'stub',
  '--importMemory',
  '--sharedMemory',
  '--initialMemory',
  '1',
  '--maximumMemory',
  '65536',
];
const builds = { plain: 'simd,threads', relaxed: 'simd,relaxed-simd,threads' };

function fingerprint() {
  const hash = createHash('sha256').update(readFileSync(fileURLToPath(import.meta.url)));
  hash.update(readFileSync(join(root, 'node_modules/assemblyscript/package.json')));
  for (const name of readdirSync(join(root, source)).sort()) hash.update(name).update(readFileSync(join(root, source, name)));
  return hash.digest('hex');
}

/** Builds what is out of date; throws with the compiler's words where a kernel doesn't compile. */
export async function buildSimd() {
  const current = fingerprint();
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === current) return;
  const { default: asc } = await import('assemblyscript/asc');
  mkdirSync(join(root, target), { recursive: true });
  for (const [name, features] of Object.entries(builds)) {
    const file = `${target}/${name}.wasm`;
    // Written aside and renamed, so that nobody reads half a file.
    const partial = `${file}.${process.pid}`;
    const words = [`${source}/index.ts`, ...options, '--enable', features, '--outFile', partial];
    const { error, stderr } = await asc.main(words, { baseDir: root });
    if (error) throw new Error(`The SIMD kernels do not compile: ${error.message}\n${stderr.toString()}`);
    renameSync(join(root, partial), join(root, file));
  }
  writeFileSync(stamp, current);
}

/** Vitest calls this before the first test. */
export async function setup() {
  await buildSimd();
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await buildSimd();
