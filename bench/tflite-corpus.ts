/** Every model of the corpus and of the samples that opens, written as float32 and run in the interpreter beside the executor. */
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { corpusRoot } from '../scripts/fixtures.ts';
import type { Context } from '../src/engine/context.ts';
import { StudioError } from '../src/engine/errors.ts';
import { sourceFile } from '../src/engine/formats/files.ts';
import { openModel, requireWritable } from '../src/engine/formats/index.ts';
import { tflite } from '../src/engine/formats/tflite/index.ts';
import { writeTflite } from '../src/engine/formats/tflite/write/write.ts';
import { createRng } from '../src/engine/math/rng.ts';
import { withActivations } from '../src/engine/model/activation-grid.ts';
import { elementCount, type Model } from '../src/engine/model/model.ts';
import { createPredictor } from '../src/engine/runtime/executor.ts';
import { relativeDifference } from '../src/engine/verify.ts';
import { answersInLiteRt, type LiteRtJob } from './litert.ts';
import { judge } from './tflite-judge.ts';

export interface CorpusRow {
  readonly model: string;
  /** The largest difference of an output, relative to its largest number; or why there is none. */
  readonly outcome: number | string;
  /** The same between LiteRT.js and the interpreter. */
  readonly inLiteRt?: number | string;
}

/** A written file with a sample and what the interpreter makes of it. */
interface Written extends LiteRtJob {
  readonly outcome: number;
  readonly found: readonly Float32Array[];
}

/** Models by their files: .json ones with every .bin beside them. */
function candidates(root: string): { name: string; paths: string[] }[] {
  const paths = readdirSync(root, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
  const beside = (path: string) => paths.filter((other) => dirname(other) === dirname(path) && !/\.(json|md|txt)$/.test(other));
  return paths.flatMap((path) => {
    const name = relative(root, path);
    if (/\.(h5|hdf5|keras|tflite)$/.test(path) || /model\.zip$/.test(path)) return [{ name, paths: [path] }];
    return /model\.json$|mnist\.json$/.test(path) ? [{ name, paths: [path, ...beside(path)] }] : [];
  });
}

async function outcomeOf(model: Model, context: Context): Promise<Written> {
  requireWritable(tflite, model);
  // Files with grids are the business of the int8 figures.
  const plain = withActivations(model, new Map());
  const [file] = await writeTflite(plain, { precision: 'encoded', tflite: { kind: 'float32' } }, context);
  const bytes = file?.bytes ?? new Uint8Array();
  const rng = createRng(3);
  const samples = plain.inputs.map(({ shape }) =>
    Float32Array.from({ length: elementCount(shape as number[]) }, () => rng.next()),
  );
  const predictor = await createPredictor(plain);
  const expected = await predictor.predict(samples, 1);
  predictor.dispose();
  const interpreter = await judge(bytes);
  const found = interpreter.run(samples);
  interpreter.dispose();
  const inputs = samples.map((values, i) => ({
    values: [...values],
    shape: [1, ...((plain.inputs[i]?.shape ?? []) as number[])],
  }));
  return { bytes, inputs, found, outcome: furthest(expected, found) };
}

/** The largest relative difference of any output; outputs of both in the same order. */
const furthest = (left: readonly Float32Array[], right: readonly Float32Array[]): number =>
  left.reduce((worst, output, i) => Math.max(worst, relativeDifference(output, right[i] ?? new Float32Array())), 0);

/** One row per model; those that could be written are also run in LiteRT.js, in one page. */
export async function corpusRows(context: Context): Promise<CorpusRow[]> {
  const rows: (CorpusRow & { readonly written?: Written })[] = [];
  for (const root of [corpusRoot, join(import.meta.dirname, '../public/models')]) {
    for (const { name, paths } of candidates(root)) {
      try {
        const files = paths.map((path) =>
          sourceFile(relative(dirname(paths[0] ?? ''), path), new Uint8Array(readFileSync(path))),
        );
        const written = await outcomeOf(await openModel(files, {}, context), context);
        rows.push({ model: name, outcome: written.outcome, written });
      } catch (error) {
        if (!(error instanceof StudioError)) throw error;
        rows.push({ model: name, outcome: `${error.code}: ${error.title}` });
      }
    }
  }
  const answers = await answersInLiteRt(rows.flatMap(({ written }) => written ?? []));
  return rows.map(({ model, outcome, written }) => {
    if (written === undefined) return { model, outcome };
    const answer = answers.shift() ?? 'There is no answer.';
    const inLiteRt =
      typeof answer === 'string'
        ? answer
        : furthest(
            written.found,
            answer.map((values) => Float32Array.from(values)),
          );
    return { model, outcome, inLiteRt };
  });
}
