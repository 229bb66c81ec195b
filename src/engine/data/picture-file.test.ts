/**
 * Pictures written, and their pixels read, by Pillow 9.4 (libpng and libjpeg-turbo): random 5 × 3 PNGs of every kind,
 * `Image.fromarray(np.random.default_rng(1).integers(0, 256, (3, 5, 3), dtype=np.uint8)).save(buffer, 'PNG')` and its relatives,
 * alpha cut off and 16 bits shifted right by 8; a smooth 16 × 8 JPEG of quality 90, where the decoders' rounding may differ by 2.
 */
import { deflateSync } from 'node:zlib';
import { encode } from 'fast-png';
import { describe, expect, it } from 'vitest';
import { crc32 } from '../zip.ts';
import { decodePicture, pictureSize } from './picture-file.ts';

const pngs: readonly (readonly [string, string, readonly number[]])[] = [
  [
    'grey8',
    'iVBORw0KGgoAAAANSUhEUgAAAAUAAAADCAAAAAB+XZokAAAAG0lEQVR4nGP4/0Sp8jPTPqXEt1tZpu7+JbwSAFc4CWHuVzxlAAAAAElFTkSuQmCC',
    [255, 228, 34, 121, 243, 189, 6, 131, 102, 168, 82, 193, 187, 150, 81],
  ],
  [
    'rgb8',
    'iVBORw0KGgoAAAANSUhEUgAAAAUAAAADCAIAAADUVFKvAAAAO0lEQVR4nAEwAM//Ac0Y7DveuN8uLoiIAD8ECADyqXLNP6Av1E9IcHjeRR8AX2wkbe5FM1Hk08o6ykFM91AU3NSy3OYAAAAASUVORK5CYII=',
    [
      205, 24, 236, 8, 246, 164, 231, 36, 210, 111, 172, 210, 174, 176, 218, 242, 169, 114, 205, 63, 160, 47, 212, 79, 72, 112,
      120, 222, 69, 31, 95, 108, 36, 109, 238, 69, 51, 81, 228, 211, 202, 58, 202, 65, 76,
    ],
  ],
  [
    'rgba8',
    'iVBORw0KGgoAAAANSUhEUgAAAAUAAAADCAYAAABbNsX4AAAASklEQVR4nAE/AMD/ACr60aQCLLKMYgLzFTIdDgc1MpfdBARCFRyicK4y9iYR/ebXPEjys9J3AQrV4nOeofRWnaPjVt8U5S4K3zzSNjYcqwILzesAAAAASUVORK5CYII=',
    [
      42, 250, 209, 2, 44, 178, 98, 2, 243, 50, 29, 14, 53, 50, 151, 46, 60, 230, 164, 156, 127, 154, 194, 195, 72, 153, 74, 58,
      76, 105, 10, 213, 226, 168, 118, 214, 69, 25, 185, 36, 45, 158, 46, 12, 218,
    ],
  ],
  [
    'grey1',
    'iVBORw0KGgoAAAANSUhEUgAAAAUAAAADAQAAAABzTfhVAAAADklEQVR4nGNwYFjA9AAABAoBwxJedqYAAAAASUVORK5CYII=',
    [0, 255, 0, 0, 0, 255, 0, 255, 0, 0, 255, 0, 0, 0, 0],
  ],
  [
    'palette2',
    'iVBORw0KGgoAAAANSUhEUgAAAAUAAAADAgMAAAAmWC1rAAAADFBMVEVu13aOl5TYMJ90VXGwtUt8AAAAEUlEQVR4nGPodGBIbmA40wAADBgC+U4yDXYAAAAASUVORK5CYII=',
    [
      216, 48, 159, 110, 215, 118, 216, 48, 159, 142, 151, 148, 142, 151, 148, 142, 151, 148, 216, 48, 159, 110, 215, 118, 116,
      85, 113, 216, 48, 159, 116, 85, 113, 110, 215, 118, 116, 85, 113, 110, 215, 118, 216, 48, 159,
    ],
  ],
  [
    'palette-transparent',
    'iVBORw0KGgoAAAANSUhEUgAAAAUAAAADBAMAAACpGNjLAAAAGFBMVEWg3ECusNoc5Xqxq6JIcHjbOIbNGOx0VXHHDNjBAAAAAnRSTlMAgJsrThgAAAAUSURBVHicY0hKFGAwVQlgKHAIAAAOlwJ9HTMG/QAAAABJRU5ErkJggg==',
    [
      205, 24, 236, 28, 229, 122, 205, 24, 236, 174, 176, 218, 174, 176, 218, 177, 171, 162, 219, 56, 134, 28, 229, 122, 72, 112,
      120, 219, 56, 134, 116, 85, 113, 160, 220, 64, 72, 112, 120, 160, 220, 64, 219, 56, 134,
    ],
  ],
  [
    'grey16',
    'iVBORw0KGgoAAAANSUhEUgAAAAUAAAADEAAAAAAuzUZnAAAAKklEQVR4nGOQff9bcP/Rb/riU1jmzAn4ZX9Cd6a+FBOD+z3RE+w8rapvAPi+DbbXTWr2AAAAAElFTkSuQmCC',
    [29, 251, 191, 246, 23, 185, 75, 138, 236, 70, 185, 41, 82, 248, 107],
  ],
  [
    'grey-alpha',
    'iVBORw0KGgoAAAANSUhEUgAAAAUAAAADCAQAAADxPw1zAAAAKklEQVR4nGNQFJJtufHnv1dGHFMHtzr3rQK/PaaOjAtlGcP3OpQKMXEBAMnECvC7dl+VAAAAAElFTkSuQmCC',
    [33, 29, 216, 255, 104, 169, 68, 178, 77, 157, 161, 162, 95, 212, 214],
  ],
];

