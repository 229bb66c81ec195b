/**
 * LiteRT's own files for the page's worker: its WebAssembly and the script that starts it, which expects to be a classic script and is given
 * to a module worker by naming its factory. They lie under `litert/` and are fetched only when a .tflite file is measured.
 */
import { createReadStream, readFileSync } from 'node:fs';
import type { Plugin } from 'vite';

const folder = 'node_modules/@litertjs/core/wasm/';
const script = 'litert_wasm_internal.js';
const wasm = 'litert_wasm_internal.wasm';

const asModule = (): string => `${readFileSync(folder + script, 'utf8')}\nself.ModuleFactory = ModuleFactory;\n`;

/** Puts LiteRT's files beside the build, and into what the development server serves. */
export function litertFiles(): Plugin {
  return {
    name: 'nutshell-litert',
    configureServer(server) {
      server.middlewares.use((request, response, next) => {
        const path = request.url?.split('?')[0];
        if (path === `/litert/${script}`) {
          response.setHeader('Content-Type', 'text/javascript').end(asModule());
        } else if (path === `/litert/${wasm}`) {
          response.setHeader('Content-Type', 'application/wasm');
          createReadStream(folder + wasm).pipe(response);
        } else {
          next();
        }
      });
    },
    generateBundle() {
      this.emitFile({ type: 'asset', fileName: `litert/${script}`, source: asModule() });
      this.emitFile({ type: 'asset', fileName: `litert/${wasm}`, source: readFileSync(folder + wasm) });
    },
  };
}
