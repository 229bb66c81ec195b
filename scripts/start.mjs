/** `npm start`: sample data, a fresh build where sources changed, then the studio on localhost. Never trains. */
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';

const inputs = ['src', 'public', 'scripts', 'index.html', 'vite.config.ts', 'package-lock.json'];
const run = (...words) => {
  const result = spawnSync(process.execPath, words, { stdio: 'inherit' });
  if (result.status !== 0) process.exit(result.status ?? 1);
};

/** The newest change below a path, in ms. */
function newest(path) {
  const stat = statSync(path);
  if (!stat.isDirectory()) return stat.mtimeMs;
  return Math.max(0, ...readdirSync(path).map((name) => newest(join(path, name))));
}

const tsx = 'node_modules/tsx/dist/cli.mjs';
const vite = 'node_modules/vite/bin/vite.js';
run(tsx, 'scripts/prepare-data.ts');
const built = existsSync('dist/index.html') ? statSync('dist/index.html').mtimeMs : 0;
if (inputs.some((path) => newest(path) > built)) run(vite, 'build', '--logLevel', 'warn');
run(vite, 'preview', ...(process.stdout.isTTY && !process.env.CI ? ['--open'] : []), ...process.argv.slice(2));
