/**
 * Masks, which Keras hands from layer to layer unseen: a Masking layer or an Embedding with mask_zero begins one, layers that treat every
 * step alike pass it on, and recurrent layers heed it. Here a recurrent layer reads what its mask is made of as a second input. A layer
 * that would heed a mask in another way, or several at once, is refused; any other ends it, as in Keras.
 */
import type { StudioError } from '../../errors.ts';
import type { Node, ValueId } from '../../model/model.ts';
import { problems } from '../problems.ts';

/** Steps of `source` that hold nothing but `value` are masked; `mixed` where several masks meet. */
type Mask = { readonly source: ValueId; readonly value: number } | 'mixed';
export type Masks = Map<ValueId, Mask>;

export const recurrentKinds: ReadonlySet<string> = new Set(['LSTM', 'GRU', 'SimpleRNN', 'Bidirectional']);

const stepwise: ReadonlySet<string> = new Set([
  ...['Dense', 'Activation', 'ReLU', 'LeakyReLU', 'ELU', 'PReLU', 'Rescaling', 'BatchNormalization', 'LayerNormalization'],
  ...[
    'Dropout',
    'GaussianNoise',
    'GaussianDropout',
    'Add',
    'Subtract',
    'Multiply',
    'Average',
    'Maximum',
    'Minimum',
    'Concatenate',
  ],
]);
const heeding: ReadonlySet<string> = new Set([
  ...[
    'GlobalAveragePooling1D',
    'Softmax',
    'TimeDistributed',
    'Attention',
    'AdditiveAttention',
    'MultiHeadAttention',
    'GroupQueryAttention',
  ],
]);

/** The node with its mask as a second input where it is recurrent; what its output's mask is goes into `masks`. */
export function masked(node: Node, masks: Masks): Node {
  const [input = ''] = node.inputs;
  const [output = ''] = node.outputs;
  if (node.op === 'Masking') masks.set(output, { source: input, value: Number(node.attrs.maskValue) });
  if (node.op === 'Embedding' && node.attrs.maskZero === true) masks.set(output, { source: input, value: 0 });
  const mask = meeting(node, masks);
  if (mask === undefined || node.op === 'Masking' || node.op === 'Embedding') return node;
  if (heeding.has(node.op) || (mask === 'mixed' && recurrentKinds.has(node.op))) throw refused(node, mask);
  const recurrent = recurrentKinds.has(node.op);
  if (recurrent ? node.attrs.returnSequences === true : stepwise.has(node.op)) masks.set(output, mask);
  if (!recurrent || mask === 'mixed') return node;
  return { ...node, inputs: [...node.inputs, mask.source], attrs: { ...node.attrs, maskValue: mask.value } };
}

/** Whether a value has this mask. */
export function handsOn(masks: Masks, value: ValueId | undefined, mask: Exclude<Mask, 'mixed'>): boolean {
  return JSON.stringify(masks.get(value ?? '')) === JSON.stringify(mask);
}

/** The mask of all inputs together; undefined where none has one. */
function meeting({ inputs }: Node, masks: Masks): Mask | undefined {
  const found = inputs.map((id) => masks.get(id));
  const [first] = found;
  if (found.every((mask) => mask === undefined)) return undefined;
  const same = first !== undefined && first !== 'mixed' && found.every((mask) => JSON.stringify(mask) === JSON.stringify(first));
  return same ? first : 'mixed';
}

const remedy =
  'Rebuild the model in Keras without the mask (mask_zero=False, no Masking layer), copy the weights over and save again.';

/** The error for a layer that does something with a mask that is not done here. */
export function heedsMask(layer: string, className: string): StudioError {
  const reason =
    'In Keras it leaves out the steps that a Masking layer or an Embedding with mask_zero masks; here only recurrent layers do.';
  return problems.unsupportedLayer(layer, className, reason, remedy);
}

function refused({ name, op }: Node, mask: Mask): StudioError {
  if (mask !== 'mixed') return heedsMask(name, op);
  return problems.unsupportedLayer(name, op, 'Its inputs have different masks, or only some have one.', remedy);
}
