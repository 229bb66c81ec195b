/** Page tests against the built studio, served as `npm start` serves it, in an installed Chromium. */
import { defineConfig } from '@playwright/test';
import { findBrowser } from './scripts/browser.mjs';

const port = Number(process.env.PAGE_PORT ?? 4310);

export default defineConfig({
  testDir: 'e2e',
  outputDir: '.cache/test-results/page',
  timeout: 120_000,
  expect: { timeout: 30_000 },
  fullyParallel: false,
  // A visit leaves about a fifth of two cores idle.
  workers: 2,
  reporter: [['list'], ['json', { outputFile: process.env.PLAYWRIGHT_JSON_OUTPUT_FILE ?? '.cache/test-results/page.json' }]],
  use: {
    baseURL: `http://localhost:${port}/`,
    viewport: { width: 1440, height: 900 },
    // Recording takes as long as the tests themselves: it is asked for.
    trace: process.env.PAGE_TRACE === undefined ? 'off' : 'retain-on-failure',
    launchOptions: {
      executablePath: findBrowser() ?? '',
      args: [
        '--no-sandbox',
        '--disable-quic',
        '--no-first-run',
        '--disable-background-networking',
        '--disable-component-update',
        '--disable-sync',
      ],
    },
  },
  webServer: {
    command: `node node_modules/vite/bin/vite.js preview --port ${port} --strictPort`,
    url: `http://localhost:${port}/`,
    reuseExistingServer: false,
  },
});
