/**
 * Convolutions of NHWC pictures with HWIO filters, and their gradients. The loops are in `assembly/convolution.ts`,
 * `input-scatter.ts` and `filter-gradient.ts`.
 */
import { type Clamp, clampWords, type SimdKernel } from './kernel.ts';
import { sumParts } from './sums.ts';

/** Sizes of a two-dimensional window operation, as TF.js' `conv_util` has them; padding is what lies above and left. */
export interface WindowShape {
  readonly batch: number;
  readonly inHeight: number;
  readonly inWidth: number;
  readonly inChannels: number;
  readonly outHeight: number;
  readonly outWidth: number;
  readonly outChannels: number;
  readonly filterHeight: number;
  readonly filterWidth: number;
  readonly strideHeight: number;
  readonly strideWidth: number;
  readonly dilationHeight: number;
  readonly dilationWidth: number;
  readonly padTop: number;
  readonly padLeft: number;
}

export interface ConvolutionArgs {
  readonly shape: WindowShape;
  /** Addresses of input, filter [height, width, in, out], output, and a bias. */
  readonly x: number;
  readonly filter: number;
  readonly y: number;
  readonly bias?: number;
  readonly clamp?: Clamp;
}

export interface InputGradientArgs {
  readonly shape: WindowShape;
  readonly dy: number;
  readonly filter: number;
  readonly dx: number;
}

export interface FilterGradientArgs {
  readonly shape: WindowShape;
  readonly x: number;
  readonly dy: number;
  /** Where the parts go, of which `filterParts(shape)` are needed, each as large as the filter; `sumParts` adds them up. */
  readonly parts: number;
}

/** The shape as the words 4 to 18 of a block of arguments. */
export function shapeWords(shape: WindowShape): readonly number[] {
  const { batch, inHeight, inWidth, inChannels, outHeight, outWidth, outChannels } = shape;
  const { filterHeight, filterWidth, strideHeight, strideWidth, dilationHeight, dilationWidth, padTop, padLeft } = shape;
  const sizes = [batch, inHeight, inWidth, inChannels, outHeight, outWidth, outChannels, filterHeight, filterWidth];
  return [...sizes, strideHeight, strideWidth, dilationHeight, dilationWidth, padTop, padLeft];
}

/** About so many places make a block: enough for packing and pointers to pay, few enough to share them out. */
const places = 144;

/** Pictures and rows of a block of a sweep over targets of `rows` × `columns`. */
function sweepBlock(rows: number, columns: number): readonly [images: number, rows: number] {
  const all = Math.max(1, rows * columns);
  if (2 * all <= places) return [Math.max(1, Math.round(places / all)), Math.max(1, rows)];
  const parts = Math.max(1, Math.round(all / places));
  return [1, Math.ceil(rows / Math.min(rows, parts))];
}

const panelFloats = (k: number, n: number): number => k * 4 * Math.ceil(n / 4);

/** What a block needs: lists of taps, records of tiles, the packed filter, and a strip of the source. */
function sweepBytes(
  shape: WindowShape,
  depth: number,
  channels: number,
  block: readonly [number, number],
  strip: number,
): number {
  const { filterHeight, filterWidth } = shape;
  const taps = filterHeight * filterWidth;
  const lists = 192 + 8 * (filterHeight + filterWidth) + 4 * taps + 16;
  return lists + 4 * panelFloats(taps * depth, channels) + 64 * Math.ceil((block[0] * strip) / 6) + 16;
}

const extent = (steps: number, step: number, taps: number, dilation: number): number =>
  Math.max(0, steps - 1) * step + (taps - 1) * dilation + 1;

const forwardBlock = ({ outHeight, outWidth }: WindowShape): readonly [number, number] => sweepBlock(outHeight, outWidth);

export const convolution: SimdKernel<ConvolutionArgs> = {
  name: 'convolution',
  words: ({ shape, x, filter, y, bias = 0, clamp }) => [
    ...[x, filter, y, bias],
    ...shapeWords(shape),
    ...clampWords(clamp),
    ...forwardBlock(shape),
  ],
  blocks({ shape }) {
    const [images, rows] = forwardBlock(shape);
    return Math.ceil(shape.batch / images) * Math.ceil(shape.outHeight / rows);
  },
  scratchBytes({ shape }) {
    const [images, rows] = forwardBlock(shape);
    const high = extent(rows, shape.strideHeight, shape.filterHeight, shape.dilationHeight);
    const wide = extent(shape.outWidth, shape.strideWidth, shape.filterWidth, shape.dilationWidth);
    const strip = 4 * images * high * wide * shape.inChannels;
    return sweepBytes(shape, shape.inChannels, shape.outChannels, [images, rows], rows * shape.outWidth) + strip;
  },
};

const phaseRows = ({ inHeight, strideHeight }: WindowShape): number => Math.ceil(inHeight / strideHeight);
const phaseColumns = ({ inWidth, strideWidth }: WindowShape): number => Math.ceil(inWidth / strideWidth);
const phaseBlock = (shape: WindowShape): readonly [number, number] => sweepBlock(phaseRows(shape), phaseColumns(shape));

