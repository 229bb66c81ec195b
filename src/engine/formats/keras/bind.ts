/**
 * Which stored tensor belongs to which layer. Names alone can't be trusted (Keras writes the scope of the graph a layer was
 * built in), so a pairing is taken only if every tensor has the shape and, where its name tells one, the role its layer asks for.
 */
import type { Encoding } from '../../model/encoding.ts';
import type { WeightSlot } from '../../model/op.ts';
import { problems } from '../problems.ts';
import type { Repair } from '../repairs.ts';
import type { LayerSpec } from './topology.ts';

export interface StoredTensor {
  readonly name: string;
  readonly shape: readonly number[];
  /** Stored as bytes with a sign, which are codes. */
  readonly isByte?: boolean;
  /** Reads the values; called once, after all shapes were checked. */
  load(): {
    readonly values: Float32Array;
    readonly encoding: Encoding;
    readonly converted: boolean;
    /** 0 where the tensor was pruned. */
    readonly mask?: Uint8Array;
    /** What a wrapper made of the values. */
    readonly repair?: Repair;
  };
}

/** A layer that needs tensors. */
export interface Holder {
  readonly path: string;
  readonly chain: readonly string[];
  readonly slots: readonly WeightSlot[];
  /** False where the layer was frozen: Keras then lists all its tensors among the untrained ones. */
  readonly trainable: boolean;
  readonly wrapper?: LayerSpec['wrapper'] | undefined;
}

/** Tensors by layer path, in the order of the layer's slots. */
export type Bindings = Map<string, readonly StoredTensor[]>;

interface Place {
  readonly holder: Holder;
  readonly slot: WeightSlot;
}

const knownRoles = new Set([
  ...['kernel', 'bias', 'gamma', 'beta', 'moving_mean', 'moving_variance', 'alpha'],
  ...['depthwise_kernel', 'pointwise_kernel', 'embeddings', 'recurrent_kernel'],
]);

/** The name without TensorFlow's `:0`. */
export function plainName(name: string): string {
  return name.replace(/:\d+$/, '');
}

/** How many samples a Normalization was adapted to, which no layer reads. */
export function isCount(name: string, shape: readonly number[]): boolean {
  return shape.length === 0 && lastPart(name) === 'count';
}

/** True for the state of random generators, which is no weight. */
export function isSeedState(name: string): boolean {
  return /(^|\/)seed_generator(_\d+)?(\/|$)|seed_generator_state/.test(name);
}

/** The last part of a tensor's name, without a number behind it. */
export function lastPart(name: string): string {
  const plain = plainName(name);
  return plain.slice(plain.lastIndexOf('/') + 1).replace(/_\d+$/, '');
}

function fits({ slot }: Place, tensor: StoredTensor): boolean {
  const role = lastPart(tensor.name);
  const sameRole =
    role === lastPart(slot.role) || !knownRoles.has(role) || (role === 'kernel' && slot.role === 'depthwise_kernel');
  return sameRole && sameShape(slot.shape, tensor.shape);
}

function sameShape(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((size, axis) => size === b[axis]);
}

/** Pairs by the last two parts of the names (`conv1/kernel`); undefined unless that pairs everything, each name once. */
export function bindByName(holders: readonly Holder[], tensors: readonly StoredTensor[]): Bindings | undefined {
  const byName = new Map<string, StoredTensor>();
  for (const tensor of tensors) {
    const parts = withoutCells(plainName(tensor.name));
    for (let from = 0; from < parts.length - 1; from++) {
      const name = parts.slice(from).join('/');
      // Two tensors with the same ending: only longer names can tell them apart.
      byName.set(name, byName.has(name) ? ambiguous : tensor);
    }
  }
  const used = new Set<StoredTensor>();
  const bindings: Bindings = new Map();
  for (const holder of holders) {
    const found = holder.slots.map((slot) => findByName(holder, slot, byName));
    for (const tensor of found) {
      if (tensor === undefined || used.has(tensor)) return undefined;
      used.add(tensor);
    }
    bindings.set(holder.path, found as StoredTensor[]);
  }
  return used.size === tensors.length ? bindings : undefined;
}

