/**
 * Layers laid out channels first, [channels, height, width], computed channels last: their input is turned, and their output turned back.
 * Their kernels are the same in both. Two turns that undo each other are left out.
 */
import { field, type JsonObject } from '../json.ts';

/** Layers whose `data_format` says how their input is laid out. */
const spatial =
  /^(Grouped)?(Conv|Convolution|DepthwiseConv|SeparableConv|MaxPool|AveragePool|AvgPool|GlobalMaxPool|GlobalAveragePool|GlobalAvgPool|ZeroPadding|Cropping|UpSampling|Resizing|CenterCrop|Deconvolution|SpatialDropout|Flatten)/;

export interface Turn {
  readonly config: JsonObject;
  /** Order of the input's axes, for Permute. */
  readonly before: readonly number[];
  /** Order of the output's axes; null where it has none to turn. */
  readonly after: readonly number[] | null;
}

/** How a layer's input and output are turned, where it is laid out channels first; `rank` counts the axes of a sample. */
export function turnOf(className: string, config: JsonObject, rank: number): Turn | undefined {
  const layout = field(config, 'data_format');
  const isFirst = typeof layout === 'string' && /^channels_?first$/i.test(layout);
  if (!isFirst || !spatial.test(className)) return undefined;
  const places = Array.from({ length: rank - 1 }, (_, axis) => axis + 2);
  const before = [...places, 1];
  const after = [rank, ...places.map((axis) => axis - 1)];
  const flat = className === 'Flatten' || (className.startsWith('Global') && field(config, 'keepdims') !== true);
  return { config: { ...config, data_format: 'channels_last' }, before, after: flat ? null : after };
}
