/**
 * Completes package-lock.json after `npm install`: npm leaves out the platform packages (optional dependencies such as
 * `@scope/name-darwin-arm64`) that the registry in use does not offer, and `npm ci` then refuses the file everywhere.
 * `node scripts/complete-lockfile.mjs` adds them; with `--check` it only says what is missing and fails.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const path = join(dirname(dirname(fileURLToPath(import.meta.url))), 'package-lock.json');
const lock = JSON.parse(readFileSync(path, 'utf8'));
const platform = /(android|darwin|freebsd|linux|openharmony|win32)-(arm64|arm|x64|ia32|ppc64|riscv64|s390x)(?:-(gnu|musl))?/;

/** Whether the package at `from` finds `name`, as Node looks it up. */
function isLocked(from, name) {
  for (let place = from; ; place = place.slice(0, Math.max(0, place.lastIndexOf('/node_modules/')))) {
    if (lock.packages[`${place === '' ? '' : `${place}/`}node_modules/${name}`]) return true;
    if (place === '') return false;
  }
}

const missing = [];
for (const [from, entry] of Object.entries(lock.packages)) {
  for (const [name, version] of Object.entries(entry.optionalDependencies ?? {})) {
    const [, os, cpu, libc] = platform.exec(name) ?? [];
    if (isLocked(from, name) || os === undefined) continue;
    missing.push(name);
    lock.packages[`node_modules/${name}`] = {
      version,
      cpu: [cpu],
      ...(entry.dev ? { dev: true } : {}),
      ...(libc === undefined ? {} : { libc: [libc === 'gnu' ? 'glibc' : libc] }),
      license: entry.license,
      optional: true,
      os: [os],
    };
  }
}

if (process.argv.includes('--check')) {
  if (missing.length > 0) console.error(`package-lock.json lacks ${missing.join(', ')}: run node scripts/complete-lockfile.mjs`);
  process.exit(missing.length > 0 ? 1 : 0);
}
const sorted = Object.entries(lock.packages).sort(([a], [b]) => (a < b ? -1 : 1));
writeFileSync(path, `${JSON.stringify({ ...lock, packages: Object.fromEntries(sorted) }, null, 2)}\n`);
console.error(`Added ${missing.length} platform packages.`);
