/**
 * Which channels of a model go together (Fang et al. 2023, "DepGraph"): what an Add, a depthwise filter, a concatenation or a shared kernel
 * couples can only be taken away everywhere at once. Every channel of every value is an atom; each layer says which atoms are one, and
 * atoms that are one make a unit. Units made by the same kernels form a group: they compete with one another.
 */
import type { Attrs, Model, Node, Shape, ValueId, WeightId } from '../model/model.ts';
import type { ChannelAxis, ChannelFlow, ChannelProtection } from '../model/op.ts';
import { opOf } from '../model/ops/index.ts';
import { inferShapes } from '../model/topology.ts';
import { createUnion, type Union } from './union.ts';

/** A dimension of a stored tensor, with the unit of each of its indices. */
export interface CountedAxis {
  readonly weight: WeightId;
  readonly role: string;
  readonly axis: number;
  readonly node: Node;
  readonly use: ChannelAxis['use'];
  readonly units: Int32Array;
}

/** Channels that one or more kernels make and that all run through the same layers. */
export interface ChannelGroup {
  /** In the order of the channels of the first kernel that makes them. */
  readonly units: readonly number[];
  /** The layers whose kernels make the channels, in the order of the model. */
  readonly makers: readonly Node[];
  /** All tensors that count them. */
  readonly axes: readonly CountedAxis[];
  /** Why none of them can go; absent where some can. */
  readonly protection?: ChannelProtection;
}

export interface ChannelGraph {
  readonly groups: readonly ChannelGroup[];
  readonly axes: readonly CountedAxis[];
  /** Why a unit has to stay, by unit; undefined where it can go. */
  readonly protections: readonly (ChannelProtection | undefined)[];
  /** Per node, the units of its output channels and its attributes for another number of them. */
  readonly outputs: ReadonlyMap<Node, { readonly units: Int32Array; readonly resized?: (channels: number) => Attrs }>;
}

const known = new WeakMap<Model, ChannelGraph>();

/** The coupling of a model's channels; kept, since it depends on the model alone. */
export function channelGraph(model: Model): ChannelGraph {
  const cached = known.get(model);
  if (cached !== undefined) return cached;
  const graph = resolved(model, traced(model));
  known.set(model, graph);
  return graph;
}

/** Atoms instead of units: what one pass over the layers finds. */
interface Trace {
  readonly union: Union;
  readonly axes: readonly CountedAxis[];
  readonly outputs: ChannelGraph['outputs'];
  readonly kept: readonly (readonly [atoms: Int32Array, reason: ChannelProtection])[];
}

function traced(model: Model): Trace {
  const shapes = inferShapes(model);
  const union = createUnion();
  const values = new Map<ValueId, Int32Array>();
  const axes: CountedAxis[] = [];
  const outputs = new Map<Node, { units: Int32Array; resized?: (channels: number) => Attrs }>();
  const kept: [Int32Array, ChannelProtection][] = [];
  const atomsOf = (id: ValueId) => values.get(id) ?? new Int32Array();
  for (const { value, shape } of model.inputs) {
    values.set(value, union.add(shape.at(-1) ?? 0));
    kept.push([atomsOf(value), 'input']);
  }
  const first = new Map<string, CountedAxis>();
  for (const node of model.nodes) {
    const inputs = node.inputs.map(atomsOf);
    const output = shapes.get(node.outputs[0] ?? '') ?? [];
    const flow = flowOf(
      node,
      node.inputs.map((id) => shapes.get(id) ?? []),
      output,
    );
    const made = flow === undefined ? union.add(output.at(-1) ?? 0) : outputAtoms(flow, inputs, output.at(-1) ?? 0, union);
    for (const id of node.outputs) values.set(id, made);
    outputs.set(node, { units: made, ...(flow?.resized ? { resized: flow.resized } : {}) });
    if (flow === undefined) for (const atoms of [...inputs, made]) kept.push([atoms, 'unknown']);
    for (const { of, step } of flow?.couples ?? []) {
      const atoms = (of === 'output' ? made : inputs[of]) ?? made;
      for (let i = step; i < atoms.length; i++) union.join(atoms[i] as number, atoms[i - step] as number);
    }
    for (const { of, reason } of flow?.keeps ?? []) kept.push([of === 'output' ? made : (inputs[of] ?? made), reason]);
    for (const counted of countedAxes(node, flow?.axes ?? [], model, inputs, made)) {
      const key = `${counted.axis} ${counted.weight}`;
      const before = first.get(key);
      // Two calls of one layer count the same indices.
      before?.units.forEach((atom, index) => {
        union.join(atom, counted.units[index] as number);
      });
      if (before !== undefined) continue;
      first.set(key, counted);
      axes.push(counted);
    }
    kept.push(...gridBound(node, model, axes));
  }
  for (const id of model.outputs) kept.push([atomsOf(id), 'output']);
  return { union, axes, outputs, kept };
}

