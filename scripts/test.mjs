/**
 * `npm test`: everything that must hold, in the order in which it fails fastest. Ends with one line for the whole:
 * `N passed, N failed`. Style, types, dead code and the build count as one check each, and are made side by side.
 */
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { text } from 'node:stream/consumers';
import { findBrowser, installBrowser } from './browser.mjs';

const results = '.cache/test-results';
rmSync(results, { recursive: true, force: true });
mkdirSync(results, { recursive: true });
const total = { passed: 0, failed: 0, skipped: 0 };

/** Whether a command ends well. Its words come as it says them, or, where others say theirs meanwhile, all at its end. */
async function run(title, words, { together = false, env = {} } = {}) {
  if (!together) console.log(`\n▸ ${title}`);
  const started = Date.now();
  const child = spawn(process.execPath, words, {
    stdio: ['ignore', together ? 'pipe' : 'inherit', together ? 'pipe' : 'inherit'],
    env: { ...process.env, ...env },
  });
  const ended = new Promise((resolve) => {
    child.on('error', () => resolve(false));
    child.on('close', (status) => resolve(status === 0));
  });
  const said = together ? (await Promise.all([text(child.stdout), text(child.stderr)])).join('').trimEnd() : '';
  const ok = await ended;
  if (together) console.log(`\n▸ ${title}${said && '\n'}${said}`);
  console.log(`  ${title}: ${ok ? 'ok' : 'failed'} in ${Math.round((Date.now() - started) / 1000)} s`);
  return ok;
}

/** A step that counts as one. */
async function check(title, words) {
  const ok = await run(title, words, { together: true });
  total[ok ? 'passed' : 'failed'] += 1;
  return ok;
}

/** A runner that counts its own tests; one that wrote no report counts as one failure. */
async function suite(title, words, report, read, env) {
  const ok = await run(title, words, { env });
  const counts = existsSync(report) ? read(JSON.parse(readFileSync(report, 'utf8'))) : { passed: 0, failed: 0, skipped: 0 };
  if (!ok && counts.failed === 0) counts.failed = 1;
  for (const key of Object.keys(total)) total[key] += counts[key];
}

const bin = (path) => `node_modules/${path}`;
const [built] = await Promise.all([
  check('Sample data', [bin('tsx/dist/cli.mjs'), 'scripts/prepare-data.ts']).then(
    (prepared) => prepared && check('Build', [bin('vite/bin/vite.js'), 'build', '--logLevel', 'warn']),
  ),
  check('Types', [bin('typescript/bin/tsc'), '-b']),
  check('Lockfile', ['scripts/complete-lockfile.mjs', '--check']),
  check('Style', [bin('@biomejs/biome/bin/biome'), 'ci', '.', '--reporter=summary']),
  check('Dead code', [bin('knip/bin/knip.js')]),
]);
await suite(
  'Unit tests',
  [bin('vitest/vitest.mjs'), 'run', '--reporter=default', '--reporter=json', `--outputFile.json=${results}/unit.json`],
  `${results}/unit.json`,
  (report) => ({
    passed: report.numPassedTests,
    failed: report.numFailedTests + report.numFailedTestSuites,
    skipped: report.numPendingTests,
  }),
);
const browser = findBrowser() ?? installBrowser();
if (browser === undefined)
  console.log('\nNo Chrome or Chromium was found. Install one or set CHROMIUM_PATH; the page could not be tested.');
if (built && browser !== undefined) {
  console.log(`\nBrowser: ${browser}`);
  await suite(
    'Page tests',
    [bin('@playwright/test/cli.js'), 'test'],
    `${results}/page.json`,
    ({ stats }) => ({ passed: stats.expected + stats.flaky, failed: stats.unexpected, skipped: stats.skipped }),
    { CHROMIUM_PATH: browser, PLAYWRIGHT_JSON_OUTPUT_FILE: `${results}/page.json` },
  );
} else {
  total.failed += 1;
}

const skipped = total.skipped > 0 ? `, ${total.skipped} skipped` : '';
console.log(`\n${total.passed} passed, ${total.failed} failed${skipped}`);
process.exit(total.failed === 0 ? 0 : 1);
