/** What the journeys share: how a visitor opens the page, drops files on it and reads its result. */
import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import AxeBuilder from '@axe-core/playwright';
import { expect, type Locator, type Page } from '@playwright/test';
import { writeLink } from '../src/ui/state/link.ts';

export interface GivenFile {
  readonly name: string;
  readonly bytes: Buffer;
}

/** The iris sample's own files: a model that opens and runs in an instant. */
export const irisModel = ['public/models/iris/model.json', 'public/models/iris/weights.bin'];
export const irisData = ['public/data/iris/iris.csv'];

export const filesOf = (paths: readonly string[]): Promise<GivenFile[]> =>
  Promise.all(paths.map(async (path) => ({ name: basename(path), bytes: await readFile(path) })));

const transferOf = (page: Page, files: readonly GivenFile[]) =>
  page.evaluateHandle(
    (given) => {
      const data = new DataTransfer();
      for (const { name, base64 } of given) {
        data.items.add(new File([Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0))], name));
      }
      return data;
    },
    files.map(({ name, bytes }) => ({ name, base64: bytes.toString('base64') })),
  );

/** Drops files on a part of the page that takes them itself. */
export async function dropOn(place: Locator, files: readonly GivenFile[]): Promise<void> {
  await place.dispatchEvent('drop', { dataTransfer: await transferOf(place.page(), files) });
}

/** Drops files anywhere on the window, as from a file manager. */
export async function drop(page: Page, files: readonly GivenFile[], invitation = 'Drop to open'): Promise<void> {
  const transfer = await transferOf(page, files);
  await page.dispatchEvent('main', 'dragover', { dataTransfer: transfer });
  await expect(page.getByText(invitation)).toBeVisible();
  await page.dispatchEvent('main', 'drop', { dataTransfer: transfer });
  await expect(page.getByText(invitation)).toBeHidden();
}

/** Moves a dial without letting go of it. */
export const drag = (dial: Locator, positions: readonly string[]): Promise<void> =>
  dial.evaluate(async (input: HTMLInputElement, steps) => {
    const set = Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, 'value')?.set;
    for (const position of steps) {
      set?.call(input, position);
      input.dispatchEvent(new Event('input', { bubbles: true }));
      await new Promise((resolve) => setTimeout(resolve, 30));
    }
  }, positions);

export const bits = (page: Page): Locator => page.getByRole('region', { name: 'Bits and sparsity' }).getByLabel('Bits');
export const sparsity = (page: Page): Locator => page.getByRole('region', { name: 'Bits and sparsity' }).getByLabel('Sparsity');
export const sizeAfter = (page: Page): Locator => page.getByTestId('hero-after');
export const sample = (page: Page, name: string | RegExp): Locator =>
  page.getByRole('button', { name, exact: typeof name === 'string' });

/** Waits until the recipe in view has been run and measured. */
export const measured = (page: Page): Promise<void> => expect(page.getByTestId('run-done')).toBeVisible({ timeout: 90_000 });

/** A link to the iris sample at 8 bits, which spares a test the start with LeNet-5. */
const irisLink = writeLink({ recipe: { recipe: 1, seed: 7, steps: [{ use: 'quantize/affine', bits: 8 }] }, sample: 'iris' });

/** Opens the iris sample and waits for its first result. */
export async function openIris(page: Page): Promise<void> {
  await page.goto(`/${irisLink}`);
  await expect(page.getByRole('button', { name: 'Iris', exact: true })).toHaveAttribute('aria-pressed', 'true');
  await measured(page);
}

/** A size as the page writes it, in bytes. */
export function bytesOf(text: string | null): number {
  const [, number = '', unit = ''] = /([\d.,]+)\s*(B|kB|MB)/.exec(text ?? '') ?? [];
  return Number(number.replaceAll(',', '')) * ({ B: 1, kB: 1e3, MB: 1e6 }[unit] ?? Number.NaN);
}

/** Rules of axe that depend on colours, and so on the theme. */
const colourRules = ['color-contrast', 'link-in-text-block'];

/** What axe finds wrong with the page as it stands, by the rules of WCAG 2.2 AA; those about colours in the dark theme too. */
export async function violations(page: Page): Promise<string[]> {
  // Legacy mode judges one frame, which is all there is, and spares a blank page for each judgement.
  const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'];
  const light = await new AxeBuilder({ page })
    .setLegacyMode()
    .options({ resultTypes: ['violations'] })
    .withTags(tags)
    .analyze();
  await page.emulateMedia({ colorScheme: 'dark' });
  const dark = await new AxeBuilder({ page }).setLegacyMode().withRules(colourRules).analyze();
  await page.emulateMedia({ colorScheme: 'light' });
  return [...light.violations, ...dark.violations].map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' | ')}`);
}
