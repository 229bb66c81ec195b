/** The cases of every op, with their inputs and weights, for Keras to compute: see keras-reference.py. */
import { caseInputs, caseModel, opCases } from '../src/engine/model/ops/cases.ts';

const recurrent = ['LSTM', 'GRU', 'SimpleRNN', 'Bidirectional'];

const cases = opCases
  .filter(({ keras, name }) => keras === 3 || !name.includes('hard_sigmoid"'))
  // The defaults of recurrent layers changed, and a mask is no input in Keras.
  .filter(({ keras, className, inputs }) => !recurrent.includes(className) || (keras === 3 && inputs.length === 1))
  .map((opCase) => ({
    ...opCase,
    weights: [...caseModel(opCase).weights.values()].map(({ shape, values }) => ({ shape, values: [...values] })),
    values: caseInputs(opCase).map((values) => [...values]),
  }));
process.stdout.write(JSON.stringify(cases));
