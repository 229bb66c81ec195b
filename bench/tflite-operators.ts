/** Every layer and setting as a .tflite file of each kind, in LiteRT.js (Chromium) beside the interpreter in Node, which is older. */
import type { TfliteKind } from '../src/engine/format.ts';
import { planFile } from '../src/engine/formats/tflite/write/plan.ts';
import { serialize } from '../src/engine/formats/tflite/write/serialize.ts';
import type { Model } from '../src/engine/model/model.ts';
import { caseInputs, caseModel, type OpCase, opCases, relativeDifference } from '../src/engine/model/ops/cases.ts';
import { calibrated, kernelsOnGrid } from '../src/engine/testing/calibrated.ts';
import { openTflite } from '../src/engine/testing/tflite-interpreter.ts';
import { answersInLiteRt, type LiteRtJob } from './litert.ts';

/** One case as a file, its first sample, and what the interpreter in Node makes of it. */
export interface OperatorJob extends LiteRtJob {
  readonly name: string;
  readonly operators: readonly string[];
  readonly expected: readonly Float32Array[];
}

async function prepared(opCase: OpCase, kind: TfliteKind): Promise<Model> {
  const model = caseModel(opCase);
  if (kind === 'float32' || kind === 'float16') return model;
  if (kind === 'dynamic') return kernelsOnGrid(model);
  return calibrated(kernelsOnGrid(model), caseInputs(opCase), 2, kind === 'int16x8' ? 16 : 8);
}

/** A case as a file of a kind. */
export async function operatorJob(opCase: OpCase, kind: TfliteKind): Promise<OperatorJob> {
  const { file } = planFile(await prepared(opCase, kind), { precision: 'encoded', tflite: { kind } });
  const bytes = serialize(file);
  const interpreter = await openTflite(bytes);
  const sample = caseInputs(opCase).map((all) => all.subarray(0, all.length / 2));
  const inputs = sample.map((values, i) => ({ values: [...values], shape: interpreter.inputs[i]?.shape ?? [] }));
  const expected = interpreter.run(sample).map((values) => Float32Array.from(values));
  interpreter.dispose();
  return { name: opCase.name, operators: file.operators.map(({ code }) => code), bytes, inputs, expected };
}

export interface OperatorDifference {
  readonly name: string;
  /** Of the first output, relative to its largest number; or why LiteRT.js refuses the file. */
  readonly difference: number | string;
}

/** How far LiteRT.js is from the interpreter on each file. */
export async function differencesInLiteRt(jobs: readonly OperatorJob[]): Promise<OperatorDifference[]> {
  const answers = await answersInLiteRt(jobs);
  return jobs.map(({ name, expected }, i) => {
    const found = answers[i] ?? 'There is no answer.';
    const [first = new Float32Array()] = expected;
    return { name, difference: typeof found === 'string' ? found : relativeDifference(first, Float32Array.from(found[0] ?? [])) };
  });
}

/** All cases of a kind: how many files there are, which are refused, and the largest difference. */
export async function operatorFigures(kind: TfliteKind) {
  const jobs: OperatorJob[] = [];
  for (const opCase of opCases) jobs.push(await operatorJob(opCase, kind));
  const all = await differencesInLiteRt(jobs);
  const measured = all.flatMap(({ difference }) => (typeof difference === 'number' ? [difference] : []));
  return {
    files: all.length,
    operators: new Set(jobs.flatMap(({ operators }) => operators)).size,
    refused: all.flatMap(({ name, difference }) => (typeof difference === 'string' ? [`${name}: ${difference}`] : [])),
    worst: Math.max(...measured),
  };
}
