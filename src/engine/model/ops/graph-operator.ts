/**
 * An operator of a TF.js graph-model (`tf.Conv2D`, `tf.MatMul` …): one record for all of them, because the graph runs as a whole on TF.js'
 * own executor. Its constants, shape and cost were found out when the file was read, and stand in its attributes.
 */
import { StudioError } from '../../errors.ts';
import type { Shape } from '../model.ts';
import type { Op, WeightSlot } from '../op.ts';

/** What kinds of such nodes start with, so that none is taken for the Keras layer of the same name. */
export const graphPrefix = 'tf.';

export type GraphOperatorAttrs = {
  /** Without batch; a single null where it is not known. */
  readonly shape: Shape;
  /** Multiply-accumulates for one sample; null where a size is not known. */
  readonly macs: number | null;
  readonly slots: readonly {
    readonly role: string;
    readonly shape: readonly number[];
    readonly channelAxis: number | null;
    readonly kind: WeightSlot['kind'];
    readonly oneScale: boolean;
  }[];
};

const attrsOf = (attrs: unknown): GraphOperatorAttrs => attrs as GraphOperatorAttrs;

export const graphOperator: Op = {
  kind: graphPrefix,
  classes: [],
  read: () => {
    throw needsLayers('a Keras file');
  },
  write: () => {
    throw needsLayers('a Keras layer');
  },
  slots: (attrs) => attrsOf(attrs).slots,
  shape: (attrs) => attrsOf(attrs).shape,
  macs: (attrs) => attrsOf(attrs).macs ?? Number.NaN,
  forward: () => {
    throw needsLayers('a single layer');
  },
};

/** The graph of a graph-model can't become what is asked for. */
export function needsLayers(what: string): StudioError {
  return new StudioError({
    code: 'MODEL_NEEDS_LAYERS',
    title: 'This needs the layers of the model, which a TF.js graph-model no longer has.',
    detail: `The file holds a frozen TensorFlow graph: its operators run as a whole and can not be taken for ${what}.`,
    hint: 'Open the Keras file that it was converted from (.keras or .h5), or save it as a TF.js graph-model.',
  });
}
