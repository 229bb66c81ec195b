/**
 * The gradient of a convolution's filter: for each tap and channel the products of the pictures with the outputs' gradients, summed over all
 * places: a product with a transposed A that is never made, its rows being floats beside each other in a picture. Each block sums over some
 * pictures into a part of its own; `sumParts` adds the parts.
 *
 * Words: as `convolution.ts` up to the padding, with source, output gradient, parts | images of a part.
 */
import { address, int } from './lanes';
import { columns4, columns8, setEpilogue, setExtent, spillBytes, tileBytes } from './micro';
import { packPanels, panelBytes, panelStep } from './pack';
import { openStrip, stripBase, stripImage, stripRow } from './strip';

/** Places that are summed in registers before a part is touched, about. */
const enough: i32 = 512;

export function filterGradient(args: usize, begin: i32, end: i32, scratch: usize): void {
  const images = int(args, 4);
  const lines = int(args, 8);
  const count = int(args, 9);
  const size = <usize>(int(args, 11) * int(args, 12) * int(args, 7) * int(args, 10)) << 2;
  const each = int(args, 19);
  // Small pictures are taken together, large ones in strips.
  const together = max(1, enough / max(1, lines * count));
  const tall = min(lines, max(1, (2 * enough) / count));
  for (let block = begin; block < end; block++) {
    const part = address(args, 2) + <usize>block * size;
    const last = min(images, (block + 1) * each);
    let first = true;
    for (let n = block * each; n < last; n += together) {
      for (let y = 0; y < lines; y += tall) {
        chunk(args, n, min(together, last - n), y, min(tall, lines - y), part, first, scratch);
        first = false;
      }
    }
  }
}

/** Adds the products of some pictures' rows of outputs to a part. */
function chunk(args: usize, image: i32, images: i32, top: i32, lines: i32, part: usize, first: bool, scratch: usize): void {
  const height = int(args, 5);
  const width = int(args, 6);
  const depth = int(args, 7);
  const count = int(args, 9);
  const filters = int(args, 10);
  const tapsY = int(args, 11);
  const tapsX = int(args, 12);
  const strideY = int(args, 13);
  const strideX = int(args, 14);
  const dilationY = int(args, 15);
  const dilationX = int(args, 16);
  const pixel = <usize>depth << 2;
  const row = <usize>filters << 2;
  const outRow = <usize>count * row;
  const outImage = <usize>int(args, 8) * outRow;
  const gradient = address(args, 1) + <usize>image * outImage + <usize>top * outRow;
  const tile = scratch;
  const spill = scratch + tileBytes;
  const panels = spill + spillBytes;
  // Pictures taken together are whole, so that their places follow each other. Rows of whole vectors are read where they lie.
  const places = images * lines * count;
  const packs = (filters & 3) != 0;
  if (packs) packPanels(gradient, row, places, filters, panels);
  openStrip(
    address(args, 0) + <usize>image * <usize>(height * width) * pixel,
    images,
    height,
    width,
    pixel,
    top * strideY - int(args, 17),
    (lines - 1) * strideY + (tapsY - 1) * dilationY + 1,
    -int(args, 18),
    (count - 1) * strideX + (tapsX - 1) * dilationX + 1,
    panels + (packs ? panelBytes(places, filters) : 0),
  );
  setEpilogue(-Infinity, Infinity, !first, spill);
  const joined = dilationX == 1 || tapsX == 1;
  const runs = joined ? tapsY : tapsY * tapsX;
  const length = joined ? tapsX * depth : depth;
  const right = <usize>strideX * pixel;
  const down = <usize>strideY * stripRow;
  for (let s = 0; s < runs; s++) {
    const y = joined ? s : s / tapsX;
    const x = joined ? 0 : s % tapsX;
    const from = stripBase + <usize>(y * dilationY) * stripRow + <usize>(x * dilationX) * pixel;
    for (let i = 0; i < length; i += 6) {
      const valid = min(6, length - i);
      for (let r = 0; r < 6; r++) store<u32>(tile + 24 + (<usize>r << 2), <u32>(part + <usize>(s * length + i + min(r, valid - 1)) * row));
      let panel = packs ? panels : gradient;
      for (let j = 0; j < filters; j += 8) {
        const room = panelStep(filters, j);
        const step = packs ? room : row;
        setExtent(valid, min(8, filters - j), <usize>j << 2, 0);
        const at = from + (<usize>i << 2);
        if (room == 32) columns8(tile, at, images, stripImage, lines, down, count, right, panel, step);
        else columns4(tile, at, images, stripImage, lines, down, count, right, panel, step);
        panel += packs ? <usize>places * room : 32;
      }
    }
  }
}