const jpegs: readonly (readonly [string, string, readonly number[]])[] = [
  [
    'rgb',
    '/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDAAMCAgMCAgMDAwMEAwMEBQgFBQQEBQoHBwYIDAoMDAsKCwsNDhIQDQ4RDgsLEBYQERMUFRUVDA8XGBYUGBIUFRT/2wBDAQMEBAUEBQkFBQkUDQsNFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBT/wAARCAAIABADAREAAhEBAxEB/8QAHwAAAQUBAQEBAQEAAAAAAAAAAAECAwQFBgcICQoL/8QAtRAAAgEDAwIEAwUFBAQAAAF9AQIDAAQRBRIhMUEGE1FhByJxFDKBkaEII0KxwRVS0fAkM2JyggkKFhcYGRolJicoKSo0NTY3ODk6Q0RFRkdISUpTVFVWV1hZWmNkZWZnaGlqc3R1dnd4eXqDhIWGh4iJipKTlJWWl5iZmqKjpKWmp6ipqrKztLW2t7i5usLDxMXGx8jJytLT1NXW19jZ2uHi4+Tl5ufo6erx8vP09fb3+Pn6/8QAHwEAAwEBAQEBAQEBAQAAAAAAAAECAwQFBgcICQoL/8QAtREAAgECBAQDBAcFBAQAAQJ3AAECAxEEBSExBhJBUQdhcRMiMoEIFEKRobHBCSMzUvAVYnLRChYkNOEl8RcYGRomJygpKjU2Nzg5OkNERUZHSElKU1RVVldYWVpjZGVmZ2hpanN0dXZ3eHl6goOEhYaHiImKkpOUlZaXmJmaoqOkpaanqKmqsrO0tba3uLm6wsPExcbHyMnK0tPU1dbX2Nna4uPk5ebn6Onq8vP09fb3+Pn6/9oADAMBAAIRAxEAPwDx/wALfsv/AHP9E/8AHa+2xnFu/vH5pw7xz8Pvnr/hb9l77n+if+O18TjOLd/eP6g4d45+H3z/2Q==',
    [
      0, 1, 128, 13, 1, 127, 31, 1, 125, 46, 2, 126, 58, 2, 127, 73, 1, 127, 91, 1, 125, 105, 1, 124, 119, 0, 126, 133, 0, 127,
      150, 0, 125, 165, 1, 126, 177, 1, 126, 193, 0, 127, 211, 1, 126, 225, 1, 125, 1, 28, 131, 15, 28, 130, 33, 28, 128, 49, 28,
      129, 60, 30, 130, 75, 28, 130, 94, 29, 129, 106, 28, 127, 121, 29, 130, 134, 28, 129, 153, 28, 128, 168, 27, 129, 179, 29,
      129, 195, 29, 131, 213, 28, 129, 227, 29, 127, 0, 61, 128, 12, 61, 128, 30, 61, 126, 46, 61, 128, 58, 61, 128, 72, 61, 129,
      91, 62, 128, 103, 61, 125, 118, 61, 129, 132, 61, 127, 150, 61, 127, 165, 60, 126, 177, 60, 128, 192, 61, 127, 210, 61, 127,
      224, 61, 126, 0, 90, 127, 12, 90, 126, 30, 90, 126, 45, 91, 125, 57, 91, 128, 71, 91, 128, 88, 91, 126, 102, 91, 125, 118,
      90, 128, 132, 90, 126, 150, 90, 126, 164, 90, 125, 176, 90, 127, 191, 91, 127, 209, 91, 126, 222, 91, 125, 2, 120, 130, 16,
      120, 131, 33, 120, 129, 49, 119, 129, 61, 119, 130, 76, 120, 131, 93, 120, 129, 107, 120, 128, 121, 119, 130, 135, 119, 129,
      152, 119, 128, 169, 119, 128, 181, 119, 130, 195, 119, 129, 213, 120, 130, 227, 120, 128, 2, 149, 130, 15, 148, 127, 33,
      149, 128, 47, 149, 127, 60, 149, 129, 75, 150, 130, 94, 149, 128, 106, 150, 127, 121, 148, 129, 135, 148, 128, 153, 148,
      128, 167, 149, 127, 180, 149, 129, 194, 149, 128, 214, 149, 129, 225, 149, 126, 0, 182, 128, 12, 181, 126, 30, 181, 126, 44,
      181, 125, 57, 181, 127, 73, 182, 127, 91, 181, 127, 104, 181, 125, 119, 182, 129, 132, 181, 126, 151, 182, 125, 164, 181,
      126, 177, 182, 126, 193, 182, 128, 211, 182, 126, 224, 181, 126, 1, 209, 131, 14, 209, 130, 32, 209, 129, 46, 209, 128, 58,
      209, 130, 74, 209, 130, 92, 209, 130, 106, 209, 128, 121, 209, 131, 135, 209, 130, 152, 209, 128, 166, 209, 129, 178, 209,
      129, 195, 209, 130, 212, 209, 128, 226, 209, 129,
    ],
  ],
  [
    'grey',
    '/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDAAMCAgMCAgMDAwMEAwMEBQgFBQQEBQoHBwYIDAoMDAsKCwsNDhIQDQ4RDgsLEBYQERMUFRUVDA8XGBYUGBIUFRT/wAALCAAIABABAREA/8QAHwAAAQUBAQEBAQEAAAAAAAAAAAECAwQFBgcICQoL/8QAtRAAAgEDAwIEAwUFBAQAAAF9AQIDAAQRBRIhMUEGE1FhByJxFDKBkaEII0KxwRVS0fAkM2JyggkKFhcYGRolJicoKSo0NTY3ODk6Q0RFRkdISUpTVFVWV1hZWmNkZWZnaGlqc3R1dnd4eXqDhIWGh4iJipKTlJWWl5iZmqKjpKWmp6ipqrKztLW2t7i5usLDxMXGx8jJytLT1NXW19jZ2uHi4+Tl5ufo6erx8vP09fb3+Pn6/9oACAEBAAA/APH/AAt+y/8Ac/0T/wAdr1/wt+y99z/RP/Ha/9k=',
    [
      15, 19, 24, 29, 33, 37, 42, 46, 50, 54, 59, 64, 68, 72, 78, 82, 32, 36, 41, 46, 50, 54, 60, 63, 68, 71, 77, 81, 85, 90, 95,
      99, 50, 54, 59, 64, 68, 72, 78, 81, 86, 90, 95, 99, 103, 108, 113, 117, 67, 71, 76, 81, 85, 89, 94, 98, 103, 107, 112, 116,
      120, 125, 130, 134, 86, 90, 95, 99, 103, 108, 113, 117, 121, 125, 130, 135, 139, 143, 149, 153, 103, 106, 112, 116, 120,
      125, 130, 134, 138, 142, 147, 152, 156, 160, 166, 169, 121, 124, 130, 134, 138, 143, 148, 152, 157, 160, 166, 170, 174, 179,
      184, 188, 138, 142, 147, 151, 155, 160, 165, 169, 174, 178, 183, 187, 191, 196, 201, 205,
    ],
  ],
  [
    'progressive',
    '/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDAAMCAgMCAgMDAwMEAwMEBQgFBQQEBQoHBwYIDAoMDAsKCwsNDhIQDQ4RDgsLEBYQERMUFRUVDA8XGBYUGBIUFRT/2wBDAQMEBAUEBQkFBQkUDQsNFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBT/wgARCAAIABADAREAAhEBAxEB/8QAFAABAAAAAAAAAAAAAAAAAAAABv/EABYBAQEBAAAAAAAAAAAAAAAAAAUGB//aAAwDAQACEAMQAAABHtzK8TUP/8QAFhAAAwAAAAAAAAAAAAAAAAAAAAQG/9oACAEBAAEFAlZcVlz/xAAXEQEAAwAAAAAAAAAAAAAAAAAFACEx/9oACAEDAQE/ATnMuHOZc//EABcRAAMBAAAAAAAAAAAAAAAAAAADBWH/2gAIAQIBAT8BdW0dW0//xAAVEAEBAAAAAAAAAAAAAAAAAAAAMv/aAAgBAQAGPwKUv//EABYQAAMAAAAAAAAAAAAAAAAAAAAxwf/aAAgBAQABPyFEiJP/2gAMAwEAAgADAAAAEDf/xAAUEQEAAAAAAAAAAAAAAAAAAAAQ/9oACAEDAQE/EBV//8QAFREBAQAAAAAAAAAAAAAAAAAAADH/2gAIAQIBAT8QqVP/xAAUEAEAAAAAAAAAAAAAAAAAAAAQ/9oACAEBAAE/EC3v/9k=',
    [
      0, 1, 128, 13, 1, 127, 31, 1, 125, 46, 2, 126, 58, 2, 127, 73, 1, 127, 91, 1, 125, 105, 1, 124, 119, 0, 126, 133, 0, 127,
      150, 0, 125, 165, 1, 126, 177, 1, 126, 193, 0, 127, 211, 1, 126, 225, 1, 125, 1, 28, 131, 15, 28, 130, 33, 28, 128, 49, 28,
      129, 60, 30, 130, 75, 28, 130, 94, 29, 129, 106, 28, 127, 121, 29, 130, 134, 28, 129, 153, 28, 128, 168, 27, 129, 179, 29,
      129, 195, 29, 131, 213, 28, 129, 227, 29, 127, 0, 61, 128, 12, 61, 128, 30, 61, 126, 46, 61, 128, 58, 61, 128, 72, 61, 129,
      91, 62, 128, 103, 61, 125, 118, 61, 129, 132, 61, 127, 150, 61, 127, 165, 60, 126, 177, 60, 128, 192, 61, 127, 210, 61, 127,
      224, 61, 126, 0, 90, 127, 12, 90, 126, 30, 90, 126, 45, 91, 125, 57, 91, 128, 71, 91, 128, 88, 91, 126, 102, 91, 125, 118,
      90, 128, 132, 90, 126, 150, 90, 126, 164, 90, 125, 176, 90, 127, 191, 91, 127, 209, 91, 126, 222, 91, 125, 2, 120, 130, 16,
      120, 131, 33, 120, 129, 49, 119, 129, 61, 119, 130, 76, 120, 131, 93, 120, 129, 107, 120, 128, 121, 119, 130, 135, 119, 129,
      152, 119, 128, 169, 119, 128, 181, 119, 130, 195, 119, 129, 213, 120, 130, 227, 120, 128, 2, 149, 130, 15, 148, 127, 33,
      149, 128, 47, 149, 127, 60, 149, 129, 75, 150, 130, 94, 149, 128, 106, 150, 127, 121, 148, 129, 135, 148, 128, 153, 148,
      128, 167, 149, 127, 180, 149, 129, 194, 149, 128, 214, 149, 129, 225, 149, 126, 0, 182, 128, 12, 181, 126, 30, 181, 126, 44,
      181, 125, 57, 181, 127, 73, 182, 127, 91, 181, 127, 104, 181, 125, 119, 182, 129, 132, 181, 126, 151, 182, 125, 164, 181,
      126, 177, 182, 126, 193, 182, 128, 211, 182, 126, 224, 181, 126, 1, 209, 131, 14, 209, 130, 32, 209, 129, 46, 209, 128, 58,
      209, 130, 74, 209, 130, 92, 209, 130, 106, 209, 128, 121, 209, 131, 135, 209, 130, 152, 209, 128, 166, 209, 129, 178, 209,
      129, 195, 209, 130, 212, 209, 128, 226, 209, 129,
    ],
  ],
];

