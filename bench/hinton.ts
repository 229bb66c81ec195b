/**
 * The experiment of Hinton, Vinyals & Dean (2015, §3) on all 60,000 MNIST training pictures: a teacher of two layers of 1,200 rectified units,
 * trained with dropout and shifted pictures; students of two layers of 800 without either, taught by its answers or by the labels alone, the
 * same first weights, epochs and learning rates; as many students as seeds. Published test errors: teacher 67, alone 146, distilled 74.
 * Wanted: at most 95 distilled, mean of three students of one teacher, and at least 35 % fewer than alone. A twelfth of the training pictures chooses the epoch. How
 * long it will take is told first, from 2,560 pictures; at a few thousand pictures a second it is hours.
 */
import { openSchool, type School } from './chromium.ts';
import type { Lesson } from './lesson.ts';
import { wholeMnist } from './materials.ts';
import type { Bench } from './run.ts';

const common = { batchSize: 128, learningRate: 0.001, validation: 1 / 12 } as const;
const augmented = { use: 'train/fine-tune', augmentation: 'shift', ...common };
const ways = {
  alone: { use: 'train/fine-tune', ...common },
  distilled: { use: 'distill/logits', temperature: 8, alpha: 0.9, ...common },
};

const teacher = { perceptron: { units: 1200, dropout: true, seed: 1 } };
const student = (seed: number) => ({ perceptron: { units: 800, dropout: false, seed } });
const few = 2560;
const pictures = 60_000;

type Step = Readonly<Record<string, unknown>> & { readonly use: string; readonly epochs: number };

/** Seconds that all of it will take, from an epoch of a few pictures of each kind. The untaught teacher is kept on the way. */
async function estimatedSeconds(
  { learn }: School,
  steps: Readonly<Record<'teacher' | 'alone' | 'distilled', Step>>,
  students: number,
) {
  const lessons: readonly (readonly [Step, number, Pick<Lesson, 'start' | 'teacher'>])[] = [
    [steps.teacher, 1, { start: teacher }],
    [steps.alone, students, { start: student(1) }],
    [steps.distilled, students, { start: student(1), teacher: 'untaught' }],
  ];
  await learn({ start: teacher, material: wholeMnist, seed: 1, steps: [], keepAs: 'untaught' });
  let total = 0;
  for (const [step, times, who] of lessons) {
    const material = { ...wholeMnist, samples: few };
    const { seconds } = await learn({ ...who, material, seed: 1, steps: [{ ...step, epochs: 1 }] });
    total += times * step.epochs * seconds * (pictures / few);
  }
  return total;
}

const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;

interface Experiment {
  readonly students: number;
  /** Epochs of the teacher and of each student. */
  readonly schooling: number;
  readonly lessons: number;
}

/** Test errors of the teacher and of each student, distilled and alone. */
async function experiment(school: School, { students, schooling, lessons }: Experiment) {
  const start = performance.now();
  const minutes = () => (performance.now() - start) / 60_000;
  const steps = {
    teacher: { ...augmented, epochs: schooling },
    alone: { ...ways.alone, epochs: lessons },
    distilled: { ...ways.distilled, epochs: lessons },
  };
  const estimatedMinutes = (await estimatedSeconds(school, steps, students)) / 60;
  console.error(`hinton: about ${(estimatedMinutes / 60).toFixed(1)} hours on this machine`);
  const all = { material: wholeMnist, seed: 1 };
  const { errors: taught } = await school.learn({ ...all, start: teacher, steps: [steps.teacher], keepAs: 'teacher' });
  console.error(`hinton: the teacher makes ${taught} errors, after ${minutes().toFixed(0)} minutes`);
  const runs: { alone: number; distilled: number }[] = [];
  for (let seed = 1; seed <= students; seed++) {
    const own = { ...all, start: student(seed), seed };
    const { errors: alone } = await school.learn({ ...own, steps: [steps.alone] });
    const { errors: distilled } = await school.learn({ ...own, steps: [steps.distilled], teacher: 'teacher' });
    runs.push({ alone, distilled });
    console.error(`hinton: student ${seed} makes ${distilled} errors, alone ${alone}, after ${minutes().toFixed(0)} minutes`);
  }
  return { teacher: taught, runs, minutes: minutes(), estimatedMinutes };
}

export const bench: Bench = {
  name: 'hinton',
  summary: "test errors of Hinton's student of 800 units on all of MNIST, distilled and alone; hours",
  async run({ seeds }) {
    const school = await openSchool();
    const found = await experiment(school, { students: seeds, schooling: 40, lessons: 20 }).finally(school.close);
    const [alone, distilled] = [mean(found.runs.map((run) => run.alone)), mean(found.runs.map((run) => run.distilled))];
    return {
      bench: 'hinton',
      ratio: Math.min(95 / distilled, (0.65 * alone) / distilled),
      target: 'at most 95 test errors distilled, and 35 % fewer than alone',
      alone,
      distilled,
      ...found,
    };
  },
};
