import { expect, it } from 'vitest';
import { createByteCache } from './byte-cache.ts';

it('never holds more than its cap and lets go of what was not used for longest', () => {
  const cache = createByteCache<Uint8Array>(10);
  for (const key of ['a', 'b', 'c']) cache.set(key, new Uint8Array(3));
  expect(cache.get('a')).toHaveLength(3);
  cache.set('d', new Uint8Array(4));
  expect([cache.bytes, cache.get('b'), cache.get('a')?.length, cache.get('c')?.length]).toEqual([10, undefined, 3, 3]);
  cache.set('a', new Uint8Array(1));
  expect(cache.bytes).toBe(8);
  cache.set('huge', new Uint8Array(11));
  expect([cache.bytes, cache.get('huge')]).toEqual([8, undefined]);
});
