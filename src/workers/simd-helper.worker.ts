/** A thread of the backend `simd`: takes the module and the memory in its first message, and works for its owner from then on. */
import { type HelperStart, help, instantiate } from '../engine/simd-helper.ts';

self.onmessage = async ({ data }: MessageEvent<HelperStart>) => help(data, await instantiate(data.module, data.memory));
