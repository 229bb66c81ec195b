/** Some of the data as the model sees it, painted on one canvas; their labels are the canvas's words. */
import { useEffect, useRef } from 'react';
import type { Thumbnail } from '../../workers/api.ts';
import { t } from '../i18n/translate.ts';
import { type Size, useSize } from '../parts/use-size.ts';

const gap = 3;
const smallest = 28;
const largest = 56;

export function Thumbnails({ thumbnails }: { readonly thumbnails: readonly Thumbnail[] }) {
  const [frame, space] = useSize<HTMLDivElement>();
  const canvas = useRef<HTMLCanvasElement>(null);
  useEffect(() => {
    if (canvas.current !== null) void paint(canvas.current, thumbnails, space);
  }, [thumbnails, space]);
  if (thumbnails.length === 0) return null;
  const labels = [...new Set(thumbnails.map((thumbnail) => thumbnail.label))].filter((label) => label !== '');
  return (
    <div className="thumbnails" ref={frame}>
      <canvas ref={canvas} role="img" aria-label={t('data.thumbnails', { n: thumbnails.length, labels: labels.join(', ') })} />
    </div>
  );
}

async function paint(canvas: HTMLCanvasElement, thumbnails: readonly Thumbnail[], space: Size) {
  const { columns, rows, size } = layout(thumbnails.length, space);
  const context = canvas.getContext('2d');
  if (context === null || columns === 0) return;
  const scale = window.devicePixelRatio;
  const side = Math.floor(size * scale);
  const pitch = side + Math.round(gap * scale);
  canvas.width = columns * pitch;
  canvas.height = rows * pitch;
  canvas.style.inlineSize = `${canvas.width / scale}px`;
  canvas.style.blockSize = `${canvas.height / scale}px`;
  const shown = thumbnails.slice(0, columns * rows);
  const pictures = await Promise.all(
    shown.map(({ pixels, width, height }) => createImageBitmap(new ImageData(pixels, width, height))),
  );
  pictures.forEach((picture, index) => {
    context.imageSmoothingEnabled = picture.width > side;
    context.drawImage(picture, (index % columns) * pitch, Math.floor(index / columns) * pitch, side, side);
    picture.close();
  });
}

/** The fewest columns, filling the width, whose rows hold all tiles; where none do, the smallest tiles and as many rows as fit. */
export function layout(n: number, { width, height }: Size) {
  if (width < smallest) return { columns: 0, rows: 0, size: smallest };
  const most = Math.floor((width + gap) / (smallest + gap));
  for (let columns = Math.ceil((width + gap) / (largest + gap)); ; columns++) {
    const size = (width + gap) / columns - gap;
    const rows = Math.floor((height + gap) / (size + gap));
    if (columns * rows >= n || columns >= most) return { columns, rows: Math.min(rows, Math.ceil(n / columns)), size };
  }
}
