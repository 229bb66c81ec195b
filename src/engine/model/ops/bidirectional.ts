/**
 * Bidirectional: one recurrent layer along the sequence, another of the same kind against it, and their outputs put together. Where all
 * steps are given out, the second's stand in the order of the sequence, and masked steps are zero, as in Keras.
 */
import * as tf from '@tensorflow/tfjs-core';
import type { Json, Shape } from '../model.ts';
import type { KerasConfig, ReadPlace } from '../op.ts';
import { readFields, unsupported } from './config.ts';
import { defineOp } from './define.ts';
import {
  type RecurrentAttrs,
  readRecurrent,
  recurrentMacs,
  recurrentProblem,
  recurrentShape,
  recurrentSlots,
  runRecurrent,
  writeRecurrent,
} from './recurrent.ts';
import { type CellKind, type CellWeights, cells } from './recurrent-cells.ts';

export type BidirectionalAttrs = RecurrentAttrs & {
  readonly cell: CellKind;
  readonly merge: 'concat' | 'sum' | 'mul' | 'ave';
};

/** Scopes of the two layers' tensors, named as stock TF.js names the layers. */
export const directions = ['forward_rnn/', 'backward_rnn/'] as const;

const remedy =
  'Rebuild it in Keras from one LSTM, GRU or SimpleRNN layer and a merge mode, copy the weights over and save again.';

function readInner(json: Json | undefined, place: ReadPlace): { readonly cell: CellKind; readonly attrs: RecurrentAttrs } {
  const { class_name: className, config } = (json ?? {}) as { readonly [key: string]: Json };
  if (typeof className !== 'string' || typeof config !== 'object' || config === null || !Object.hasOwn(cells, className)) {
    const what = typeof className === 'string' ? `the layer ${className.slice(0, 80)} inside` : 'no layer inside';
    throw unsupported(place, what, 'Only LSTM, GRU and SimpleRNN are run in both directions here.', remedy);
  }
  const cell = className as CellKind;
  return { cell, attrs: readRecurrent(cell, config as KerasConfig, place) };
}

export const bidirectional = defineOp<BidirectionalAttrs>({
  kind: 'Bidirectional',
  classes: ['Bidirectional'],
  read(config, place) {
    const field = readFields(config, place);
    const { cell, attrs } = readInner(config.layer, place);
    if (field.has('backward_layer')) {
      const back = readInner(config.backward_layer, place);
      const mirrored = { cell: back.cell, attrs: { ...back.attrs, goBackwards: !back.attrs.goBackwards } };
      if (JSON.stringify(mirrored) !== JSON.stringify({ cell, attrs }))
        throw unsupported(place, 'a backward layer that differs from the forward one', 'Both are read as one setting.', remedy);
    }
    if (config.merge_mode === null) throw unsupported(place, '`merge_mode = None`', 'It has two outputs.', remedy);
    const merge = field.choice('merge_mode', ['concat', 'sum', 'mul', 'ave'], 'concat');
    return { ...attrs, zeroMasked: attrs.returnSequences, cell, merge };
  },
  write: ({ cell, merge, ...attrs }) => ({
    className: 'Bidirectional',
    config: {
      layer: { class_name: cell, config: { name: 'rnn', ...writeRecurrent(cell, { ...attrs, zeroMasked: false }) } },
      merge_mode: merge,
    },
  }),
  cannotWrite: recurrentProblem,
  slots: (attrs, inputs) => directions.flatMap((scope) => recurrentSlots(attrs.cell, attrs, inputs, scope)),
  shape(attrs, inputs) {
    const one = recurrentShape(attrs, inputs);
    return attrs.merge === 'concat' ? ([...one.slice(0, -1), 2 * attrs.units] satisfies Shape) : one;
  },
  macs: (attrs, inputs) => 2 * recurrentMacs(attrs.cell, attrs, inputs),
  forward({ inputs, attrs, weights }) {
    const run = (scope: string, goBackwards: boolean) =>
      runRecurrent(attrs.cell, { ...attrs, goBackwards }, inputs, scoped(weights, scope));
    const forward = run(directions[0], attrs.goBackwards);
    const against = run(directions[1], !attrs.goBackwards);
    const backward = attrs.returnSequences ? tf.reverse(against, 1) : against;
    switch (attrs.merge) {
      case 'concat':
        return tf.concat([forward, backward], -1);
      case 'sum':
        return tf.add(forward, backward);
      case 'mul':
        return tf.mul(forward, backward);
      case 'ave':
        return tf.div(tf.add(forward, backward), 2);
    }
  },
});

/** The tensors of one direction under the roles of its cell. */
function scoped(weights: CellWeights, scope: string): CellWeights {
  return Object.fromEntries(
    Object.entries(weights).flatMap(([role, tensor]) => (role.startsWith(scope) ? [[role.slice(scope.length), tensor]] : [])),
  );
}
