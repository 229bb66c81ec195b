/** What all explanations share: a drawing with a name, a caption, and sliders that move it. */
import type { ReactNode } from 'react';
import { Slider } from '../parts/slider.tsx';

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

interface KnobProps {
  readonly label: string;
  readonly value: number;
  readonly min: number;
  readonly max: number;
  readonly step: number;
  readonly text: (value: number) => string;
  readonly onTurn: (value: number) => void;
}

/** A slider that moves a figure and nothing else: there is nothing to let go of. */
export function Knob({ onTurn, ...rest }: KnobProps) {
  return <Slider {...rest} onPreview={onTurn} onCommit={onTurn} />;
}

/** A row of numbers, drawn as an SVG path through its points. */
export const line = (points: readonly (readonly [number, number])[]): string =>
  `M${points.map(([x, y]) => `${x.toFixed(1)} ${y.toFixed(1)}`).join('L')}`;
