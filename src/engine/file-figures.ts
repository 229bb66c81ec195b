/**
 * What a model weighs: the files as written, each gzipped as a web server would send it, and the bounds below them. "Before" is the
 * original's float32 weights through the same writer and the same gzip, so that nothing but compression makes the difference.
 */
import { gzipSize } from './coding/gzip.ts';
import type { Context } from './context.ts';
import type { Format } from './format.ts';
import { sizeFigures } from './metrics/size.ts';
import type { Model } from './model/model.ts';
import type { Figures, Measured } from './report.ts';

const bytes = (value: number): Measured => ({ value, unit: 'B', how: 'measured' });

/** `size/file`, `size/gzip`, `size/payload` and `size/entropy` of a model in a format. */
export async function fileFigures(
  model: Model,
  format: Format,
  precision: 'encoded' | 'float32',
  context: Context,
): Promise<Figures> {
  if (format.write === undefined) throw new Error(`The format "${format.id}" has no writer.`);
  const files = await format.write(model, { precision, onlyWeighed: true }, context);
  let [file, gzip] = [0, 0];
  for (const written of files) {
    file += written.bytes.length;
    gzip += await gzipSize(written.bytes);
  }
  return { 'size/file': bytes(file), 'size/gzip': bytes(gzip), ...sizeFigures(model, precision) };
}
