/** What Keras files can't hold, said before saving: Keras stores numbers, no codes, and its layers compute with floats. */
import type { Loss } from '../../../format.ts';
import { measureSize } from '../../../metrics/size.ts';
import type { Model, Node } from '../../../model/model.ts';
import { spell, unsayable } from './spelling.ts';

/** Layers that Keras 3 opens from such a file with one axis where there are several (seen with 3.15). */
const severalAxes = new Set(['LayerNormalization', 'UnitNormalization']);

/** Layers whose calls Keras 3 does not understand as Keras 2 writes them: tensors by name. */
const calledByName = new Set(['MultiHeadAttention']);

/** True where Keras 3, which also opens files of Keras 2, makes another layer of it or none. */
function onlyInKeras2(node: Node): boolean {
  if (spell(node, 2) === undefined) return false;
  const { axis } = spell(node, 3)?.config ?? {};
  return (
    spell(node, 3) === undefined ||
    calledByName.has(node.op) ||
    (severalAxes.has(node.op) && Array.isArray(axis) && axis.length > 1)
  );
}

const old = ({ name, op }: Node): Loss => ({
  layer: name,
  code: 'keras-2-only',
  text: `Open the file in Keras 2: Keras 3 has no such ${op}, computes something else by its name, or does not read its inputs.`,
});

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
  return [
    ...unsayable(model, keras),
    ...(keras === 2 ? model.nodes.filter(onlyInKeras2).map(old) : []),
    ...(coded.length > 0 ? [codes] : []),
    ...((model.activations?.size ?? 0) > 0 ? [activations] : []),
  ];
}
