/**
 * Copies of boxes of numbers, any step on either side: a transpose, slice, concatenation or padding is one of these (after `fill`, for
 * padding). The loops are in `assembly/boxes.ts`.
 */
import { floatWord, type SimdKernel } from './kernel.ts';

export interface CopyBoxArgs {
  /** Addresses of the box's first number on either side. */
  readonly from: number;
  readonly to: number;
  /** The box, and the floats from one to the next along each axis; steps may be negative. At most six axes are left once joined. */
  readonly sizes: readonly number[];
  readonly fromSteps: readonly number[];
  readonly toSteps: readonly number[];
}

interface Axis {
  readonly size: number;
  readonly from: number;
  readonly to: number;
}

/** The axes with those left out that have one place, and those joined that follow each other on both sides. */
function joinedAxes({ sizes, fromSteps, toSteps }: CopyBoxArgs): Axis[] {
  const axes: Axis[] = [];
  sizes.forEach((size, i) => {
    const axis = { size, from: fromSteps[i] as number, to: toSteps[i] as number };
    const last = axes.at(-1);
    if (size === 1) return;
    if (last !== undefined && last.from === axis.from * size && last.to === axis.to * size)
      axes[axes.length - 1] = { ...axis, size: last.size * size };
    else axes.push(axis);
  });
  return axes;
}

interface Layout {
  readonly outer: readonly Axis[];
  readonly rows: Axis;
  readonly inner: Axis;
  readonly rowsOfBlock: number;
}

const single: Axis = { size: 1, from: 0, to: 0 };

/** The inner axis runs along the target; rows run along the source where another axis does. */
function layout(args: CopyBoxArgs): Layout {
  const axes = joinedAxes(args);
  const take = (wanted: (axis: Axis) => boolean): Axis | undefined => {
    const at = axes.findIndex(wanted);
    return at < 0 ? axes.pop() : axes.splice(at, 1)[0];
  };
  const inner = take(({ to }) => to === 1) ?? single;
  const rows = take(({ from }) => from === 1 && inner.from !== 1) ?? single;
  if (axes.length > 4) throw new RangeError(`A box of ${axes.length + 2} axes.`);
  const outer = [...Array.from({ length: 4 - axes.length }, () => single), ...axes];
  return { outer, rows, inner, rowsOfBlock: 4 * Math.max(1, Math.floor(4096 / Math.max(1, inner.size))) };
}

export const copyBox: SimdKernel<CopyBoxArgs> = {
  name: 'copyBox',
  words(args) {
    const { outer, rows, inner, rowsOfBlock } = layout(args);
    const lists = [outer.map(({ size }) => size), outer.map(({ from }) => from), outer.map(({ to }) => to)];
    return [args.from, args.to, ...lists.flat(), rows.size, inner.size, rows.from, rows.to, inner.from, inner.to, rowsOfBlock];
  },
  blocks(args) {
    const { outer, rows, rowsOfBlock } = layout(args);
    if (args.sizes.includes(0)) return 0;
    return outer.reduce((product, { size }) => product * size, 1) * Math.ceil(rows.size / rowsOfBlock);
  },
  scratchBytes: () => 0,
};

export interface FillArgs {
  readonly to: number;
  readonly count: number;
  readonly value: number;
}

export const fill: SimdKernel<FillArgs> = {
  name: 'fill',
  words: ({ to, count, value }) => [to, count, floatWord(value)],
  blocks: ({ count }) => Math.ceil(count / 65536),
  scratchBytes: () => 0,
};
