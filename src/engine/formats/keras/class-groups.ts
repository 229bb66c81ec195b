/**
 * Weights of Keras v3: a layer's group is called after its class, not its name. `layers/conv2d_1/vars/0` is the first tensor of the
 * second Conv2D of its model, and nested models recurse (keras/src/saving/saving_lib.py).
 */
import type { Hdf5Group } from '../hdf5/index.ts';
import { problems } from '../problems.ts';
import type { Notes } from '../repairs.ts';
import { type Bindings, bindByOrder, bindingProblem, type Holder, type StoredTensor } from './bind.ts';
import { storedTensor } from './h5-tensors.ts';
import type { ModelSpec } from './topology.ts';

/** Pairs layers with the groups of a Keras v3 weight store. Throws FORMAT_WEIGHT_*. */
export function bindClassGroups(spec: ModelSpec, holders: readonly Holder[], root: Hdf5Group, notes: Notes): Bindings {
  const stored = new Map<string, readonly StoredTensor[]>();
  collect(spec, root, '', stored, notes);
  const bindings: Bindings = new Map();
  for (const holder of holders) {
    const tensors = stored.get(holder.path) ?? [];
    const bound = bindByOrder([holder], tensors);
    if (bound === undefined) throw bindingProblem([holder], tensors);
    bindings.set(holder.path, bound.get(holder.path) ?? []);
    stored.delete(holder.path);
  }
  const unused = [...stored].filter(([, tensors]) => tensors.length > 0).map(([path]) => path);
  if (unused.length > 0) throw problems.weightUnused(unused);
  notes.add('KERAS_CLASS_ORDER');
  return bindings;
}

const wrapped = (name: string, className: string): Error =>
  problems.unsupportedLayer(
    name,
    className,
    'A .keras file numbers the tensors of a wrapper without saying what each is.',
    'Save the model as .h5 (model.save("model.h5")), where they have names, and open that.',
  );

/** Walks a model's layers and the groups that stand for them; `path` is the model's own, with a closing `/`. */
function collect(
  spec: ModelSpec,
  group: Hdf5Group,
  path: string,
  stored: Map<string, readonly StoredTensor[]>,
  notes: Notes,
): void {
  const container = group.get('layers') ?? group.get('_layer_checkpoint_dependencies');
  if (container?.kind !== 'group') return;
  const used = new Map<string, number>();
  for (const layer of spec.layers) {
    const wrapper = layer.wrapper?.className ?? (layer.rounding === undefined ? undefined : layer.className);
    if (wrapper !== undefined) throw wrapped(layer.name, wrapper);
    const name = snakeCase(layer.className);
    const count = used.get(name) ?? 0;
    used.set(name, count + 1);
    const own = container.get(count === 0 ? name : `${name}_${count}`);
    if (own?.kind !== 'group') continue;
    if (own.get('seed_generator') !== undefined) notes.add('KERAS_SEED_STATE', path + layer.name);
    if (layer.nested !== undefined) collect(layer.nested, own, `${path}${layer.name}/`, stored, notes);
    // The last of a Normalization's variables counts what it was adapted to.
    else stored.set(path + layer.name, layer.className === 'Normalization' ? variables(own).slice(0, 2) : variables(own));
  }
}

/** Where a layer keeps the tensors of what it is made of, in the order of `get_weights`. */
const within = [
  ...['cell', 'forward_layer', 'backward_layer', 'layer'],
  ...['query', 'key', 'value', 'output'].map((part) => `${part}_dense`),
];

function variables(layer: Hdf5Group): StoredTensor[] {
  const inner = within.flatMap((name) => {
    // Attributes that Keras later gave a name without a line in front.
    const group = layer.get(name) ?? layer.get(`_${name}`);
    return group?.kind === 'group' ? variables(group) : [];
  });
  const vars = layer.get('vars');
  if (vars?.kind !== 'group') return inner;
  const own = [...vars.names]
    .sort((a, b) => Number(a) - Number(b))
    .flatMap((name) => {
      const dataset = vars.get(name);
      return dataset?.kind === 'dataset' ? [storedTensor(name, dataset)] : [];
    });
  return [...own, ...inner];
}

/** Keras' own naming: `SeparableConv2D` → `separable_conv2d`, `PReLU` → `p_re_lu`. */
export function snakeCase(className: string): string {
  return className
    .replace(/\W+/g, '')
    .replace(/(.)([A-Z][a-z]+)/g, '$1_$2')
    .replace(/([a-z])([A-Z])/g, '$1_$2')
    .toLowerCase();
}
