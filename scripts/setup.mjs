/**
 * Installs what is missing and compiles the SIMD kernels, then gets out of the way: runs before `start`, `test`, `dev`, `build`, `bench`
 * and `nutshell`.
 * Plain Node without packages, because it is what brings them. Speaks on stderr only, so that stdout stays the command's own.
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const stamp = join(root, 'node_modules', '.nutshell-setup');
const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);

if (major < 20 || (major === 20 && minor < 19)) {
  console.error(`Nutshell needs Node 20.19 or newer; this is ${process.versions.node}. Install it from nodejs.org.`);
  process.exit(1);
}

const lock = createHash('sha256')
  .update(readFileSync(join(root, 'package-lock.json')))
  .digest('hex');
const installed = existsSync(stamp) && readFileSync(stamp, 'utf8') === lock;

if (!installed) {
  console.error('Installing packages (once) …');
  const result = spawnSync('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd: root,
    stdio: ['ignore', 2, 2],
    shell: process.platform === 'win32',
    env: { ...process.env, PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD: '1', NODE_ENV: 'development' },
  });
  if (result.status !== 0) {
    console.error('The packages could not be installed: see the lines above. Check the network and run the command again.');
    process.exit(1);
  }
  writeFileSync(stamp, lock);
}

const { buildSimd } = await import('./build-simd.mjs');
await buildSimd();
