/** The built studio on a plain static host: under a sub-path, without isolation headers. */

import { readFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join, normalize } from 'node:path';
import { gzipSync } from 'node:zlib';
import { expect, test } from '@playwright/test';

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.wasm': 'application/wasm',
  '.json': 'application/json',
  '.svg': 'image/svg+xml',
  '.woff2': 'font/woff2',
};

let server: Server;
let address: string;

test.beforeAll(async () => {
  server = createServer(async (request, response) => {
    const path = normalize(new URL(request.url ?? '/', 'http://host').pathname).replace(/^\/some\/folder/, '');
    try {
      const body = await readFile(join('dist', path.endsWith('/') ? `${path}index.html` : path));
      response.writeHead(200, { 'Content-Type': types[extname(path) || '.html'] ?? 'application/octet-stream' }).end(body);
    } catch {
      response.writeHead(404).end();
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  address = `http://127.0.0.1:${(server.address() as AddressInfo).port}/some/folder/`;
});

test.afterAll(() => {
  server.close();
});

test('works from a sub-path without isolation, and says so', async ({ page }) => {
  const foreign: string[] = [];
  page.on('request', (request) => {
    if (!request.url().startsWith(address) && !request.url().startsWith('blob:')) foreign.push(request.url());
  });
  await page.goto(address);
  await expect(page.getByTestId('hero-before')).toContainText(/MB/);
  await expect(page.getByTestId('device')).toContainText(/SIMD.*not isolated/i);
  expect(foreign).toEqual([]);
});

test('what the page needs before it paints stays small, and holds no TF.js', async () => {
  const html = await readFile('dist/index.html', 'utf8');
  const scripts = [...html.matchAll(/(?:src|href)="\.\/(assets\/[^"]+\.js)"/g)].map(([, path]) => join('dist', path ?? ''));
  const files = await Promise.all(scripts.map((path) => readFile(path)));
  const bytes = files.reduce((sum, file) => sum + gzipSync(file).length, 0);
  expect(scripts.length).toBeGreaterThan(0);
  expect(bytes).toBeLessThan(130_000);
  expect(files.filter((file) => file.includes('WebGLRenderingContext'))).toEqual([]);
});
