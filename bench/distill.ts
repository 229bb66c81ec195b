/**
 * What a teacher is worth: a half-width LeNet-5 that learns 10,000 MNIST training pictures from the sample's answers, against the same
 * student (the same first weights, the same batches) that learns from the labels alone, for as many epochs. A tenth of the training pictures
 * chooses the epoch; the 10,000 test pictures are looked at once, at the end. The ratio is mean test errors alone over mean test errors
 * distilled.
 */
import { draw } from '../src/engine/data/split.ts';
import { applyRecipe, openData, openModel, parseRecipe, type Recipe } from '../src/engine/index.ts';
import { accuracyOf, contextOf, files, onMnist, sample } from './repair.ts';
import type { Bench } from './run.ts';
import { startTraining } from './training-backend.ts';

const student = { use: 'distill/student', width: 0.5 } as const;
const training = { epochs: 10, learningRate: 0.001 } as const;
const ways = {
  alone: { use: 'train/fine-tune', ...training },
  distilled: { use: 'distill/logits', temperature: 4, alpha: 0.9, ...training },
} as const;

export type Way = keyof typeof ways;

/** Test errors of the student taught in each way, for one seed. */
export async function taught(seed: number): Promise<Record<Way, number>> {
  const teacher = await openModel(await files(sample('lenet5')), {}, contextOf(seed));
  const all = await openData(await files(onMnist.training), {}, contextOf(seed));
  const test = await openData(await files(onMnist.test), {}, contextOf(seed));
  const data = { dataset: draw(all, onMnist.samples, seed).drawn, preprocessing: onMnist.preprocessing, id: 'mnist' };
  const errorsOf = async (steps: Recipe['steps']) => {
    const start = performance.now();
    const { model } = await applyRecipe(teacher, parseRecipe({ recipe: 1, seed, steps }), { ...contextOf(seed), training: data });
    const errors = Math.round((1 - (await accuracyOf(model, test, onMnist.preprocessing))) * test.size);
    console.error(
      `seed ${seed}: ${errors} errors in ${((performance.now() - start) / 1000).toFixed(0)} s, ${JSON.stringify(steps)}`,
    );
    return errors;
  };
  return { alone: await errorsOf([student, ways.alone]), distilled: await errorsOf([student, ways.distilled]) };
}

const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;

export const bench: Bench = {
  name: 'distill',
  summary: 'test errors of a half-width LeNet-5 taught by the sample, against the same student taught by labels alone',
  async run({ seeds }) {
    await startTraining();
    const runs: Record<Way, number>[] = [];
    for (let seed = 1; seed <= seeds; seed++) runs.push(await taught(seed));
    const [alone, distilled] = [mean(runs.map((run) => run.alone)), mean(runs.map((run) => run.distilled))];
    return {
      bench: 'distill',
      ratio: alone / distilled,
      target: 'fewer mean test errors distilled than alone',
      alone,
      distilled,
      won: runs.filter((run) => run.distilled < run.alone).length,
      runs,
    };
  },
};
