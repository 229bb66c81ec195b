import { zipSync } from 'fflate';
import { describe, expect, it } from 'vitest';
import { crc32, isZip, openZip, openZipFile } from './zip.ts';

const text = (words: string): Uint8Array => new TextEncoder().encode(words);

function archive(files: Record<string, Uint8Array>): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(zipSync(files));
}

/** Where the first entry of the central directory begins. */
function directoryAt(bytes: Uint8Array): number {
  return Buffer.from(bytes).indexOf(Buffer.from([0x50, 0x4b, 1, 2]));
}

describe('openZip', () => {
  it('lists files and inflates them on demand', async () => {
    const bytes = archive({ 'a/one.txt': text('one '.repeat(50)), 'two.bin': Uint8Array.of(1, 2, 3) });
    expect(isZip(bytes)).toBe(true);
    const files = openZip(bytes, 'x.zip');
    expect(files.map(({ path, size }) => [path, size])).toEqual([
      ['a/one.txt', 200],
      ['two.bin', 3],
    ]);
    expect(new TextDecoder().decode(await files[0]?.bytes())).toBe('one '.repeat(50));
  });

  it('reads an archive in ranges: its directory and the entry that is asked for', async () => {
    const bytes = archive({
      'a/one.txt': text('one '.repeat(50)),
      'big.bin': new Uint8Array(300_000).map((_, i) => i * 7 + (i >> 8)),
    });
    let read = 0;
    const slice = async (start: number, end: number) => {
      read += end - start;
      return bytes.slice(start, end);
    };
    const whole = async (): Promise<never> => {
      throw new Error('The archive was read whole.');
    };
    const files = await openZipFile({ path: 'x.zip', size: bytes.length, slice, bytes: whole });
    expect(files.map(({ path }) => path)).toEqual(['a/one.txt', 'big.bin']);
    read = 0;
    expect(new TextDecoder().decode(await files[0]?.bytes())).toBe('one '.repeat(50));
    expect(read).toBeLessThan(200);
    expect(await files[1]?.bytes()).toEqual(await openZip(bytes, 'x.zip')[1]?.bytes());
    const cut = {
      path: 'x.zip',
      size: 100,
      slice: async (a: number, b: number) => bytes.slice(a, Math.min(b, 100)),
      bytes: whole,
    };
    await expect(openZipFile(cut)).rejects.toThrow(/no end-of-directory record/);
  });

  it('computes the CRC-32 of the standard check string', () => {
    expect(crc32(text('123456789'))).toBe(0xcbf43926);
  });

  it.each(['../evil.png', '/etc/passwd', 'C:/x.png', 'a\\b.png'])('refuses the path %s', (path) => {
    expect(() => openZip(archive({ [path]: text('x') }), 'x.zip')).toThrow(/holds a path that leaves it/);
  });

  it('refuses a bomb before allocating', () => {
    const bytes = archive({ 'zeros.npy': new Uint8Array(1000) });
    new DataView(bytes.buffer).setUint32(directoryAt(bytes) + 24, 0x7fffffff, true);
    expect(() => openZip(bytes, 'bomb.zip')).toThrow(/claims 2147483647 bytes from \d+/);
  });

  it('refuses a claim that deflate can not reach', async () => {
    const bytes = archive({ 'zeros.npy': new Uint8Array(1000) });
    new DataView(bytes.buffer).setUint32(directoryAt(bytes) + 24, 100_000_000, true);
    await expect(openZip(bytes, 'x.zip')[0]?.bytes()).rejects.toThrow(/can not hold the 100000000 bytes/);
  });

  it('refuses Zip64 instead of reading its first 65,535 files', () => {
    const bytes = archive({ 'a.txt': text('x') });
    new DataView(bytes.buffer).setUint16(bytes.length - 12, 0xffff, true);
    expect(() => openZip(bytes, 'many.zip')).toThrow(/more than 65,534 files/);
  });

  it('notices damage, encryption and truncation', async () => {
    const bytes = archive({ 'a.txt': text('some words that do not repeat') });
    const damaged = bytes.slice();
    damaged[directoryAt(bytes) + 16] = (damaged[directoryAt(bytes) + 16] ?? 0) ^ 1;
    await expect(openZip(damaged, 'x.zip')[0]?.bytes()).rejects.toThrow(/checksum of entry "a.txt"/);
    const encrypted = bytes.slice();
    encrypted[directoryAt(bytes) + 8] = 1;
    expect(() => openZip(encrypted, 'x.zip')).toThrow(/needs a password/);
    expect(() => openZip(bytes.slice(0, 40), 'x.zip')).toThrow(/no end-of-directory record/);
  });
});
