/** Some of the data as the model sees it, painted on one canvas; their labels are the canvas's words. */
import { useEffect, useRef, useState } from 'react';
import type { Thumbnail } from '../../workers/api.ts';
import { t } from '../i18n/translate.ts';

const gap = 3;
const smallest = 30;
const largest = 44;

export function Thumbnails({ thumbnails }: { readonly thumbnails: readonly Thumbnail[] }) {
  const frame = useRef<HTMLDivElement>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  const [space, setSpace] = useState({ width: 0, height: 0 });
  useEffect(() => {
    const element = frame.current;
    if (element === null) return;
    const observer = new ResizeObserver(() => setSpace({ width: element.clientWidth, height: element.clientHeight }));
    observer.observe(element);
    return () => observer.disconnect();
  }, []);
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

async function paint(canvas: HTMLCanvasElement, thumbnails: readonly Thumbnail[], space: { width: number; height: number }) {
  const { columns, rows, size } = layout(thumbnails.length, space);
  const context = canvas.getContext('2d');
  if (context === null || columns === 0) return;
  const scale = window.devicePixelRatio;
  const side = Math.round(size * scale);
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

/** As many whole tiles as the frame holds, as large as they fit. */
export function layout(n: number, { width, height }: { width: number; height: number }) {
  for (let size = largest; size >= smallest; size--) {
    const columns = Math.floor((width + gap) / (size + gap));
    const rows = Math.floor((height + gap) / (size + gap));
    if (columns * rows >= n || size === smallest)
      return { columns, rows: Math.min(rows, Math.ceil(n / Math.max(1, columns))), size };
  }
  return { columns: 0, rows: 0, size: smallest };
}
