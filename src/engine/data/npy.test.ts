/**
 * Arrays written by NumPy 1.24, base64:
 *   python3 -c "import numpy as np, io, base64; b = io.BytesIO(); np.save(b, np.array([[0,1,2],[3,100,127]]).astype('<u2')); print(base64.b64encode(b.getvalue()).decode())"
 * `fortran` is np.asfortranarray(np.arange(24, dtype='<f4').reshape(2, 3, 4)), `half` is np.array([1.5, -2.25, 65504, 6e-8, np.inf], '<f2').
 */
import { describe, expect, it } from 'vitest';
import { isNpy, readNpy } from './npy.ts';

const written: Readonly<Record<string, string>> = {
  '|u1':
    'k05VTVBZAQB2AHsnZGVzY3InOiAnfHUxJywgJ2ZvcnRyYW5fb3JkZXInOiBGYWxzZSwgJ3NoYXBlJzogKDIsIDMpLCB9ICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgIAoAAQIDZH8=',
  '|i1':
    'k05VTVBZAQB2AHsnZGVzY3InOiAnfGkxJywgJ2ZvcnRyYW5fb3JkZXInOiBGYWxzZSwgJ3NoYXBlJzogKDIsIDMpLCB9ICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgIAoAAQIDZH8=',
  '<u2':
    'k05VTVBZAQB2AHsnZGVzY3InOiAnPHUyJywgJ2ZvcnRyYW5fb3JkZXInOiBGYWxzZSwgJ3NoYXBlJzogKDIsIDMpLCB9ICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgIAoAAAEAAgADAGQAfwA=',
  '>i2':
    'k05VTVBZAQB2AHsnZGVzY3InOiAnPmkyJywgJ2ZvcnRyYW5fb3JkZXInOiBGYWxzZSwgJ3NoYXBlJzogKDIsIDMpLCB9ICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgIAoAAAABAAIAAwBkAH8=',
  '<u4':
    'k05VTVBZAQB2AHsnZGVzY3InOiAnPHU0JywgJ2ZvcnRyYW5fb3JkZXInOiBGYWxzZSwgJ3NoYXBlJzogKDIsIDMpLCB9ICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgIAoAAAAAAQAAAAIAAAADAAAAZAAAAH8AAAA=',
  '>i4':
    'k05VTVBZAQB2AHsnZGVzY3InOiAnPmk0JywgJ2ZvcnRyYW5fb3JkZXInOiBGYWxzZSwgJ3NoYXBlJzogKDIsIDMpLCB9ICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgIAoAAAAAAAAAAQAAAAIAAAADAAAAZAAAAH8=',
  '<i8':
    'k05VTVBZAQB2AHsnZGVzY3InOiAnPGk4JywgJ2ZvcnRyYW5fb3JkZXInOiBGYWxzZSwgJ3NoYXBlJzogKDIsIDMpLCB9ICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgIAoAAAAAAAAAAAEAAAAAAAAAAgAAAAAAAAADAAAAAAAAAGQAAAAAAAAAfwAAAAAAAAA=',
  '<u8':
    'k05VTVBZAQB2AHsnZGVzY3InOiAnPHU4JywgJ2ZvcnRyYW5fb3JkZXInOiBGYWxzZSwgJ3NoYXBlJzogKDIsIDMpLCB9ICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgIAoAAAAAAAAAAAEAAAAAAAAAAgAAAAAAAAADAAAAAAAAAGQAAAAAAAAAfwAAAAAAAAA=',
  '<f2':
    'k05VTVBZAQB2AHsnZGVzY3InOiAnPGYyJywgJ2ZvcnRyYW5fb3JkZXInOiBGYWxzZSwgJ3NoYXBlJzogKDIsIDMpLCB9ICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgIAoAAAA8AEAAQkBW8Fc=',
  '>f4':
    'k05VTVBZAQB2AHsnZGVzY3InOiAnPmY0JywgJ2ZvcnRyYW5fb3JkZXInOiBGYWxzZSwgJ3NoYXBlJzogKDIsIDMpLCB9ICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgIAoAAAAAP4AAAEAAAABAQAAAQsgAAEL+AAA=',
  '<f8':
    'k05VTVBZAQB2AHsnZGVzY3InOiAnPGY4JywgJ2ZvcnRyYW5fb3JkZXInOiBGYWxzZSwgJ3NoYXBlJzogKDIsIDMpLCB9ICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgIAoAAAAAAAAAAAAAAAAAAPA/AAAAAAAAAEAAAAAAAAAIQAAAAAAAAFlAAAAAAADAX0A=',
  '|b1':
    'k05VTVBZAQB2AHsnZGVzY3InOiAnfGIxJywgJ2ZvcnRyYW5fb3JkZXInOiBGYWxzZSwgJ3NoYXBlJzogKDIsIDMpLCB9ICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgIAoAAQEBAQE=',
  fortran:
    'k05VTVBZAQB2AHsnZGVzY3InOiAnPGY0JywgJ2ZvcnRyYW5fb3JkZXInOiBUcnVlLCAnc2hhcGUnOiAoMiwgMywgNCksIH0gICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgIAoAAAAAAABAQQAAgEAAAIBBAAAAQQAAoEEAAIA/AABQQQAAoEAAAIhBAAAQQQAAqEEAAABAAABgQQAAwEAAAJBBAAAgQQAAsEEAAEBAAABwQQAA4EAAAJhBAAAwQQAAuEE=',
  half: 'k05VTVBZAQB2AHsnZGVzY3InOiAnPGYyJywgJ2ZvcnRyYW5fb3JkZXInOiBGYWxzZSwgJ3NoYXBlJzogKDUsKSwgfSAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgIAoAPoDA/3sBAAB8',
  object:
    'k05VTVBZAQB2AHsnZGVzY3InOiAnfE8nLCAnZm9ydHJhbl9vcmRlcic6IEZhbHNlLCAnc2hhcGUnOiAoMiwpLCB9ICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgIAqAA2NudW1weS5jb3JlLm11bHRpYXJyYXkKX3JlY29uc3RydWN0CnEAY251bXB5Cm5kYXJyYXkKcQFLAIVxAkMBYnEDh3EEUnEFKEsBSwKFcQZjbnVtcHkKZHR5cGUKcQdYAgAAAE84cQiJiIdxCVJxCihLA1gBAAAAfHELTk5OSv////9K/////0s/dHEMYoldcQ0oWAEAAABhcQ5OZXRxD2Iu',
  text: 'k05VTVBZAQB2AHsnZGVzY3InOiAnPFUyJywgJ2ZvcnRyYW5fb3JkZXInOiBGYWxzZSwgJ3NoYXBlJzogKDIsKSwgfSAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgIAphAAAAAAAAAGIAAABjAAAA',
};

