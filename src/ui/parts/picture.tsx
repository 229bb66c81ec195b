/** RGBA pixels on a canvas of their own size; the style sheet sizes it. */
import { useEffect, useRef } from 'react';
import type { Thumbnail } from '../../workers/api.ts';

export function Picture({ picture }: { readonly picture: Pick<Thumbnail, 'pixels' | 'width' | 'height'> }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const { pixels, width, height } = picture;
  useEffect(() => {
    canvas.current?.getContext('2d')?.putImageData(new ImageData(pixels, width, height), 0, 0);
  }, [pixels, width, height]);
  return <canvas ref={canvas} className="picture" width={width} height={height} />;
}
