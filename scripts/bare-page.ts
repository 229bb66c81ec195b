/**
 * An empty page beside the sources as Vite serves them, for tests and benches that run the engine in a browser without the studio around
 * it; `/file` followed by a path is that file of this machine.
 */
import { createReadStream } from 'node:fs';
import { createServer } from 'vite';

export interface BarePage {
  readonly address: string;
  close(): Promise<void>;
}

/** Serves it on a free port. `name` tells the caches of different users apart; `headers` go with everything that is served. */
export async function serveBarePage(name: string, headers: Readonly<Record<string, string>> = {}): Promise<BarePage> {
  const server = await createServer({
    configFile: false,
    appType: 'custom',
    logLevel: 'error',
    cacheDir: `.cache/vite-${name}`,
    server: { port: 0, host: '127.0.0.1', hmr: false, headers },
    optimizeDeps: {
      entries: [],
      include: [
        ...['core', 'layers', 'backend-cpu', 'backend-wasm', 'backend-webgl', 'backend-webgpu'].map(
          (part) => `@tensorflow/tfjs-${part}`,
        ),
        'valibot',
      ],
    },
    plugins: [
      {
        name: 'bare-page',
        configureServer({ middlewares }) {
          middlewares.use('/bare', (_request, response) => {
            for (const [header, value] of Object.entries(headers)) response.setHeader(header, value);
            response.setHeader('Content-Type', 'text/html').end('<!doctype html><title>bare</title>');
          });
          middlewares.use('/file', ({ url = '' }, response) => {
            createReadStream(decodeURI(url))
              .on('error', (error) => response.writeHead(404).end(error.message))
              .pipe(response);
          });
        },
      },
    ],
  });
  await server.listen();
  const bound = server.httpServer?.address();
  const port = typeof bound === 'object' ? bound?.port : undefined;
  return { address: `http://127.0.0.1:${port ?? ''}`, close: () => server.close() };
}
