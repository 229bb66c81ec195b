/** Two languages: switched live and remembered, every text from the catalogue, axe clean in the second one too. */
import { expect, type Page, test } from '@playwright/test';
import type { Plural } from '../src/ui/i18n/catalogue.ts';
import { en } from '../src/ui/i18n/en.ts';
import { drop, measured, openIris, violations } from './studio.ts';

const toChinese = (page: Page) => page.getByRole('button', { name: /简体中文/ });

test('is switched live, remembered, and says which language it is in', async ({ page }) => {
  await openIris(page);
  await expect(page.locator('html')).toHaveAttribute('lang', 'en');
  await page.getByRole('button', { name: 'Show as table' }).click();
  await toChinese(page).click();
  await expect(page.locator('html')).toHaveAttribute('lang', 'zh-CN');
  await expect(page.getByRole('heading', { name: '准确率 × 体积' })).toBeVisible();
  await expect(page.locator('.runs-table')).toContainText('8 位');
  await page.getByRole('tab', { name: '各层' }).click();
  await expect(page.locator('.layer-table')).toContainText('每通道');
  await page.reload();
  await expect(page.locator('.status-private').getByText('任何内容都不会离开这台设备。')).toBeVisible();
  await page.getByRole('button', { name: /English/ }).click();
  await expect(page.locator('html')).toHaveAttribute('lang', 'en');
  await expect(page.locator('.status-private').getByText('Nothing leaves this device.')).toBeVisible();
});

test.describe('a visitor whose browser speaks Chinese', () => {
  test.use({ locale: 'zh-CN' });

  test('is met in Chinese, and failures say what to do in it', async ({ page }) => {
    await page.goto('/');
    await expect(page.getByRole('button', { name: '下载', exact: true })).toBeVisible();
    await page.getByRole('button', { name: '鸢尾花' }).click();
    await measured(page);
    await test.step('a step explained, the channels and the reasons are Chinese and clean in both themes, the trial beside them', async () => {
      await page.getByRole('button', { name: '“均匀量化”做什么' }).click();
      for (const tab of ['通道', '看原因']) {
        await page.getByRole('tab', { name: tab }).click();
        if (tab === '看原因') await expect(page.getByTestId('why-culprit')).toBeVisible();
        expect(await englishWords(page)).toEqual([]);
        expect(await violations(page)).toEqual([]);
      }
    });
    await drop(page, [{ name: 'model.h5', bytes: Buffer.from('<!DOCTYPE html>') }], '松开即可打开');
    const problem = page.getByRole('alert');
    await expect(problem).toContainText('这是网页，而不是模型。');
    await expect(problem).toContainText('“model.h5”：开头是 HTML');
    await expect(problem.locator('[lang=en]')).toHaveCount(0);
    expect(await violations(page)).toEqual([]);
  });
});

/** What is called the same in every language: names, units, abbreviations, and what stands in files. */
const terms =
  /^(iris|tfjs-layers|setosa|versicolor|virginica|species|hidden|dense|kernel|bias|conv|sepal|petal|length|width|model|json|csv|txt|keras|gzip|float|int|round|simd|SIMD|WASM|WebGL|WebGPU|GPU|JavaScript|LiteRT|TFLite|Python|Keras|English|BatchNorm|k-means|[A-Z]{3,}\w*|Conv|Dense|Wilson|McNemar|Horowitz|Google|Ctrl|Shift|Enter|Esc|Delete|MACs|layers)$/;

