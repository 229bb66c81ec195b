/**
 * Weights of Keras v3: a layer's group is called after its class, not its name. `layers/conv2d_1/vars/0` is the first tensor of the
 * second Conv2D of its model, and nested models recurse (keras/src/saving/saving_lib.py). Keras 2.12 to 2.15 walk
 * `_layer_checkpoint_dependencies` instead, a dictionary in which a layer with weights stands twice: the second Conv2D is then `conv2d_2`.
 * On Windows these versions join such paths with backslashes.
 */
import type { Hdf5Group } from '../hdf5/index.ts';
import { problems } from '../problems.ts';
import type { Notes } from '../repairs.ts';
import { type Bindings, bindByOrder, bindingProblem, type Holder, type StoredTensor } from './bind.ts';
import { codesMode, withCodes } from './codes.ts';
import { storedBytes, storedTensor } from './h5-tensors.ts';
import type { LayerSpec, ModelSpec } from './topology.ts';

/** Whether weights lie as Keras v3 stores them, in an archive or alone (`x.weights.h5`). */
export function isClassStore(root: Hdf5Group): boolean {
  return root.names.some((name) => /^(layers|_layer_checkpoint_dependencies)(\\|$)/.test(name));
}

/** Pairs layers with the groups of a Keras v3 weight store. Throws FORMAT_WEIGHT_*. */
export function bindClassGroups(spec: ModelSpec, holders: readonly Holder[], root: Hdf5Group, notes: Notes): Bindings {
  const stored = new Map<string, readonly StoredTensor[]>();
  collect(spec, withSlashes(root), '', stored, notes);
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

const dependencies = '_layer_checkpoint_dependencies';

const isFilled = (group: ReturnType<Hdf5Group['get']>): boolean => group?.kind === 'group' && storedBytes(group) > 0;

interface Branch {
  readonly children: Map<string, Branch>;
  stored?: ReturnType<Hdf5Group['get']>;
}

/** The same groups as a tree: on Windows a group may stand in the root under its whole path, `layers\\dense`. */
function withSlashes(root: Hdf5Group): Hdf5Group {
  if (!root.names.some((name) => name.includes('\\'))) return root;
  const trunk: Branch = { children: new Map() };
  for (const name of root.names) {
    let branch = trunk;
    for (const part of name.split('\\')) {
      const next = branch.children.get(part) ?? { children: new Map() };
      branch.children.set(part, next);
      branch = next;
    }
    branch.stored = root.get(name);
  }
  return groupOf(trunk);
}

function groupOf({ children, stored }: Branch): Hdf5Group {
  const own = stored?.kind === 'group' ? stored : undefined;
  return {
    kind: 'group',
    names: [...new Set([...children.keys(), ...(own?.names ?? [])])],
    get(name) {
      const child = children.get(name);
      if (child === undefined) return own?.get(name);
      return child.stored?.kind === 'dataset' ? child.stored : groupOf(child);
    },
    texts: () => undefined,
  };
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
  const container = group.get('layers') ?? group.get(dependencies);
  if (container?.kind !== 'group') return;
  const twice = group.get('layers') === undefined;
  const used = new Map<string, number>();
  for (const layer of spec.layers) {
    const wrapper = layer.wrapper?.className ?? (layer.rounding === undefined ? undefined : layer.className);
    if (wrapper !== undefined) throw wrapped(layer.name, wrapper);
    const name = groupName(layer.className);
    const count = used.get(name) ?? 0;
    const numbered = (place: number) => container.get(place === 0 ? name : `${name}_${place}`);
    const own = numbered(count);
    used.set(name, count + (twice && isFilled(own) && !isFilled(numbered(count + 1)) ? 2 : 1));
    if (own?.kind !== 'group') continue;
    if (own.get('seed_generator') !== undefined) notes.add('KERAS_SEED_STATE', path + layer.name);
    if (layer.nested !== undefined) collect(layer.nested, own, `${path}${layer.name}/`, stored, notes);
    else stored.set(path + layer.name, tensorsOf(layer, path + layer.name, own));
  }
}

function tensorsOf({ className, config }: LayerSpec, path: string, own: Hdf5Group): readonly StoredTensor[] {
  const all = variables(own);
  // The last of a Normalization's variables counts what it was adapted to.
  if (className === 'Normalization') return all.slice(0, 2);
  const mode = codesMode(className, config);
  if (mode !== undefined) return withCodes(mode, { className, config, path }, all);
  if (all.some(({ isByte }) => isByte)) throw problems.quantizedPolicy(path, 'int8, for a layer within it');
  return all;
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

/** What the group of a layer is called after: its class in Python, which one layer exports by another name. */
export const groupName = (className: string): string =>
  snakeCase(className === 'GroupQueryAttention' ? 'GroupedQueryAttention' : className);

/** Keras' own naming: `SeparableConv2D` → `separable_conv2d`, `PReLU` → `p_re_lu`. */
export function snakeCase(className: string): string {
  return className
    .replace(/\W+/g, '')
    .replace(/(.)([A-Z][a-z]+)/g, '$1_$2')
    .replace(/([a-z])([A-Z])/g, '$1_$2')
    .toLowerCase();
}
