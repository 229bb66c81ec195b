/**
 * What a model weighs: the files as written, each gzipped as a web server would send it, and the bounds below them. "Before" is the
 * original's float32 weights through the same writer and the same gzip, so that nothing but compression makes the difference.
 */
import { gzipSize } from './coding/gzip.ts';
import type { Context } from './context.ts';
import type { Format } from './format.ts';
import { measureSize } from './metrics/size.ts';
import { float32 } from './model/encoding.ts';
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
  const { payload, entropy } = measureSize(precision === 'float32' ? asFloat32(model) : model);
  return { 'size/file': bytes(file), 'size/gzip': bytes(gzip), 'size/payload': bytes(payload), 'size/entropy': bytes(entropy) };
}

/** The same values, every tensor as plain numbers. */
function asFloat32(model: Model): Model {
  return {
    ...model,
    weights: new Map([...model.weights].map(([id, { shape, values }]) => [id, { shape, values, encoding: float32 }])),
  };
}