const chromaHalved =
  '/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDAAMCAgMCAgMDAwMEAwMEBQgFBQQEBQoHBwYIDAoMDAsKCwsNDhIQDQ4RDgsLEBYQERMUFRUVDA8XGBYUGBIUFRT/2wBDAQMEBAUEBQkFBQkUDQsNFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBT/wAARCAAIABADASIAAhEBAxEB/8QAHwAAAQUBAQEBAQEAAAAAAAAAAAECAwQFBgcICQoL/8QAtRAAAgEDAwIEAwUFBAQAAAF9AQIDAAQRBRIhMUEGE1FhByJxFDKBkaEII0KxwRVS0fAkM2JyggkKFhcYGRolJicoKSo0NTY3ODk6Q0RFRkdISUpTVFVWV1hZWmNkZWZnaGlqc3R1dnd4eXqDhIWGh4iJipKTlJWWl5iZmqKjpKWmp6ipqrKztLW2t7i5usLDxMXGx8jJytLT1NXW19jZ2uHi4+Tl5ufo6erx8vP09fb3+Pn6/8QAHwEAAwEBAQEBAQEBAQAAAAAAAAECAwQFBgcICQoL/8QAtREAAgECBAQDBAcFBAQAAQJ3AAECAxEEBSExBhJBUQdhcRMiMoEIFEKRobHBCSMzUvAVYnLRChYkNOEl8RcYGRomJygpKjU2Nzg5OkNERUZHSElKU1RVVldYWVpjZGVmZ2hpanN0dXZ3eHl6goOEhYaHiImKkpOUlZaXmJmaoqOkpaanqKmqsrO0tba3uLm6wsPExcbHyMnK0tPU1dbX2Nna4uPk5ebn6Onq8vP09fb3+Pn6/9oADAMBAAIRAxEAPwDx/wALfsv/AHP9E/8AHa9f8Lfsvfc/0T/x2iiuPN+JMy1/eHyXh3xdm3ufvP6+8//Z';
