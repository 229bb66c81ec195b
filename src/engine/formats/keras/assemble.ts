/**
 * The last steps that all Keras-like files share: shapes are inferred, each layer's tensors are asked for, read, checked for
 * NaN, and the whole is validated. How tensors are found is the container's business (`WeightSource`).
 */
import { type Context, checkpoint } from '../../context.ts';
import type { ReadOptions } from '../../format.ts';
import { elementCount, type Model, type Node, type Weight, type WeightId } from '../../model/model.ts';
import type { WeightSlot } from '../../model/op.ts';
import { opOf } from '../../model/ops/index.ts';
import { inferShapes, validateModel } from '../../model/topology.ts';
import { reportNonFinite } from '../non-finite.ts';
import { problems } from '../problems.ts';
import type { Notes } from '../repairs.ts';
import type { Bindings, Holder, StoredTensor } from './bind.ts';
import { fakeQuantized } from './fake-quant.ts';
import { type FlatModel, flatten, type Leaf } from './flatten.ts';
import { withGrids } from './grids.ts';
import type { StoredRanges } from './toolkit-state.ts';
import type { ModelSpec } from './topology.ts';

export interface Parts {
  readonly name: string;
  readonly format: string;
  readonly spec: ModelSpec;
  readonly keras: 2 | 3;
  readonly notes: Notes;
  readonly bytes: number;
  readonly optimizerBytes: number;
  /** Pairs layers with stored tensors and collects stored ranges of values; throws FORMAT_WEIGHT_* where tensors don't fit. */
  readonly bind: (holders: readonly Holder[], ranges: StoredRanges) => Bindings;
}

/** Builds the model. Throws FORMAT_KERAS_*, FORMAT_WEIGHT_*, MODEL_*. */
export async function assemble(parts: Parts, options: ReadOptions, context: Context): Promise<Model> {
  const { name, format, notes, bytes, optimizerBytes } = parts;
  const flat = flatten(parts.spec, parts.keras, notes);
  const empty: Model = {
    name,
    inputs: flat.inputs,
    outputs: flat.outputs,
    nodes: flat.nodes,
    weights: new Map(),
    source: { format, bytes, optimizerBytes, notes: [] },
  };
  const holders = findHolders(empty, flat);
  requirePlausible(holders, parts.bytes);
  const ranges: StoredRanges = new Map();
  const bindings = parts.bind(
    [...holders.values()].filter((holder) => holder.slots.length > 0),
    ranges,
  );
  const weights = await readWeights(holders, bindings, notes, context);
  reportNonFinite(weights, options, notes);
  const nodes = flat.nodes.map((node): Node => ({ ...node, weights: idsOf(holders, flat.leaves.get(node.name)) }));
  const model = withGrids({ ...empty, nodes, weights }, flat.rounded, ranges, notes);
  validateModel(model);
  return { ...model, source: { ...empty.source, notes: notes.list() } };
}

function findHolders(model: Model, flat: FlatModel): Map<string, Holder> {
  const shapes = inferShapes(model);
  const holders = new Map<string, Holder>();
  for (const node of model.nodes) {
    const leaf = flat.leaves.get(node.name);
    if (leaf === undefined || holders.has(leaf.path)) continue;
    const inputs = node.inputs.map((id) => shapes.get(id) ?? []);
    const slots = opOf(node.op).slots(node.attrs, inputs);
    holders.set(leaf.path, { path: leaf.path, chain: leaf.chain, slots, trainable: leaf.trainable, wrapper: leaf.wrapper });
  }
  return holders;
}

/** Weights hardly compress; a file whose layers ask for more than this many times its own bytes is made to exhaust memory. */
const maxExpansion = 200;
/** Small nets may be as compressible as they like. */
const alwaysPlausible = 64 * 2 ** 20;

/** Throws MODEL_TOO_COMPLEX before anything is allocated. */
function requirePlausible(holders: ReadonlyMap<string, Holder>, fileBytes: number): void {
  let bytes = 0;
  for (const { slots } of holders.values()) for (const { shape } of slots) bytes += 4 * elementCount(shape);
  if (bytes > alwaysPlausible && bytes > maxExpansion * fileBytes)
    throw problems.tooComplex(`Its layers need ${bytes} bytes of weights, and its files have ${fileBytes} bytes`);
}

function idsOf(holders: ReadonlyMap<string, Holder>, leaf: Leaf | undefined): Record<string, WeightId> {
  const slots = leaf === undefined ? [] : (holders.get(leaf.path)?.slots ?? []);
  return Object.fromEntries(slots.map((slot) => [slot.role, `${leaf?.path}/${slot.role}`]));
}

async function readWeights(
  holders: ReadonlyMap<string, Holder>,
  bindings: Bindings,
  notes: Notes,
  context: Context,
): Promise<Map<WeightId, Weight>> {
  const weights = new Map<WeightId, Weight>();
  let done = 0;
  for (const holder of holders.values()) {
    const tensors = bindings.get(holder.path) ?? [];
    for (const [index, slot] of holder.slots.entries()) {
      await checkpoint(context);
      const tensor = tensors[index];
      if (tensor === undefined) throw problems.weightMissing(holder.path, [slot.role], []);
      requireShape(holder, slot.role, slot.shape, tensor);
      const { values, encoding, converted, mask, repair } = onGrid(tensor.load(), slot, holder);
      if (repair !== undefined) notes.add(repair, holder.path);
      if (converted) notes.add('WEIGHT_CONVERTED', holder.path);
      weights.set(`${holder.path}/${slot.role}`, { shape: slot.shape, values, encoding, ...pruned(values, mask, holder, notes) });
    }
    context.report({ stage: 'open', done: ++done, total: holders.size });
  }
  return weights;
}

type Loaded = ReturnType<StoredTensor['load']>;

/** A tensor as a wrapper quantizes it: by the configuration, or by the ranges stored with it, which must then be there. */
function onGrid(loaded: Loaded, { role, shape }: WeightSlot, { path, wrapper }: Holder): Loaded {
  if (wrapper?.stored?.includes(role) && loaded.repair === undefined)
    throw problems.weightMissing(path, [`${role}_min`, `${role}_max`], [role]);
  const grid = wrapper?.grids?.get(role);
  if (grid === undefined) return loaded;
  if (grid.axis !== null && shape[grid.axis] !== grid.min.length)
    throw problems.weightShape(path, `ranges of ${role}`, [grid.min.length], [shape[grid.axis] ?? 0]);
  return { ...loaded, ...fakeQuantized(loaded.values, shape, grid), repair: 'KERAS_QUANTIZED' };
}

/** The mask of a pruned tensor, as far as it is zero there: what Keras lets grow again is not pruned. */
function pruned(
  values: Float32Array,
  mask: Uint8Array | undefined,
  holder: Holder,
  notes: Notes,
): { readonly mask?: Uint8Array } {
  if (mask === undefined) return {};
  notes.add('KERAS_PRUNED', holder.path);
  return { mask: mask.map((kept, i) => (kept === 0 && values[i] === 0 ? 0 : 1)) };
}

function requireShape(holder: Holder, role: string, need: readonly number[], tensor: StoredTensor): void {
  const same = need.length === tensor.shape.length && need.every((size, axis) => size === tensor.shape[axis]);
  if (!same || elementCount(need) > 2 ** 31) throw problems.weightShape(holder.path, role, tensor.shape, need);
}
