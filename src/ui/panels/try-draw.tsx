/**
 * The drawing board: pointer, touch, or the keyboard (arrow keys move a pen that Space lowers). Ink is light on dark where the data is.
 * Digits are centred as MNIST's were; other drawings are averaged down to the model's input.
 */
import { useEffect, useId, useRef, useState } from 'react';
import type { Thumbnail } from '../../workers/api.ts';
import { giveInput } from '../flows/trial.ts';
import { Picture } from '../parts/picture.tsx';
import { average, centreByMass, type Grey } from '../state/centre-by-mass.ts';
import { session } from '../state/session.ts';
import { type Look, useTrial } from '../state/trial.ts';
import { tryWords } from './try-words.ts';

const side = 280;
const brush = 22;
const stride = 10;

interface Point {
  readonly x: number;
  readonly y: number;
}

/** A drawing as grey RGBA pixels, the colours turned where ink is dark on light. */
function picture({ width, height, values }: Grey, dark: boolean) {
  const pixels = new Uint8ClampedArray(width * height * 4);
  values.forEach((value, index) => {
    pixels.fill(dark ? value : 255 - value, index * 4, index * 4 + 3);
    pixels[index * 4 + 3] = 255;
  });
  return { kind: 'picture', pixels, width, height } as const;
}

/** How much ink is on each pixel of the board. The board itself is transparent; its ground is the style sheet's. */
function inkOf(context: CanvasRenderingContext2D): Grey {
  const { data } = context.getImageData(0, 0, side, side);
  return {
    width: side,
    height: side,
    values: Float32Array.from({ length: side * side }, (_, index) => data[index * 4 + 3] ?? 0),
  };
}

export function TryDraw({ look }: { readonly look: Look }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const last = useRef<Point | null>(null);
  const frame = useRef(0);
  const digits = look.grey && look.width === 28 && look.height === 28;
  const [centred, setCentred] = useState(digits);
  const [sample, setSample] = useState<Thumbnail | null>(null);
  const [pen, setPen] = useState<(Point & { readonly down: boolean }) | null>(null);
  const input = useTrial((state) => state.input);
  const help = useId();

  const context = () => canvas.current?.getContext('2d', { willReadFrequently: true }) ?? null;
  const give = (centre = centred) => {
    cancelAnimationFrame(frame.current);
    frame.current = requestAnimationFrame(() => {
      const board = context();
      if (board === null) return;
      const ink = inkOf(board);
      if (ink.values.every((value) => value === 0)) return giveInput(null);
      giveInput(picture(centre ? centreByMass(ink) : average(ink, look.width, look.height), look.dark));
    });
  };
  useEffect(() => () => cancelAnimationFrame(frame.current), []);

  const stroke = (from: Point, to: Point) => {
    const board = context();
    if (board === null) return;
    board.lineCap = board.lineJoin = 'round';
    board.lineWidth = brush;
    board.strokeStyle = look.dark ? '#fff' : '#000';
    board.beginPath();
    board.moveTo(from.x, from.y);
    board.lineTo(to.x + 0.01, to.y);
    board.stroke();
    setSample(null);
    give();
  };
  const clear = () => {
    cancelAnimationFrame(frame.current);
    context()?.clearRect(0, 0, side, side);
    setSample(null);
    giveInput(null);
  };
  /** One of the data's own pictures, for those who would rather not draw. */
  const takeSample = () => {
    const pictures = session.getState().data?.thumbnails ?? [];
    const chosen = pictures[Math.floor(Math.random() * pictures.length)];
    if (chosen === undefined) return;
    clear();
    setSample(chosen);
    giveInput({ kind: 'picture', pixels: chosen.pixels, width: chosen.width, height: chosen.height });
  };
  const at = (event: React.PointerEvent): Point => {
    const box = event.currentTarget.getBoundingClientRect();
    return { x: ((event.clientX - box.left) / box.width) * side, y: ((event.clientY - box.top) / box.height) * side };
  };
  const press = (event: React.KeyboardEvent) => {
    const now = pen ?? { x: side / 2, y: side / 4, down: false };
    const [dx, dy] = moves[event.key] ?? [0, 0];
    const next = {
      x: Math.max(0, Math.min(side, now.x + dx * stride)),
      y: Math.max(0, Math.min(side, now.y + dy * stride)),
      down: event.key === ' ' ? !now.down : now.down,
    };
    if (event.key === 'Delete' || event.key === 'Backspace') clear();
    else if (event.key !== ' ' && moves[event.key] === undefined) return;
    else if (next.down) stroke(now, next);
    event.preventDefault();
    setPen(next);
  };
  return (
    <div className="try-draw">
      <div className="board" data-dark={look.dark}>
        {/* biome-ignore lint/a11y/noInteractiveElementToNoninteractiveRole: a board that takes every key is an application. */}
        <canvas
          ref={canvas}
          width={side}
          height={side}
          role="application"
          aria-label={tryWords('draw.label')}
          aria-describedby={help}
          tabIndex={0}
          onPointerDown={(event) => {
            event.currentTarget.setPointerCapture(event.pointerId);
            last.current = at(event);
            setPen(null);
            stroke(last.current, last.current);
          }}
          onPointerMove={(event) => {
            if (last.current === null) return;
            const to = at(event);
            stroke(last.current, to);
            last.current = to;
          }}
          onPointerUp={() => {
            last.current = null;
          }}
          onPointerCancel={() => {
            last.current = null;
          }}
          onKeyDown={press}
          onBlur={() => setPen(null)}
        />
        {sample && <Picture picture={sample} />}
        {pen && (
          <i
            className="pen"
            data-down={pen.down}
            style={{ left: `${(pen.x / side) * 100}%`, top: `${(pen.y / side) * 100}%` }}
            aria-hidden="true"
          />
        )}
        {input === null && pen === null && (
          <p className="board-words" aria-hidden="true">
            {tryWords('draw.first')}
          </p>
        )}
        <span role="status" className="visually-hidden">
          {pen && tryWords(pen.down ? 'draw.pen-down' : 'draw.pen-up')}
        </span>
      </div>
      <p id={help} className="visually-hidden">
        {tryWords('draw.help')}
      </p>
      <div className="draw-tools">
        {sample === null ? <Seen /> : <span />}
        <button type="button" className="link" title={tryWords('draw.help')} onClick={clear}>
          {tryWords('clear')}
        </button>
        <button type="button" className="link" onClick={takeSample}>
          {tryWords('sample')}
        </button>
        {digits && (
          <label className="check" title={tryWords('centre.help')}>
            <input
              type="checkbox"
              checked={centred}
              onChange={(event) => {
                setCentred(event.currentTarget.checked);
                give(event.currentTarget.checked);
              }}
            />
            {tryWords('centre')}
          </label>
        )}
      </div>
    </div>
  );
}

/** What the model is given, at its own size. */
function Seen() {
  const input = useTrial((state) => state.input);
  if (input?.kind !== 'picture') return <span />;
  const { width, height } = input;
  const pixels = new Uint8ClampedArray(input.pixels);
  return (
    <figure className="seen">
      <Picture picture={{ pixels, width, height }} />
      <figcaption className="quiet-text">{tryWords('seen')}</figcaption>
    </figure>
  );
}

const moves: Readonly<Record<string, readonly [number, number]>> = {
  ArrowRight: [1, 0],
  ArrowLeft: [-1, 0],
  ArrowDown: [0, 1],
  ArrowUp: [0, -1],
};
