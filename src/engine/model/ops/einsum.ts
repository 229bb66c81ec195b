/**
 * Products of a tensor x with a kernel in Einstein's notation, `abc,cd->abd`: a letter per axis, the batch first. Letters of x are free
 * (they stand in y and not in the kernel), shared (in all three) or contracted (in the kernel and not in y: they are summed); letters that
 * only kernel and y have are made. `...` before or behind stands for the axes that are not named.
 */
import type { Shape } from '../model.ts';
import { formatShape, shapeMismatch } from './define.ts';

/** The letters of each operand; x and y with the batch. */
export interface Einsum {
  readonly x: string;
  readonly kernel: string;
  readonly y: string;
  readonly free: string;
  readonly shared: string;
  readonly contracted: string;
  readonly made: string;
  /** The letters of y whose sizes a layer tells: those that are named, the batch apart. */
  readonly told: string;
}

const spare = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const form = /^(\.\.\.)?([a-zA-Z]+)(\.\.\.)?,([a-zA-Z]+)->(\.\.\.)?([a-zA-Z]+)(\.\.\.)?$/;

const unique = (letters: string): boolean => new Set(letters).size === letters.length;

/** What is wrong with an equation, one clause; undefined for one that is computed here. */
export function equationProblem(equation: string): string | undefined {
  const match = form.exec(equation.replaceAll(' ', ''));
  if (match === null) return 'it is no product of one tensor with one kernel';
  const [, before, x = '', behind, kernel = '', beforeY, y = '', behindY] = match;
  if (before !== beforeY || behind !== behindY || (before !== undefined && behind !== undefined))
    return 'its dots do not stand on the same side of both tensors';
  if (![x, kernel, y].every(unique)) return 'an axis is named twice';
  const [inX, inKernel, inY] = [x, kernel, y].map((letters) => new Set(letters)) as [Set<string>, Set<string>, Set<string>];
  if ([...x].some((letter) => !inKernel.has(letter) && !inY.has(letter))) return 'it sums an axis that the kernel does not have';
  if ([...kernel].some((letter) => !inX.has(letter) && !inY.has(letter))) return 'it sums an axis of the kernel alone';
  if ([...y].some((letter) => !inX.has(letter) && !inKernel.has(letter))) return 'its output has an axis that nothing makes';
  if (before === undefined && (x[0] !== y[0] || inKernel.has(x[0] ?? ''))) return 'the batch does not come first, or is no batch';
  return undefined;
}

/** The letters of an equation for an input of `rank` axes, batch included. */
export function einsumOf(equation: string, rank: number): Einsum {
  const match = form.exec(equation.replaceAll(' ', '')) ?? [];
  const [, before, x = '', behind, kernel = '', , y = ''] = match;
  const unnamed = rank - x.length;
  const dotted = before !== undefined || behind !== undefined;
  if (unnamed < (before === undefined ? 0 : 1) || (unnamed > 0 && !dotted))
    throw shapeMismatch(`The equation ${equation} does not name the ${rank} axes of its input, batch included.`);
  const others = [...spare].filter((letter) => ![x, kernel, y].some((letters) => letters.includes(letter)));
  const dots = others.slice(0, unnamed).join('');
  const all = (letters: string): string => (before === undefined ? letters + dots : dots + letters);
  const [fullX, fullY] = [all(x), all(y)];
  const only = (letters: string, test: (letter: string) => boolean): string => [...letters].filter(test).join('');
  const [inX, inKernel, inY] = [fullX, kernel, fullY].map((letters) => new Set(letters)) as [
    Set<string>,
    Set<string>,
    Set<string>,
  ];
  return {
    x: fullX,
    kernel,
    y: fullY,
    free: only(fullX, (letter) => !inKernel.has(letter)),
    shared: only(fullX, (letter) => inKernel.has(letter) && inY.has(letter)),
    contracted: only(fullX, (letter) => inKernel.has(letter) && !inY.has(letter)),
    made: only(fullY, (letter) => !inX.has(letter)),
    told: before === undefined ? y.slice(1) : y,
  };
}

/** Sizes by letter. `outputShape` are those of the letters that a layer tells, null where x tells them anyway. */
export function einsumSizes(
  { x, told, made }: Einsum,
  input: Shape,
  outputShape: readonly (number | null)[],
): ReadonlyMap<string, number | null> {
  if (outputShape.length !== told.length)
    throw shapeMismatch(`Its output shape has ${outputShape.length} sizes, and its equation names ${told.length}.`);
  const sizes = new Map<string, number | null>([...x].map((letter, i) => [letter, i === 0 ? null : (input[i - 1] ?? null)]));
  for (const [i, letter] of [...told].entries()) {
    const size = outputShape[i] ?? null;
    const known = sizes.get(letter) ?? null;
    if (made.includes(letter) && size === null) throw shapeMismatch(`It does not tell the size of the axis ${letter} it makes.`);
    if (known !== null && size !== null && known !== size)
      throw shapeMismatch(`It should keep ${size} where its input ${formatShape(input)} has ${known}.`);
    sizes.set(letter, known ?? size);
  }
  return sizes;
}

/** The places of letters in others. */
export const placesIn = (letters: string, others: string): number[] => [...letters].map((letter) => others.indexOf(letter));