/** What a layer does to channels; undefined where it is not known, or where it is not known how many there are. */
function flowOf(node: Node, inputs: readonly Shape[], output: Shape): ChannelFlow | undefined {
  const counted = [...inputs, output].every((shape) => typeof shape.at(-1) === 'number');
  return counted ? opOf(node.op).channels?.(node.attrs, inputs, output) : undefined;
}

function outputAtoms({ sources }: ChannelFlow, inputs: readonly Int32Array[], channels: number, union: Union): Int32Array {
  if (sources === undefined) return union.add(channels);
  return Int32Array.from({ length: channels }, (_, channel) => {
    const [atom = 0, ...others] = sources(channel).map(([input, index]) => inputs[input]?.[index] ?? 0);
    for (const other of others) union.join(atom, other);
    return atom;
  });
}

function countedAxes(
  node: Node,
  axes: readonly ChannelAxis[],
  model: Model,
  inputs: readonly Int32Array[],
  output: Int32Array,
): CountedAxis[] {
  return axes.flatMap(({ role, axis, counts, repeat = 1, use }) => {
    const id = node.weights[role];
    const size = id === undefined ? undefined : model.weights.get(id)?.shape[axis];
    if (id === undefined || size === undefined) return [];
    const atoms = (counts === 'output' ? output : inputs[counts]) ?? output;
    const units = Int32Array.from({ length: size }, (_, index) => atoms[Math.floor(index / repeat) % atoms.length] as number);
    return [{ weight: id, role, axis, node, use, units }];
  });
}

/** Channels of a layer whose codes share scales or palettes across them: taking some away would shift all others into another share. */
function gridBound(node: Node, model: Model, axes: readonly CountedAxis[]): [Int32Array, ChannelProtection][] {
  return axes
    .filter((counted) => counted.node === node)
    .flatMap(({ weight, axis, units }) => {
      const encoding = model.weights.get(weight)?.encoding;
      const bound =
        (encoding?.kind === 'affine' && encoding.group !== undefined && axis !== encoding.axis) ||
        (encoding?.kind === 'codebook' && encoding.groups > 1 && axis === encoding.axis);
      return bound ? [[units, 'grid']] : [];
    });
}

/** Atoms become units, numbered as they first appear; units that a kernel makes side by side become a group. */
function resolved(model: Model, { union, axes, outputs, kept }: Trace): ChannelGraph {
  const numbers = new Map<number, number>();
  const unitOf = (atom: number): number => {
    const root = union.find(atom);
    const unit = numbers.get(root) ?? numbers.size;
    numbers.set(root, unit);
    return unit;
  };
  for (let atom = 0; atom < union.size; atom++) unitOf(atom);
  const counted = axes.map((axis) => ({ ...axis, units: axis.units.map(unitOf) }));
  const protections = new Array<ChannelProtection | undefined>(numbers.size).fill(undefined);
  for (const [atoms, reason] of kept) for (const atom of atoms) protections[unitOf(atom)] ??= reason;
  return {
    axes: counted,
    protections,
    outputs: new Map([...outputs].map(([node, { units, ...rest }]) => [node, { units: units.map(unitOf), ...rest }])),
    groups: groupsOf(model, counted, protections),
  };
}

function groupsOf(model: Model, axes: readonly CountedAxis[], protections: ChannelGraph['protections']): ChannelGroup[] {
  const union = createUnion();
  union.add(protections.length);
  const makes = axes.filter(({ use }) => use === 'makes');
  for (const { units } of makes) for (const unit of units) union.join(unit, units[0] as number);
  const groups = new Map<number, { units: Set<number>; axes: Set<CountedAxis>; makers: Set<Node> }>();
  for (const axis of [...makes, ...axes.filter(({ use }) => use !== 'makes')]) {
    for (const unit of axis.units) {
      const root = union.find(unit);
      if (axis.use === 'makes' && !groups.has(root)) groups.set(root, { units: new Set(), axes: new Set(), makers: new Set() });
      const group = groups.get(root);
      group?.units.add(unit);
      group?.axes.add(axis);
      if (axis.use === 'makes') group?.makers.add(axis.node);
    }
  }
  const order = new Map(model.nodes.map((node, index) => [node, index]));
  const place = (node: Node | undefined) => (node && order.get(node)) ?? 0;
  return [...groups.values()]
    .map(({ units, axes: own, makers }): ChannelGroup => {
      const reasons = [...units].map((unit) => protections[unit]);
      const [protection] = reasons;
      return {
        units: [...units],
        makers: [...makers].sort((a, b) => place(a) - place(b)),
        axes: [...own],
        ...(protection !== undefined && !reasons.includes(undefined) ? { protection } : {}),
      };
    })
    .sort((a, b) => place(a.makers[0]) - place(b.makers[0]));
}