export const convolutionInputGradient: SimdKernel<InputGradientArgs> = {
  name: 'convolutionInputGradient',
  words: ({ shape, dy, filter, dx }) => [dy, filter, dx, 0, ...shapeWords(shape), ...clampWords(), ...phaseBlock(shape)],
  blocks({ shape }) {
    const [images, rows] = phaseBlock(shape);
    const perPhase = Math.ceil(shape.batch / images) * Math.ceil(phaseRows(shape) / rows);
    return shape.strideHeight * shape.strideWidth * perPhase;
  },
  scratchBytes({ shape }) {
    const [images, rows] = phaseBlock(shape);
    const high = extent(rows, 1, shape.filterHeight, shape.dilationHeight);
    const wide = extent(phaseColumns(shape), 1, shape.filterWidth, shape.dilationWidth);
    const strip = 4 * images * high * wide * shape.outChannels;
    return sweepBytes(shape, shape.outChannels, shape.inChannels, [images, rows], rows * phaseColumns(shape)) + strip;
  },
};

const scatterImages = ({ outHeight, outWidth }: WindowShape): number => Math.max(1, Math.round(places / (outHeight * outWidth)));

export const convolutionInputScatter: SimdKernel<InputGradientArgs> = {
  name: 'convolutionInputScatter',
  words: ({ shape, dy, filter, dx }) => [dy, filter, dx, 0, ...shapeWords(shape), ...clampWords(), scatterImages(shape)],
  blocks: ({ shape }) => Math.ceil(shape.batch / scatterImages(shape)),
  scratchBytes({ shape }) {
    const { filterHeight, filterWidth, inChannels, outChannels, outHeight, outWidth } = shape;
    const packed = filterHeight * panelFloats(outChannels, filterWidth * inChannels);
    return 192 + 16 + 4 * packed + 48 * Math.ceil((scatterImages(shape) * outHeight * outWidth) / 6);
  },
};

/** Whether every tap of every output lies in the picture, and taps beside each other read pixels beside each other. */
export function canScatter(shape: WindowShape): boolean {
  const { inHeight, inWidth, outHeight, outWidth, filterHeight, filterWidth, padTop, padLeft, dilationWidth } = shape;
  const down = extent(outHeight, shape.strideHeight, filterHeight, shape.dilationHeight);
  const across = extent(outWidth, shape.strideWidth, filterWidth, dilationWidth);
  return padTop === 0 && padLeft === 0 && down <= inHeight && across <= inWidth && (dilationWidth === 1 || filterWidth === 1);
}

/** Scattering pays where there are a sixth more columns of inputs than outputs come from. */
export const inputGradientKernel = (shape: WindowShape): SimdKernel<InputGradientArgs> =>
  canScatter(shape) && 6 * shape.inWidth > 7 * shape.outWidth * shape.strideWidth
    ? convolutionInputScatter
    : convolutionInputGradient;

const filterSize = ({ filterHeight, filterWidth, inChannels, outChannels }: WindowShape): number =>
  filterHeight * filterWidth * inChannels * outChannels;

/** Pictures of a part: sixteen parts of small filters, fewer of large ones. */
export function picturesOfPart(batch: number, size: number): number {
  const most = Math.max(4, Math.min(16, Math.floor(2 ** 20 / size)));
  return Math.max(1, Math.ceil(batch / most));
}

/** How many parts a filter's gradient is summed in. */
export const filterParts = (shape: WindowShape): number =>
  Math.ceil(shape.batch / picturesOfPart(shape.batch, filterSize(shape)));

export const filterGradient: SimdKernel<FilterGradientArgs> = {
  name: 'filterGradient',
  words: ({ shape, x, dy, parts }) => [x, dy, parts, 0, ...shapeWords(shape), picturesOfPart(shape.batch, filterSize(shape))],
  blocks: ({ shape }) => filterParts(shape),
  scratchBytes({ shape }) {
    const enough = 512;
    const { outHeight, outWidth } = shape;
    const images = Math.max(1, Math.floor(enough / Math.max(1, outHeight * outWidth)));
    const rows = Math.min(outHeight, Math.max(1, Math.floor((2 * enough) / outWidth)));
    const packed = panelFloats(images * rows * outWidth, shape.outChannels);
    const high = extent(rows, shape.strideHeight, shape.filterHeight, shape.dilationHeight);
    const wide = extent(outWidth, shape.strideWidth, shape.filterWidth, shape.dilationWidth);
    return 48 + 192 + 4 * packed + 4 * images * high * wide * shape.inChannels;
  },
};

/** The second half of `filterGradient`: the parts added up. */
export const filterSum = ({ shape, parts }: FilterGradientArgs, gradient: number) =>
  [sumParts, { from: parts, to: gradient, parts: filterParts(shape), size: filterSize(shape) }] as const;
