/** What Keras files can't hold, said before saving: Keras stores numbers, no codes, and its layers compute with floats. */
import type { Loss } from '../../../format.ts';
import { measureSize } from '../../../metrics/size.ts';
import type { Model } from '../../../model/model.ts';
import { unsayable } from './spelling.ts';

const hardSigmoid =
  'Its hard_sigmoid is that of Keras 2. Keras 3 opens the file and computes another function by that name: open it in Keras 2.';

/** The losses of a `.keras` (3) or `.h5` (2) file; empty where it holds all there is. */
export function kerasLosses(model: Model, keras: 2 | 3): Loss[] {
  const coded = [...model.weights.values()].filter(({ encoding }) => encoding.kind !== 'float32');
  const bytes = [...model.weights.values()].reduce((sum, { values }) => sum + 4 * values.length, 0);
  const codes: Loss = {
    layer: '',
    code: 'keras-without-codes',
    text: `Keras stores no codes: ${coded.length} tensors are written as the float32 numbers that their codes stand for, so that the weights take ${bytes} bytes instead of ${measureSize(model).payload}. Nothing is rounded.`,
  };
  const activations: Loss = {
    layer: '',
    code: 'keras-float-activations',
    text: 'Keras computes with float32 activations: their grids are left out, so that the file answers as the model did before they were calibrated.',
  };
  const changed = keras === 2 ? model.nodes.filter(({ attrs }) => Object.values(attrs).includes('hard_sigmoid')) : [];
  return [
    ...unsayable(model, keras),
    ...changed.map(({ name }): Loss => ({ layer: name, code: 'keras-hard-sigmoid', text: hardSigmoid })),
    ...(coded.length > 0 ? [codes] : []),
    ...((model.activations?.size ?? 0) > 0 ? [activations] : []),
  ];
}
