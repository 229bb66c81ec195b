/**
 * A range with its value in words beside it. Every move is a preview; letting go, or an arrow key, commits. Where only some
 * values are allowed the range walks over their positions.
 */
import { useEffect, useId, useRef } from 'react';

interface Props {
  readonly label: string;
  readonly value: number;
  readonly min: number;
  readonly max: number;
  readonly step: number;
  readonly values?: readonly number[] | undefined;
  /** The value in words, with its unit. */
  readonly text: (value: number) => string;
  readonly onPreview: (value: number) => void;
  readonly onCommit: (value: number) => void;
  readonly large?: boolean;
  /** Marks under the track. */
  readonly marks?: readonly string[];
  readonly help?: string | undefined;
  readonly children?: React.ReactNode;
}

export function Slider(props: Props) {
  const { label, value, values, text, onCommit, large = false, marks, help } = props;
  const id = useId();
  const input = useRef<HTMLInputElement>(null);
  const commit = useRef(onCommit);
  commit.current = onCommit;
  const range = values ? { min: 0, max: values.length - 1, step: 1 } : { min: props.min, max: props.max, step: props.step };
  const position = values ? nearest(values, value) : value;
  const meaning = (at: number) => (values ? (values[at] ?? value) : at);
  const meaningNow = useRef(meaning);
  meaningNow.current = meaning;

  // React's onChange is the browser's `input`; the browser's `change` is what says that the thumb was let go of.
  useEffect(() => {
    const element = input.current;
    const letGo = () => element && commit.current(meaningNow.current(element.valueAsNumber));
    element?.addEventListener('change', letGo);
    return () => element?.removeEventListener('change', letGo);
  }, []);

  const filled = range.max > range.min ? (position - range.min) / (range.max - range.min) : 0;
  return (
    <div className={large ? 'slider large' : 'slider'} title={help}>
      <label htmlFor={id}>{label}</label>
      <output htmlFor={id}>{text(value)}</output>
      <input
        ref={input}
        id={id}
        type="range"
        {...range}
        value={position}
        aria-valuetext={text(value)}
        style={{ '--filled': filled } as React.CSSProperties}
        onChange={(event) => props.onPreview(meaning(event.currentTarget.valueAsNumber))}
      />
      {marks && (
        <div className="marks" aria-hidden="true">
          {marks.map((mark) => (
            <span key={mark}>{mark}</span>
          ))}
        </div>
      )}
      {props.children}
    </div>
  );
}

function nearest(values: readonly number[], value: number): number {
  let best = 0;
  values.forEach((candidate, index) => {
    if (Math.abs(candidate - value) < Math.abs((values[best] ?? 0) - value)) best = index;
  });
  return best;
}
