/**
 * `npm test`: everything that must hold, in the order in which it fails fastest. Ends with one line for the whole:
 * `N passed, N failed`. Style, types, dead code and the build count as one check each.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { findBrowser, installBrowser } from './browser.mjs';

const results = '.cache/test-results';
rmSync(results, { recursive: true, force: true });
mkdirSync(results, { recursive: true });
const total = { passed: 0, failed: 0, skipped: 0 };

function run(title, words, env = {}) {
  console.log(`\n▸ ${title}`);
  const started = Date.now();
  const result = spawnSync(process.execPath, words, { stdio: 'inherit', env: { ...process.env, ...env } });
  console.log(`  ${title}: ${result.status === 0 ? 'ok' : 'failed'} in ${Math.round((Date.now() - started) / 1000)} s`);
  return result.status === 0;
}

/** A step that counts as one. */
function check(title, words) {
  const ok = run(title, words);
  total[ok ? 'passed' : 'failed'] += 1;
  return ok;
}

/** A runner that counts its own tests; one that wrote no report counts as one failure. */
function suite(title, words, report, read, env) {
  const ok = run(title, words, env);
  const counts = existsSync(report) ? read(JSON.parse(readFileSync(report, 'utf8'))) : { passed: 0, failed: 0, skipped: 0 };
  if (!ok && counts.failed === 0) counts.failed = 1;
  for (const key of Object.keys(total)) total[key] += counts[key];
}

const bin = (path) => `node_modules/${path}`;
check('Lockfile', ['scripts/complete-lockfile.mjs', '--check']);
check('Style', [bin('@biomejs/biome/bin/biome'), 'ci', '.', '--reporter=summary']);
check('Types', [bin('typescript/bin/tsc'), '-b']);
check('Dead code', [bin('knip/bin/knip.js')]);
const prepared = check('Sample data', [bin('tsx/dist/cli.mjs'), 'scripts/prepare-data.ts']);
suite(
  'Unit tests',
  [bin('vitest/vitest.mjs'), 'run', '--reporter=default', '--reporter=json', `--outputFile.json=${results}/unit.json`],
  `${results}/unit.json`,
  (report) => ({
    passed: report.numPassedTests,
    failed: report.numFailedTests + report.numFailedTestSuites,
    skipped: report.numPendingTests,
  }),
);
const built = prepared && check('Build', [bin('vite/bin/vite.js'), 'build', '--logLevel', 'warn']);
const browser = findBrowser() ?? installBrowser();
if (browser === undefined)
  console.log('\nNo Chrome or Chromium was found. Install one or set CHROMIUM_PATH; the page could not be tested.');
if (built && browser !== undefined) {
  console.log(`\nBrowser: ${browser}`);
  suite(
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
