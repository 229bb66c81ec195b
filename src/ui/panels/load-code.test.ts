import { expect, it } from 'vitest';
import { arrayFile } from './load-code.ts';

it('writes a file as a C array that holds every byte', () => {
  const bytes = Uint8Array.from({ length: 40 }, (_, i) => (i * 37) % 256);
  const file = arrayFile({ name: '3-net.small', files: [{ path: 'model.tflite', bytes }] });
  expect(file?.path).toBe('_3_net_small.h');
  const text = new TextDecoder().decode(file?.bytes);
  expect(text).toContain('alignas(16) const unsigned char _3_net_small[] = {');
  expect(text).toContain('_3_net_small_len = 40;');
  expect([...text.matchAll(/0x([0-9a-f]{2})/g)].map(([, hex]) => Number.parseInt(hex ?? '', 16))).toEqual([...bytes]);
});
