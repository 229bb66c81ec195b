/**
 * One build for every host: relative base, the content policy both as a header (served here) and in the page (any static
 * host), isolation headers where the server is ours. TF.js lives in the worker's chunks alone.
 */
import { readFileSync } from 'node:fs';
import react from '@vitejs/plugin-react';
import { defineConfig, type Plugin } from 'vite';
import { buildSimd } from './scripts/build-simd.mjs';
import { litertFiles } from './scripts/litert.ts';
import { thirdPartyNotices } from './scripts/notices.ts';

const contentPolicy = [
  "default-src 'self'",
  "script-src 'self' 'wasm-unsafe-eval'",
  "worker-src 'self' blob:",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' blob: data:",
  "connect-src 'self' blob:",
].join('; ');

const isolation = {
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Permissions-Policy': 'camera=(self)',
};

/** Puts the content policy and the notices of everything shipped into the build. */
function shipped(): Plugin {
  return {
    name: 'nutshell-shipped',
    apply: 'build',
    transformIndexHtml: (html) => ({
      html,
      tags: [
        { tag: 'meta', attrs: { 'http-equiv': 'Content-Security-Policy', content: contentPolicy }, injectTo: 'head-prepend' },
      ],
    }),
    generateBundle() {
      this.emitFile({ type: 'asset', fileName: 'THIRD-PARTY-NOTICES.txt', source: thirdPartyNotices() });
      this.emitFile({ type: 'asset', fileName: 'LICENSE.txt', source: readFileSync('LICENSE', 'utf8') });
    },
  };
}

/**
 * What comes together stands in one file, not in a request for each module that a later part shares: what the first paint needs, what
 * is seen right after it, and what the worker starts with.
 */
const shell = { name: 'shell', tags: ['$initial' as const], priority: 1 };
const studio = {
  name: 'studio',
  test: /src\/ui\/panels\/(recipe-panel|recipe-start|step-card|inspector|wall|synthetic-wall|export-panel|search-panel|storage-menu|try-)/,
};
const engine = { name: 'engine', tags: ['$initial' as const] };

const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { version: string };

export default defineConfig({
  define: { __NUTSHELL_VERSION__: JSON.stringify(version) },
  base: './',
  plugins: [react(), shipped(), litertFiles(), { name: 'nutshell-simd', buildStart: buildSimd }],
  build: {
    target: 'es2022',
    chunkSizeWarningLimit: 2000,
    rolldownOptions: { output: { codeSplitting: { groups: [shell, studio] } } },
  },
  worker: { format: 'es', rolldownOptions: { output: { codeSplitting: { groups: [engine] } } } },
  server: { headers: isolation },
  preview: { headers: { ...isolation, 'Content-Security-Policy': contentPolicy } },
});
