/** The size that a model which takes inputs of any size is measured at: the visitor's choice, else that of the data. */
import { engine } from '../state/engine.ts';
import { clearProblem, showProblem } from '../state/problems.ts';
import { session } from '../state/session.ts';
import { forgetRuns } from './run.ts';

/** Where nothing was chosen, new data says the size. */
export async function followDataSize(): Promise<void> {
  const { model, modelFrom, data } = session.getState();
  const input = model?.summary.inputs[0];
  const sample = data?.summary.sampleShape;
  if (input === undefined || !input.shape.includes(null) || modelFrom?.inputSize !== undefined) return;
  if (sample?.length !== input.shape.length) return;
  const open = sample.filter((_, axis) => input.shape[axis] === null);
  if (open.some((size, at) => size !== openSizes(input)[at])) await setInputSize(open);
}

/** The sizes that an input leaves open, as they are now; empty where none could be assumed. */
export function openSizes({
  shape,
  size,
}: {
  readonly shape: readonly (number | null)[];
  readonly size: readonly number[] | null;
}): readonly number[] {
  return size?.filter((_, axis) => shape[axis] === null) ?? [];
}

/** Measures at this size from now on; true where it could. What was measured at another is forgotten; a failure leaves everything as it was. */
export async function setInputSize(size: readonly number[]): Promise<boolean> {
  const { model } = session.getState();
  if (model === null) return false;
  clearProblem('open');
  try {
    const sized = await engine().chooseInputSize(model.handle, size);
    if (session.getState().model?.handle !== model.handle) return false;
    forgetRuns();
    session.setState({ model: sized });
    return true;
  } catch (thrown) {
    showProblem('open', thrown);
    return false;
  }
}
