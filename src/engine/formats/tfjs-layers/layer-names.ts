/**
 * Names that stock TF.js accepts for layers and the tensors in them: `[A-Za-z0-9][-A-Za-z0-9._]*`, unique in the model.
 * Inputs and outputs choose first, because callers address them by name.
 */
import type { Model } from '../../model/model.ts';

export interface LayerNames {
  /** By position in `model.inputs`. */
  readonly inputs: readonly string[];
  /** By node name. */
  readonly nodes: ReadonlyMap<string, string>;
}

/** A safe and unique name for every input and node; the same model always gets the same names. */
export function layerNames(model: Model): LayerNames {
  const taken = new Set<string>();
  const inputs = model.inputs.map((input) => claim(input.name, taken));
  const outputs = new Set(model.outputs);
  const first = model.nodes.filter((node) => node.outputs.some((value) => outputs.has(value)));
  const nodes = new Map<string, string>();
  for (const node of [...first, ...model.nodes]) {
    if (!nodes.has(node.name)) nodes.set(node.name, claim(node.name, taken));
  }
  return { inputs, nodes };
}

function claim(wish: string, taken: Set<string>): string {
  const plain = wish.replace(/[^-A-Za-z0-9._]/g, '_');
  // TF.js keeps layers in a plain object, where `constructor` and its like are there from the start.
  const safe = /^[A-Za-z0-9]/.test(plain) && !(plain in {}) ? plain : `layer_${plain}`;
  let name = safe;
  for (let count = 1; taken.has(name); count++) name = `${safe}_${count}`;
  taken.add(name);
  return name;
}