/** Words of the Latin alphabet that are no such terms, each with the text around it. */
const englishWords = async (page: Page): Promise<string[]> => {
  const texts = await page.evaluate(() => {
    const own = (element: Element) =>
      [...element.childNodes].map((child) => (child.nodeType === Node.TEXT_NODE ? child.textContent : '')).join('');
    return [...document.querySelectorAll('body *:not(:is(code, pre, script, style, noscript, [lang=en], [translate=no]) *)')]
      .filter((element) => !element.matches('code, pre, script, style, noscript, [lang=en], [translate=no]'))
      .flatMap((element) => [own(element), element.getAttribute('aria-label') ?? '', element.getAttribute('title') ?? '']);
  });
  return texts.flatMap((text) =>
    (text.match(/[A-Za-z][A-Za-z-]{2,}/g) ?? []).filter((word) => !terms.test(word)).map((word) => `${word}: ${text}`),
  );
};

/** Every text in brackets, so that what stands outside of them did not come from the catalogue. */
function pseudo(): string {
  const mark = (text: string) => `⟦${text}⟧`;
  const words = Object.entries(en as Record<string, string | Plural>).map(([key, text]) => [
    key,
    typeof text === 'string' ? mark(text) : { one: mark(text.one), other: mark(text.other) },
  ]);
  const engine = `{
    problems: {}, notes: {}, sentences: () => undefined, samples: { iris: { title: '⟦Iris⟧', summary: '⟦Iris⟧' } }, phrases: [[/^.*$/, '⟦$&⟧']],
  }`;
  return `export const zh = ${JSON.stringify(Object.fromEntries(words))}; export const zhEngine = ${engine};`;
}

/** What the iris sample calls its things, and keys of a keyboard: words that no catalogue has. */
const names = [
  /\b(iris|tfjs-layers|wasm|simd|setosa|versicolor|virginica|hidden\d|species|[a-z]+_(length|width)|kernel|bias)\b/gi,
  /\((Ctrl\+)?(Shift\+)?\w+\)/g,
];

/** Words on the page, in text and in attributes, that are neither from the catalogue, nor names, nor marked as English. */
const rawWords = (page: Page): Promise<string[]> =>
  page.evaluate((known) => {
    const found: string[] = [];
    const outside = (text: string): string => {
      let rest = text;
      // Texts stand in one another's slots.
      for (let before = ''; before !== rest; ) {
        before = rest;
        rest = rest.replace(/⟦[^⟦⟧]*⟧/g, '');
      }
      return known.reduce((text, pattern) => text.replace(pattern, ''), rest);
    };
    const check = (element: Element, text: string) => {
      if (element.closest('code, pre, script, style, noscript, [lang=en], [translate=no]') !== null) return;
      // Parts that are loaded when they are shown bring their Chinese with them.
      if (/[\u4e00-\u9fff]/.test(text)) return;
      if (/[A-Za-z]{4,}/.test(outside(text))) found.push(text.trim());
    };
    const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_ELEMENT);
    for (let node = walk.nextNode(); node !== null; node = walk.nextNode()) {
      const element = node as Element;
      const own = [...element.childNodes].filter((child) => child.nodeType === Node.TEXT_NODE);
      // What the catalogue gave may be split over the text nodes of one element.
      check(element, own.map((child) => child.textContent).join(''));
      for (const name of ['aria-label', 'title', 'placeholder', 'alt', 'aria-valuetext']) {
        const value = element.getAttribute(name);
        if (value !== null) check(element, value);
      }
    }
    return found;
  }, names);

test('no text of the page stands outside the catalogue', async ({ page }) => {
  await page.route(/assets\/zh-[^/]*\.js$/, (route) => route.fulfill({ contentType: 'text/javascript', body: pseudo() }));
  await openIris(page);
  await toChinese(page).click();
  await expect(page.locator('.status-private')).toHaveText('⟦Nothing leaves this device.⟧');
  await page.getByTestId('device').locator('summary').click();
  await page.getByText('⟦All layers it fits⟧').first().click();
  expect(await rawWords(page)).toEqual([]);
  await page.keyboard.press('Escape');
  await page.getByLabel('⟦Add a step …⟧').selectOption('prune/magnitude');
  await page.getByText('⟦Show as table⟧').click();
  await measured(page);
  expect(await rawWords(page)).toEqual([]);
});
