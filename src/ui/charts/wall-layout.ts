/**
 * Where the samples of the wall stand: pictures in a grid that fills the space, classes of a table in the cells of a confusion matrix,
 * values over the truth. All in CSS pixels from the upper left corner; `size` is a square's side.
 */
import type { Size } from '../parts/use-size.ts';
import type { Tile } from '../state/answers.ts';

export interface Place {
  readonly x: number;
  readonly y: number;
  readonly size: number;
}

const gap = 3;
const smallest = 26;
const largest = 76;

/** The fewest columns whose rows hold all tiles, filling the width; where none do, the smallest tiles and as many rows as fit. */
export function gridLayout(n: number, { width, height }: Size): { columns: number; rows: number; size: number } {
  if (width < smallest) return { columns: 0, rows: 0, size: smallest };
  const most = Math.floor((width + gap) / (smallest + gap));
  for (let columns = Math.ceil((width + gap) / (largest + gap)); ; columns++) {
    const size = (width + gap) / columns - gap;
    const rows = Math.floor((height + gap) / (size + gap));
    if (columns * rows >= n || columns >= most) return { columns, rows: Math.min(rows, Math.ceil(n / columns)), size };
  }
}

/** Pictures row by row; those that do not fit are left out. */
export function placeTiles(n: number, space: Size): readonly Place[] {
  const { columns, rows, size } = gridLayout(n, space);
  return Array.from({ length: Math.min(n, columns * rows) }, (_, index) => ({
    x: (index % columns) * (size + gap),
    y: Math.floor(index / columns) * (size + gap),
    size,
  }));
}

/** The room that names take beside a matrix or a plane. */
export const margin = { left: 88, top: 22, bottom: 22 };
const padding = 8;

export interface Matrix {
  readonly places: readonly Place[];
  readonly cells: readonly (Place & { readonly width: number; readonly height: number })[];
}

/** A dot per sample in the cell of its truth (row) and its answer (column). Answers that are no class stand nowhere. */
export function placeDots(tiles: readonly Tile[], classes: number, { width, height }: Size): Matrix {
  const [cellWidth, cellHeight] = [(width - margin.left) / classes, (height - margin.top) / classes];
  const cells = Array.from({ length: classes * classes }, (_, index) => ({
    x: margin.left + (index % classes) * cellWidth,
    y: margin.top + Math.floor(index / classes) * cellHeight,
    size: Math.min(cellWidth, cellHeight),
    width: cellWidth,
    height: cellHeight,
  }));
  const members = new Map<number, number>();
  const orders = tiles.map(({ truth, after }) => {
    const cell = (truth ?? 0) * classes + after;
    const order = members.get(cell) ?? 0;
    members.set(cell, order + 1);
    return { cell, order };
  });
  const fullest = Math.max(1, ...members.values());
  const pitch = dotPitch(fullest, cellWidth - 2 * padding, cellHeight - 2 * padding);
  const columns = Math.max(1, Math.floor((cellWidth - 2 * padding) / pitch));
  const places = orders.map(({ cell, order }) => ({
    x: (cells[cell]?.x ?? 0) + padding + (order % columns) * pitch,
    y: (cells[cell]?.y ?? 0) + padding + Math.floor(order / columns) * pitch,
    size: Math.max(3, pitch - gap),
  }));
  return { places, cells };
}

/** The largest pitch, at most 16, with which so many dots fit into a box. */
function dotPitch(n: number, width: number, height: number): number {
  for (let pitch = 16; pitch > 5; pitch -= 0.5) {
    if (Math.floor(width / pitch) * Math.floor(height / pitch) >= n) return pitch;
  }
  return 5;
}

export interface Plane {
  readonly places: readonly Place[];
  /** Where the original's predictions stand. */
  readonly shadows: readonly Place[];
  readonly low: number;
  readonly high: number;
  /** The square that both axes span. */
  readonly frame: { readonly x: number; readonly y: number; readonly width: number; readonly height: number };
}

const dot = 9;

/** Predictions (up) over the truth (right), both on one scale, so that the diagonal is where they agree. */
export function placeValues(tiles: readonly Tile[], { width, height }: Size): Plane {
  const values = tiles.flatMap(({ truth, before, after }) => [truth ?? before, before, after]).filter(Number.isFinite);
  const low = Math.min(...values);
  const span = Math.max(...values) - low || 1;
  const frame = { x: 48, y: 8, width: Math.max(1, width - 56), height: Math.max(1, height - 8 - margin.bottom) };
  const at = (across: number, up: number): Place => ({
    x: frame.x + ((across - low) / span) * frame.width - dot / 2,
    y: frame.y + (1 - (up - low) / span) * frame.height - dot / 2,
    size: dot,
  });
  const finite = (value: number) => (Number.isFinite(value) ? value : low);
  return {
    places: tiles.map(({ truth, before, after }) => at(truth ?? finite(before), finite(after))),
    shadows: tiles.map(({ truth, before }) => at(truth ?? finite(before), finite(before))),
    low,
    high: low + span,
    frame,
  };
}

/** The nearest place in a direction from another, by index; the same where there is none. */
export function neighbour(places: readonly Place[], from: number, key: string): number {
  const here = places[from];
  const [dx, dy] = directions[key] ?? [0, 0];
  if (here === undefined) return 0;
  let best = from;
  let least = Infinity;
  places.forEach((place, index) => {
    const along = (place.x - here.x) * dx + (place.y - here.y) * dy;
    const across = Math.abs((place.x - here.x) * dy) + Math.abs((place.y - here.y) * dx);
    if (along < 0.5 || along + 3 * across >= least) return;
    least = along + 3 * across;
    best = index;
  });
  return best;
}

const directions: Readonly<Record<string, readonly [number, number]>> = {
  ArrowRight: [1, 0],
  ArrowLeft: [-1, 0],
  ArrowDown: [0, 1],
  ArrowUp: [0, -1],
};
