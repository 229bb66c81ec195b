/** The cases of every op, with their inputs and weights, for Keras to compute: see keras-reference.py. */
import { caseInputs, caseModel, opCases } from '../src/engine/model/ops/cases.ts';

const cases = opCases
  .filter(({ keras, config }) => keras === 3 || config.activation !== 'hard_sigmoid')
  .map((opCase) => ({
    ...opCase,
    weights: [...caseModel(opCase).weights.values()].map(({ shape, values }) => ({ shape, values: [...values] })),
    values: caseInputs(opCase).map((values) => [...values]),
  }));
process.stdout.write(JSON.stringify(cases));
