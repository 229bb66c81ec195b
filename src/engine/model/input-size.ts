/**
 * Models that take inputs of any size: `[null, null, null, 3]`. Figures such as multiply-accumulates, memory and time need one; the file
 * keeps its open sizes. What counts is the size that was chosen, else the data's, else a usual one.
 */
import { StudioError } from '../errors.ts';
import { elementCount, type Model, type ModelInput, type Shape } from './model.ts';

/** Sides of pictures, steps of sequences; by how many dimensions a sample has. */
const usual: Readonly<Record<number, number>> = { 1: 64, 2: 64, 3: 224 };
const otherwise = 16;

/** The largest side and the most numbers of a sample: more does not fit into a page. */
export const largestSide = 8192;
const mostNumbers = 2 ** 27;

/** Whether the model leaves a size open. */
export const hasOpenSize = ({ inputs }: Pick<Model, 'inputs'>): boolean => inputs.some(({ shape }) => isOpen(shape));

const isOpen = (shape: Shape): boolean => shape.includes(null);

/** The sizes of an input without batch: chosen, the data's (`sample`), or usual ones. */
export function concreteShape({ shape, size }: Pick<ModelInput, 'shape' | 'size'>, sample: readonly number[] | null): number[] {
  const fits = sample?.length === shape.length;
  return shape.map((own, axis) => own ?? size?.[axis] ?? (fits ? sample[axis] : undefined) ?? usual[shape.length] ?? otherwise);
}

/**
 * The model with sizes chosen for figures, in the order in which its inputs leave them open; one size stands for all.
 * Throws MODEL_INPUT_SIZE where no size is open, or the sizes are too many, too few or absurd.
 */
export function withInputSize(model: Model, sizes: readonly number[]): Model {
  const open = Math.max(0, ...model.inputs.map(({ shape }) => shape.filter((size) => size === null).length));
  const refuse = (detail: string): StudioError => sizeProblem(detail, open, sizes);
  if (open === 0) throw refuse('All sizes of this model are fixed.');
  if (sizes.length !== 1 && sizes.length !== open) throw refuse(`It leaves ${open} sizes open, and ${sizes.length} were given.`);
  if (!sizes.every((size) => Number.isInteger(size) && size >= 1 && size <= largestSide))
    throw refuse(`Sizes are whole numbers from 1 to ${largestSide}, not ${sizes.join(' × ')}.`);
  const inputs = model.inputs.map((input): ModelInput => {
    if (!isOpen(input.shape)) return input;
    let next = 0;
    const size = input.shape.map((own) => own ?? (sizes[next++] as number | undefined) ?? (sizes[0] as number));
    if (elementCount(size) > mostNumbers) throw refuse(`One sample of ${size.join(' × ')} does not fit into a page.`);
    return { ...input, size };
  });
  return { ...model, inputs };
}

function sizeProblem(detail: string, open: number, sizes: readonly number[]): StudioError {
  return new StudioError({
    code: 'MODEL_INPUT_SIZE',
    title: 'The model can not run on inputs of this size.',
    detail,
    hint:
      open === 0 ? 'Leave the size out.' : `Give ${open === 1 ? 'one size' : 'one size for all, or one for each that is open'}.`,
    context: { open, sizes: [...sizes] },
  });
}
