/**
 * What a teacher is worth: a half-width LeNet-5 that learns 10,000 MNIST training pictures from the sample's answers, against the same
 * student (the same first weights, the same batches) that learns from the labels alone, for as many epochs. A tenth of the training pictures
 * chooses the epoch; the 10,000 test pictures are looked at once, at the end. The ratio is mean test errors alone over mean test errors
 * distilled.
 */
import { openSchool, type School } from './chromium.ts';
import { lenet5 } from './materials.ts';
import type { Bench } from './run.ts';

const student = { use: 'distill/student', width: 0.5 } as const;
const training = { epochs: 10, learningRate: 0.001 } as const;
const ways = {
  alone: { use: 'train/fine-tune', ...training },
  distilled: { use: 'distill/logits', temperature: 4, alpha: 0.9, ...training },
} as const;

type Way = keyof typeof ways;

/** Test errors of the student taught in each way, for one seed. */
async function taught({ learn }: School, seed: number): Promise<Record<Way, number>> {
  const errorsOf = async (way: Way) => {
    const steps = [student, ways[way]];
    const { errors, seconds } = await learn({ start: { files: lenet5.model }, material: lenet5.material, seed, steps });
    console.error(`seed ${seed}: ${errors} errors in ${seconds.toFixed(0)} s, ${JSON.stringify(steps)}`);
    return errors;
  };
  return { alone: await errorsOf('alone'), distilled: await errorsOf('distilled') };
}

const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;

export const bench: Bench = {
  name: 'distill',
  summary: 'test errors of a half-width LeNet-5 taught by the sample, against the same student taught by labels alone',
  async run({ seeds }) {
    const runs: Record<Way, number>[] = [];
    const school = await openSchool();
    try {
      for (let seed = 1; seed <= seeds; seed++) runs.push(await taught(school, seed));
    } finally {
      await school.close();
    }
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
