import { describe, expect, it } from 'vitest';
import { halfBits, halfValue } from './half.ts';

// /usr/bin/python3 -c "import numpy as np; x=np.array([...],np.float32); print(x.astype(np.float16).view(np.uint16).tolist())"  (numpy 1.24.2)
const inputs = [
  0,
  -0,
  1,
  -1,
  0.1,
  1 / 3,
  2.5,
  65504,
  65519.99,
  65520,
  -70000,
  6.103515625e-5,
  6.1e-5,
  2 ** -24,
  2.9802322387695312e-8,
  2.98023259404e-8,
  1e-8,
  8.940696716308594e-8,
  3.0517578125e-5,
  1.0004882812,
  1.00146484375,
  2049,
  2051,
  -1234.567,
  1e38,
  5.96e-6,
];
const golden = [
  0, 32768, 15360, 48128, 11878, 13653, 16640, 31743, 31743, 31744, 64512, 1024, 1023, 1, 0, 1, 0, 2, 512, 15360, 15362, 26624,
  26626, 58579, 31744, 100,
];

describe('halfBits', () => {
  it('rounds as numpy does, subnormals and overflow included', () => {
    expect(inputs.map(halfBits)).toEqual(golden);
  });

  it('keeps every one of the 65,536 halves', () => {
    for (let bits = 0; bits < 65536; bits++) {
      const value = halfValue(bits);
      if (Number.isNaN(value)) expect(Number.isNaN(halfValue(halfBits(value)))).toBe(true);
      else if (halfBits(value) !== bits) expect.fail(`${bits} became ${halfBits(value)}`);
    }
  });

  it('rounds halfway cases to even and all others to the nearer neighbour', () => {
    for (let bits = 0; bits < 0x7bff; bits++) {
      const low = halfValue(bits);
      const high = halfValue(bits + 1);
      const middle = (low + high) / 2;
      const even = bits & 1 ? bits + 1 : bits;
      const near = Math.fround(middle + (high - low) / 64);
      if (halfBits(middle) !== even || halfBits(near) !== bits + 1) expect.fail(`between ${low} and ${high}`);
    }
  });
});
