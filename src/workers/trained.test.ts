import { expect, it } from 'vitest';
import type { StepResult, TrainingCurve } from '../engine/technique.ts';
import { adoptSteps, bytesOfSteps, trainedSteps } from './trained.ts';

const values = new Float32Array(10);
const model = { weights: new Map([['k', { values, encoding: { kind: 'affine', codes: new Uint8Array(5) } }]]) };
const curve = {} as TrainingCurve;
const result = (training?: TrainingCurve): StepResult =>
  ({ model, notes: [], ...(training && { training }) }) as unknown as StepResult;

it('finds what was trained under the new name of its data, and only that', () => {
  const before = new Map([
    ['7|prune/magnitude {}', result()],
    ['7|prune/magnitude {}|train/fine-tune {} on data-2 0 (unit)', result(curve)],
    ['7|prune/magnitude {}|train/fine-tune {} on data-2 0 (unit)|quantize/affine {}', result()],
    ['7 taught by 1|train/fine-tune {} on data-2 0 (unit)', result(curve)],
    ['7|train/fine-tune {} on data-2 0 (unit)', result({} as TrainingCurve)],
  ]);
  const steps = trainedSteps(before, 'data-2 0 (unit)', [curve]);
  const after = new Map<string, StepResult>();
  adoptSteps(after, 'data-9 1 (unit)', steps);
  expect([...after.keys()]).toEqual(['7|prune/magnitude {}|train/fine-tune {} on data-9 1 (unit)']);
  expect(bytesOfSteps([...steps, ...steps])).toBe(45);
});