function bytesOf(key: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(Buffer.from(written[key] ?? '', 'base64'));
}

describe('readNpy', () => {
  it.each(['|u1', '|i1', '<u2', '>i2', '<u4', '>i4', '<i8', '<u8', '<f2', '>f4', '<f8'])('reads %s as NumPy wrote it', (type) => {
    const array = readNpy(bytesOf(type), 'x');
    expect(array.shape).toEqual([2, 3]);
    expect([...array.values]).toEqual([0, 1, 2, 3, 100, 127]);
    expect(array.integers).toBe(!type.includes('f'));
  });

  it('reads booleans as 0 and 1', () => {
    expect([...readNpy(bytesOf('|b1'), 'x').values]).toEqual([0, 1, 1, 1, 1, 1]);
  });

  it('turns Fortran order into row-major', () => {
    const array = readNpy(bytesOf('fortran'), 'x');
    expect(array.shape).toEqual([2, 3, 4]);
    expect([...array.values]).toEqual(Array.from({ length: 24 }, (_, index) => index));
  });

  it('reads half floats: normal, largest, subnormal, infinite', () => {
    expect([...readNpy(bytesOf('half'), 'x').values]).toEqual([1.5, -2.25, 65504, 2 ** -24, Infinity]);
  });

  it('never runs a pickle and refuses text by type', () => {
    expect(() => readNpy(bytesOf('object'), 'y')).toThrow(/object array, stored as a Python pickle, which is never run here/);
    expect(() => readNpy(bytesOf('text'), 'y')).toThrow(/Its type is '<U2'/);
  });

  it('refuses a header that claims more than there is', () => {
    const bytes = bytesOf('|u1');
    const header = Buffer.from(bytes).toString('latin1').replace('(2, 3), }   ', '(9999999, 3)}');
    expect(() => readNpy(Uint8Array.from(Buffer.from(header, 'latin1')), 'x')).toThrow(/needs 29999997 bytes/);
    expect(() => readNpy(bytes.slice(0, -1), 'x')).toThrow(/needs 6 bytes; 5 follow the header/);
    expect(isNpy(bytes)).toBe(true);
  });
});