const cmyk =
  '/9j/7gAOQWRvYmUAZAAAAAAA/9sAQwAIBgYHBgUIBwcHCQkICgwUDQwLCwwZEhMPFB0aHx4dGhwcICQuJyAiLCMcHCg3KSwwMTQ0NB8nOT04MjwuMzQy/8AAFAgACAAQBEMRAE0RAFkRAEsRAP/EAB8AAAEFAQEBAQEBAAAAAAAAAAABAgMEBQYHCAkKC//EALUQAAIBAwMCBAMFBQQEAAABfQECAwAEEQUSITFBBhNRYQcicRQygZGhCCNCscEVUtHwJDNicoIJChYXGBkaJSYnKCkqNDU2Nzg5OkNERUZHSElKU1RVVldYWVpjZGVmZ2hpanN0dXZ3eHl6g4SFhoeIiYqSk5SVlpeYmZqio6Slpqeoqaqys7S1tre4ubrCw8TFxsfIycrS09TV1tfY2drh4uPk5ebn6Onq8fLz9PX29/j5+v/aAA4EQwBNAFkASwAAPwDzPwj/AMs6yP8AhUn/AE7/AKUV7/XvPhH/AJZ0f8Kk/wCnf9KKK//Z';

function bytesOf(base64: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(Buffer.from(base64, 'base64'));
}

