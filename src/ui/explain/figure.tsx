/** What all explanations share: a drawing with a name, a caption, and sliders that move it. */
import type { ReactNode } from 'react';

export const width = 248;

interface Props {
  readonly label: string;
  readonly height: number;
  readonly drawing: ReactNode;
  readonly children: ReactNode;
}

export function Figure({ label, height, drawing, children }: Props) {
  return (
    <figure className="explain-figure">
      <svg viewBox={`0 0 ${width} ${height}`} role="img" aria-label={label}>
        {drawing}
      </svg>
      <figcaption>{label}</figcaption>
      {children}
    </figure>
  );
}

/** A row of numbers, drawn as an SVG path through its points. */
export const line = (points: readonly (readonly [number, number])[]): string =>
  `M${points.map(([x, y]) => `${x.toFixed(1)} ${y.toFixed(1)}`).join('L')}`;
