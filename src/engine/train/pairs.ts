/**
 * Which layers of a student and its teacher are compared: those given by name, else in both the last layer at each size of map, as
 * attention transfer takes the end of each group of a ResNet (Zagoruyko & Komodakis 2017, §4). In a compressed model these are the same
 * layers. The answer itself is not among them: it has a loss of its own.
 */
import { StudioError } from '../errors.ts';
import type { Model, Node, Shape, ValueId } from '../model/model.ts';
import { inferShapes } from '../model/topology.ts';
import type { MatchKind } from './match-loss.ts';

export interface LayerPair {
  readonly student: ValueId;
  readonly teacher: ValueId;
  /** Without the batch, channels last. */
  readonly studentShape: readonly number[];
  readonly teacherShape: readonly number[];
}

/** A graph up to the numbers before its last activation, with the shape of its input. */
export interface Side {
  readonly graph: Model;
  readonly shape: readonly number[];
}

/** Layers that compute; the others only move, join or drop numbers. */
const computing: ReadonlySet<string> = new Set([
  ...['Dense', 'Conv1D', 'Conv2D', 'DepthwiseConv2D', 'SeparableConv2D', 'BatchNormalization'],
  ...['Activation', 'ReLU', 'LeakyReLU', 'ELU', 'PReLU', 'Add', 'Multiply', 'Concatenate'],
]);

/** Pairs of layers to compare. `given` is `layer, layer=layer of the teacher, …`; empty: found. Throws DISTILL_PAIRS. */
export function layerPairs(kind: MatchKind, student: Side, teacher: Side, given: string): LayerPair[] {
  const own = inferShapes(student.graph, [student.shape]);
  const other = inferShapes(teacher.graph, [teacher.shape]);
  const words = given.split(',').flatMap((word) => word.trim() || []);
  if (words.length > 0) return words.map((word) => givenPair(kind, word, student.graph, teacher.graph, own, other));
  const theirs = lastOfEachSize(kind, teacher.graph, other);
  const found = [...lastOfEachSize(kind, student.graph, own)].flatMap(([size, value]) => {
    const same = sizeOf(other.get(value)) === size ? value : theirs.get(size);
    return same === undefined ? [] : [pairOf(value, same, own, other)];
  });
  if (found.length > 0) return found;
  throw unpaired(
    'The model and its teacher have no layers that could be compared.',
    kind === 'attention'
      ? 'Attention is compared between layers whose maps have the same height and width; no two have.'
      : 'Between input and answer no layer of one has maps of the same size as a layer of the other.',
  );
}

type Shapes = ReadonlyMap<ValueId, Shape>;

const sizeOf = (shape: Shape | undefined): string | undefined => shape?.slice(0, -1).join('×');

function lastOfEachSize(kind: MatchKind, { nodes, outputs }: Model, shapes: Shapes): Map<string, ValueId> {
  const last = new Map<string, ValueId>();
  for (const {
    op,
    outputs: [value = ''],
  } of nodes) {
    const shape = shapes.get(value) ?? [];
    if (!computing.has(op) || outputs.includes(value) || (kind === 'attention' && places(shape) < 2)) continue;
    last.set(sizeOf(shape) ?? '', value);
  }
  return last;
}

const places = (shape: Shape): number => shape.slice(0, -1).reduce<number>((product, size) => product * (size ?? 1), 1);

const pairOf = (student: ValueId, teacher: ValueId, own: Shapes, other: Shapes): LayerPair => ({
  student,
  teacher,
  studentShape: (own.get(student) ?? []) as readonly number[],
  teacherShape: (other.get(teacher) ?? []) as readonly number[],
});

function givenPair(kind: MatchKind, word: string, student: Model, teacher: Model, own: Shapes, other: Shapes): LayerPair {
  const [name = '', named = name] = word.split('=').map((part) => part.trim());
  const pair = pairOf(outputOf(student, name, 'model'), outputOf(teacher, named, 'teacher'), own, other);
  const title = `The layers "${name}" and "${named}" can not be compared.`;
  if (sizeOf(pair.studentShape) !== sizeOf(pair.teacherShape)) {
    throw unpaired(title, `One gives ${pair.studentShape.join('×')} numbers, the other ${pair.teacherShape.join('×')}.`);
  }
  if (kind === 'attention' && places(pair.studentShape) < 2) throw unpaired(title, 'Attention needs maps with several places.');
  return pair;
}

function outputOf({ nodes }: Model, name: string, side: string): ValueId {
  const node: Node | undefined = nodes.find((candidate) => candidate.name === name);
  if (node?.outputs[0] !== undefined) return node.outputs[0];
  throw unpaired(`The ${side} has no layer "${name}" that leads to its answer.`, `Its layers are ${namesOf(nodes)}.`);
}

const namesOf = (nodes: readonly Node[]): string => nodes.map((node) => node.name).join(', ');

function unpaired(title: string, detail: string): StudioError {
  return new StudioError({
    code: 'DISTILL_PAIRS',
    title,
    detail,
    hint: 'Give pairs of layers with maps of the same size: "layer=layer of the teacher, …"; or use distill/logits.',
    context: {},
  });
}