describe('decodePicture', () => {
  it.each(pngs)('reads a %s PNG as libpng does', (_, base64, pixels) => {
    const raster = decodePicture(bytesOf(base64), 'a.png');
    expect([raster.height, raster.width, raster.channels]).toEqual([3, 5, pixels.length / 15]);
    expect([...Array.from(raster.values)]).toEqual(pixels);
  });

  it.each(jpegs)('reads a %s JPEG as libjpeg does, to 2 steps', (_, base64, pixels) => {
    const raster = decodePicture(bytesOf(base64), 'a.jpg');
    expect([raster.height, raster.width, raster.channels]).toEqual([8, 16, pixels.length / 128]);
    const worst = Math.max(...pixels.map((pixel, index) => Math.abs(pixel - (raster.values[index] ?? 0))));
    expect(worst).toBeLessThanOrEqual(2);
  });

  it('tells sizes without decoding', () => {
    expect(pictureSize(bytesOf(chromaHalved), 'a.jpg')).toEqual({ width: 16, height: 8, channels: 3 });
  });

  it('names the file and the reason of what it refuses', () => {
    expect(() => decodePicture(bytesOf(cmyk), 'cats/a.jpg')).toThrow(/"cats\/a.jpg" can not be read.*CMYK/);
    expect(() => decodePicture(bytesOf(pngs[1]?.[1] ?? '').slice(0, -20), 'cats/b.png')).toThrow(/"cats\/b.png".*cut off/);
    expect(() => decodePicture(new TextEncoder().encode('<!doctype html>'), 'c.png')).toThrow(/neither as PNG nor as JPEG/);
  });

  it('refuses sizes that the bytes can not hold, before decoding', () => {
    const bytes = bytesOf(pngs[1]?.[1] ?? '');
    new DataView(bytes.buffer).setUint32(16, 30000);
    new DataView(bytes.buffer).setUint32(20, 2000);
    expect(() => pictureSize(bytes, 'bomb.png')).toThrow(/bytes can not hold 30000 × 2000 pixels/);
    new DataView(bytes.buffer).setUint32(20, 200000);
    expect(() => pictureSize(bytes, 'bomb.png')).toThrow(/are more than the 67108864 that are read/);
  });

  it('stops a pixel stream that expands beyond its size', () => {
    const header = Buffer.from(bytesOf(pngs[0]?.[1] ?? '')).subarray(12, 29);
    const chunk = (content: Uint8Array): Buffer => {
      const framed = Buffer.alloc(content.length + 8);
      framed.writeUInt32BE(content.length - 4);
      framed.set(content, 4);
      framed.writeUInt32BE(crc32(content), content.length + 4);
      return framed;
    };
    const data = Buffer.concat([Buffer.from('IDAT'), deflateSync(Buffer.alloc(20_000_000), { level: 1 })]);
    const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 13, 10, 26, 10]);
    const png = Uint8Array.from(Buffer.concat([signature, chunk(header), chunk(data), chunk(Buffer.from('IEND'))]));
    expect(() => decodePicture(png, 'bomb.png')).toThrow(/expands beyond the \d+ bytes that its size allows/);
  });

  it('reads interlaced pictures, and refuses the kind that fast-png gets wrong', () => {
    const data = Uint8Array.from({ length: 9 * 7 * 3 }, (_, index) => (index * 37) & 255);
    const png = Uint8Array.from(encode({ width: 9, height: 7, channels: 3, data }, { interlace: 'Adam7' }));
    expect([...Array.from(decodePicture(png, 'a.png').values)]).toEqual([...data]);
    const narrow = bytesOf(pngs[3]?.[1] ?? '');
    narrow[28] = 1;
    expect(() => decodePicture(narrow, 'b.png')).toThrow(/interlaced with 1 bits per channel/);
  });
});
