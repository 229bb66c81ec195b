/** What a model is, at a glance: layers with shapes, parameters and cost. The page shows it and `nutshell inspect --json` prints it. */
import { StudioError } from './errors.ts';
import { concreteShape, hasOpenSize } from './model/input-size.ts';
import { type Model, type Note, parameterCount, type Shape } from './model/model.ts';
import { opOf } from './model/ops/index.ts';
import { inferShapes, nodeMacs } from './model/topology.ts';

export interface WeightSummary {
  readonly id: string;
  readonly role: string;
  readonly shape: readonly number[];
  readonly kind: 'kernel' | 'vector';
}

export interface LayerSummary {
  readonly name: string;
  readonly op: string;
  /** Output shape without batch, for the size that is assumed; null where a size is known only at run time. */
  readonly shape: Shape;
  readonly parameters: number;
  /** For one sample; null where a size is known only at run time. */
  readonly macs: number | null;
  readonly weights: readonly WeightSummary[];
}

export interface ModelSummary {
  /** The id of the format it was read from. */
  readonly format: string;
  readonly name: string;
  readonly parameters: number;
  readonly macs: number | null;
  /** Bytes of the files given. */
  readonly bytes: number;
  /** `size`: what shapes and work are told for where the shape leaves sizes open, else null. */
  readonly inputs: readonly {
    readonly name: string;
    readonly shape: Shape;
    readonly dtype: string;
    readonly size: readonly number[] | null;
  }[];
  readonly outputs: readonly { readonly name: string; readonly shape: Shape }[];
  readonly layers: readonly LayerSummary[];
  readonly notes: readonly Note[];
}

const known = (macs: number | undefined): number | null => (macs === undefined || Number.isNaN(macs) ? null : macs);

/** Sizes for inputs that leave some open; undefined where none does, or where the layers do not take them and none was chosen. */
function assumedSizes(model: Model): readonly (readonly number[])[] | undefined {
  if (!hasOpenSize(model)) return undefined;
  const sizes = model.inputs.map((input) => concreteShape(input, null));
  if (model.inputs.some(({ size }) => size !== undefined)) return sizes;
  try {
    inferShapes(model, sizes);
    return sizes;
  } catch (error) {
    if (error instanceof StudioError) return undefined;
    throw error;
  }
}

/** Describes a model; a tensor shared by several layers is listed under each, but counted once in `parameters`. */
export function summarize(model: Model): ModelSummary {
  const sizes = assumedSizes(model);
  const shapes = inferShapes(model, sizes);
  const macs = nodeMacs(model, sizes);
  const layers = model.nodes.map((node): LayerSummary => {
    const slots = opOf(node.op).slots(
      node.attrs,
      node.inputs.map((id) => shapes.get(id) ?? []),
    );
    const weights = slots.map(({ role, shape, kind }) => ({ id: node.weights[role] ?? '', role, shape, kind }));
    return {
      name: node.name,
      op: node.op,
      shape: shapes.get(node.outputs[0] ?? '') ?? [],
      parameters: weights.reduce((sum, { id }) => sum + (model.weights.get(id)?.values.length ?? 0), 0),
      macs: known(macs.get(node.name)),
      weights,
    };
  });
  return {
    format: model.source.format,
    name: model.name,
    parameters: parameterCount(model),
    macs: known([...macs.values()].reduce((sum, value) => sum + value, 0)),
    bytes: model.source.bytes,
    inputs: model.inputs.map(({ name, shape, dtype }, at) => ({
      name,
      shape,
      dtype,
      size: shape.includes(null) ? (sizes?.[at] ?? null) : null,
    })),
    outputs: model.outputs.map((value) => ({
      name: model.nodes.find((node) => node.outputs.includes(value))?.name ?? value,
      shape: shapes.get(value) ?? [],
    })),
    layers,
    notes: model.source.notes,
  };
}
