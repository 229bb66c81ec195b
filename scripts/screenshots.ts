/** The README's pictures, taken from the built studio: `npm run build && npx tsx scripts/screenshots.ts`. */
import { mkdirSync } from 'node:fs';
import { chromium } from 'playwright';
import { preview } from 'vite';
import { findBrowser } from './browser.mjs';

const shots = [
  { name: 'studio-light', theme: 'light', width: 1440, height: 900 },
  { name: 'studio-dark', theme: 'dark', width: 1440, height: 900 },
  { name: 'studio-phone', theme: 'light', width: 390, height: 844 },
] as const;

const server = await preview({ preview: { port: 4320, strictPort: true } });
const browser = await chromium.launch({
  executablePath: findBrowser() ?? '',
  args: ['--no-sandbox', '--disable-background-networking'],
});
mkdirSync('docs/images', { recursive: true });
for (const { name, theme, width, height } of shots) {
  const page = await browser.newPage({ viewport: { width, height }, colorScheme: theme });
  await page.goto('http://localhost:4320/');
  await page.getByTestId('run-done').waitFor({ timeout: 120_000 });
  await page.locator('.dials input[type=range]').first().fill('3');
  // The original, the first run and this one.
  await page.locator('.dot').nth(2).waitFor({ state: 'attached', timeout: 120_000 });
  await page.getByTestId('run-done').waitFor({ timeout: 120_000 });
  await page.screenshot({ path: `docs/images/${name}.png` });
  await page.close();
}
await browser.close();
await server.close();
