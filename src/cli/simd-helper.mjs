/** A thread of the own backend in Node, which can't load TypeScript by itself: takes its first message and works for its owner from then on. */
import { parentPort } from 'node:worker_threads';
import { tsImport } from 'tsx/esm/api';

const { help, instantiate } = await tsImport('../engine/simd-helper.ts', import.meta.url);
parentPort.once('message', async (start) => help(start, await instantiate(start.module, start.memory)));
