/**
 * Walks over a model's graph: the shape of every value, who consumes it, what it costs, and whether the whole is sound.
 * Nodes stand in topological order, so that every walk is one pass.
 */
import { StudioError } from '../errors.ts';
import { elementCount, type Model, type Node, type Shape, type ValueId } from './model.ts';
import { elements, formatShape } from './ops/define.ts';
import { opOf } from './ops/index.ts';

/** TF.js addresses a tensor's elements with 32-bit integers. */
const largestTensor = 2 ** 31;

function broken(title: string, detail: string, context: Readonly<Record<string, unknown>> = {}): StudioError {
  return new StudioError({
    code: 'MODEL_GRAPH',
    title,
    detail,
    hint: 'The file was changed or damaged after it was saved: save the model again and open the new file.',
    context,
  });
}

function shapesOf(node: Node, shapes: ReadonlyMap<ValueId, Shape>): Shape[] {
  return node.inputs.map((id) => {
    const shape = shapes.get(id);
    if (shape !== undefined) return shape;
    throw broken(
      `The layer "${node.name}" uses the value "${id}" before any layer makes it.`,
      'Layers must form a graph without cycles, each after the layers it depends on.',
      { layer: node.name, value: id },
    );
  });
}

/** Adds the layer's name to what an op says about shapes. */
function named<T>(node: Node, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof StudioError) || error.code !== 'MODEL_SHAPE') throw error;
    throw new StudioError(
      {
        ...error.toJSON(),
        title: `The layer "${node.name}" (${node.op}) does not fit its input.`,
        context: { layer: node.name },
      },
      error,
    );
  }
}

/** The shape of every value without batch. `inputShapes`, in the order of the model's inputs, gives sizes the model leaves open. */
export function inferShapes(model: Model, inputShapes?: readonly Shape[]): Map<ValueId, Shape> {
  const shapes = new Map<ValueId, Shape>();
  model.inputs.forEach((input, index) => {
    shapes.set(input.value, inputShapes?.[index] ?? input.shape);
  });
  for (const node of model.nodes) {
    const inputs = shapesOf(node, shapes);
    const output = named(node, () => opOf(node.op).shape(node.attrs, inputs));
    if (elements(output) >= largestTensor) {
      throw broken(
        `The output of the layer "${node.name}" is too large for any device.`,
        `${formatShape(output)} is ${elements(output)} elements; 2^31 is the most.`,
        { layer: node.name },
      );
    }
    for (const id of node.outputs) shapes.set(id, output);
  }
  return shapes;
}

/** The nodes that read each value. A value that only leaves the model has no entry. */
export function consumersOf(model: Model): Map<ValueId, Node[]> {
  const consumers = new Map<ValueId, Node[]>();
  for (const node of model.nodes) {
    for (const id of new Set(node.inputs)) consumers.set(id, [...(consumers.get(id) ?? []), node]);
  }
  return consumers;
}

/**
 * The index of the output that answers: the first that no layer reads on, since models saved for visualization give their
 * intermediate values too. The last output where every one is read on.
 */
export function answerOutput(model: Model): number {
  const read = consumersOf(model);
  const answer = model.outputs.findIndex((id) => !read.has(id));
  return answer === -1 ? model.outputs.length - 1 : answer;
}

/** Multiply-accumulates of each node for one sample, by node name; NaN where a size is only known at run time. */
export function nodeMacs(model: Model, inputShapes?: readonly Shape[]): Map<string, number> {
  const shapes = inferShapes(model, inputShapes);
  return new Map(
    model.nodes.map((node) => {
      const output = shapes.get(node.outputs[0] ?? '') ?? [];
      return [node.name, opOf(node.op).macs(node.attrs, shapesOf(node, shapes), output)];
    }),
  );
}

/** Multiply-accumulates of the whole model for one sample; NaN where a size is only known at run time. */
export function modelMacs(model: Model, inputShapes?: readonly Shape[]): number {
  let total = 0;
  for (const macs of nodeMacs(model, inputShapes).values()) total += macs;
  return total;
}

function checkWeights(model: Model, node: Node, inputs: readonly Shape[]): void {
  const slots = named(node, () => opOf(node.op).slots(node.attrs, inputs));
  for (const slot of slots) {
    const id = node.weights[slot.role];
    const weight = id === undefined ? undefined : model.weights.get(id);
    if (weight === undefined) {
      throw broken(
        `The layer "${node.name}" (${node.op}) has no ${slot.role}.`,
        `A ${slot.role} of ${formatShape(slot.shape)} is missing.`,
        {
          layer: node.name,
          role: slot.role,
        },
      );
    }
    const fits = formatShape(weight.shape) === formatShape(slot.shape) && weight.values.length === elementCount(slot.shape);
    if (fits) continue;
    throw broken(
      `The ${slot.role} of the layer "${node.name}" (${node.op}) has the wrong shape.`,
      `The layer needs ${formatShape(slot.shape)}, the file holds ${formatShape(weight.shape)} with ${weight.values.length} values.`,
      { layer: node.name, role: slot.role, expected: slot.shape, found: weight.shape },
    );
  }
}

/** Throws MODEL_GRAPH or MODEL_SHAPE unless names are unique, every value is made once before it is used, and every weight fits its slot. */
export function validateModel(model: Model): void {
  const names = new Set<string>();
  const made = new Set(model.inputs.map((input) => input.value));
  for (const node of model.nodes) {
    if (names.has(node.name))
      throw broken('Two layers have the same name.', `Both are called "${node.name}".`, { layer: node.name });
    names.add(node.name);
    for (const id of node.outputs) {
      if (made.has(id)) throw broken(`The layer "${node.name}" makes a value that exists already.`, `The value is "${id}".`);
      made.add(id);
    }
  }
  const shapes = inferShapes(model);
  for (const node of model.nodes) checkWeights(model, node, shapesOf(node, shapes));
  for (const id of model.outputs) {
    if (!shapes.has(id)) throw broken('An output of the model is made by no layer.', `The output is "${id}".`);
  }
}