/** The parts of a name; those that only say `gru_cell` are between a layer and its tensors in files of Keras 2. */
function withoutCells(name: string): string[] {
  return name.split('/').filter((part, index) => index === 0 || !/^(lstm|gru|simple_rnn)_cell(_\d+)?$/.test(part));
}

const ambiguous: StoredTensor = {
  name: '',
  shape: [],
  load: () => {
    throw problems.damaged('', 'an ambiguous tensor was read');
  },
};

function findByName(holder: Holder, slot: WeightSlot, byName: ReadonlyMap<string, StoredTensor>): StoredTensor | undefined {
  const roles = slot.role === 'depthwise_kernel' ? [slot.role, 'kernel'] : [slot.role];
  for (let from = 0; from < holder.chain.length; from++) {
    for (const role of roles) {
      const tensor = byName.get([...holder.chain.slice(from), role].join('/'));
      if (tensor !== undefined && tensor !== ambiguous) return tensor;
    }
  }
  return undefined;
}

/**
 * Pairs by position. Keras lists a model's trained tensors first and then the others (moving statistics, frozen layers);
 * TF.js and single layers list layer by layer. The first order in which every role and shape fits is taken.
 */
export function bindByOrder(holders: readonly Holder[], tensors: readonly StoredTensor[]): Bindings | undefined {
  const places = holders.flatMap((holder) => holder.slots.map((slot) => ({ holder, slot })));
  if (places.length !== tensors.length) return undefined;
  const moving = ({ slot }: Place): boolean => slot.role.startsWith('moving_');
  const split = (untrained: (place: Place) => boolean): Place[] => [
    ...places.filter((place) => !untrained(place)),
    ...places.filter(untrained),
  ];
  const orders = [split((place) => !place.holder.trainable || moving(place)), split(moving), places];
  const order = orders.find((candidate) => candidate.every((place, index) => fits(place, tensors[index] as StoredTensor)));
  if (order === undefined || !sameScopes(order, tensors)) return undefined;
  const chosen = new Map(
    order.map((place, index) => [`${place.holder.path}\0${place.slot.role}`, tensors[index] as StoredTensor]),
  );
  return new Map(
    holders.map((holder) => [
      holder.path,
      holder.slots.map((slot) => chosen.get(`${holder.path}\0${slot.role}`) as StoredTensor),
    ]),
  );
}

/** A wrong order would give one layer tensors of two scopes. Names without a scope say nothing. */
function sameScopes(order: readonly Place[], tensors: readonly StoredTensor[]): boolean {
  const scopes = new Map<string, string>();
  return order.every(({ holder, slot }, index) => {
    const name = plainName((tensors[index] as StoredTensor).name);
    const end = name.lastIndexOf('/');
    if (end < 0) return true;
    const scope = name.slice(0, end);
    // The two directions of a Bidirectional have a scope each.
    const key = `${holder.path}/${slot.role.slice(0, slot.role.lastIndexOf('/') + 1)}`;
    const known = scopes.get(key);
    scopes.set(key, scope);
    return known === undefined || known === scope;
  });
}

/** The most telling error for tensors that could not be paired. */
export function bindingProblem(holders: readonly Holder[], tensors: readonly StoredTensor[]): Error {
  const unused = new Set(tensors);
  for (const holder of holders) {
    const own = tensors.filter((tensor) =>
      plainName(tensor.name)
        .split('/')
        .includes(holder.chain.at(-1) ?? ''),
    );
    const roles = holder.slots.map((slot) => slot.role);
    if (own.length === 0 && tensors.length < holders.reduce((count, { slots }) => count + slots.length, 0)) {
      return problems.weightMissing(holder.path, roles, []);
    }
    for (const [index, slot] of holder.slots.entries()) {
      const tensor = own.find((candidate) => lastPart(candidate.name) === slot.role) ?? own[index];
      if (tensor === undefined) continue;
      unused.delete(tensor);
      if (!sameShape(slot.shape, tensor.shape)) return problems.weightShape(holder.path, slot.role, tensor.shape, slot.shape);
    }
  }
  if (unused.size > 0) return problems.weightUnused([...unused].map((tensor) => tensor.name));
  return problems.weightMissing(
    holders[0]?.path ?? '',
    holders.flatMap((holder) => holder.slots.map((slot) => slot.role)),
    tensors.map((tensor) => tensor.name),
  );
}
