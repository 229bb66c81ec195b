/** Activation: one function of `activations.ts` on every element. */
import { type ActivationName, activationProblem, applyActivation, readActivation, stockActivation } from './activations.ts';
import { activated } from './channel-flow.ts';
import { readFields } from './config.ts';
import { defineOp, single } from './define.ts';

export type ActivationAttrs = { readonly activation: ActivationName };

export const activation = defineOp<ActivationAttrs>({
  kind: 'Activation',
  classes: ['Activation'],
  read: (config, place) => ({ activation: readActivation(readFields(config, place)) }),
  write: (attrs) => ({ className: 'Activation', config: { activation: stockActivation(attrs.activation) } }),
  cannotWrite: (attrs) => activationProblem(attrs.activation),
  shape: (_attrs, inputs) => single(inputs),
  channels: ({ activation: name }, inputs) => activated(inputs, name),
  forward: ({ inputs, attrs }) => applyActivation(single(inputs), attrs.activation),
});
