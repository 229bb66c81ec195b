/**
 * The experiment of Hinton, Vinyals & Dean (2015, §3) on all 60,000 MNIST training pictures: a teacher of two layers of 1,200 rectified units,
 * trained with dropout and shifted pictures; students of two layers of 800 without either, taught by its answers or by the labels alone, the
 * same first weights, epochs and learning rates; as many students as seeds. Published test errors: teacher 67, alone 146, distilled 74.
 * Wanted: at most 95 distilled, mean of three students of one teacher, and at least 35 % fewer than alone. A twelfth of the training pictures chooses the epoch. How
 * long it will take is told first, from 2,560 pictures; at a few thousand pictures a second it is hours.
 */
import { initialize } from '../scripts/samples/initialize.ts';
import { draw } from '../src/engine/data/split.ts';
import { applyRecipe, type Context, type Dataset, type Model, openData, parseRecipe } from '../src/engine/index.ts';
import { buildNet } from './nets.ts';
import { accuracyOf, contextOf, files, onMnist } from './repair.ts';
import type { Bench } from './run.ts';
import { startTraining } from './training-backend.ts';

const common = { batchSize: 128, learningRate: 0.001, validation: 1 / 12 } as const;
const augmented = { use: 'train/fine-tune', augmentation: 'shift', ...common };
const ways = {
  alone: { use: 'train/fine-tune', ...common },
  distilled: { use: 'distill/logits', temperature: 8, alpha: 0.9, ...common },
};

function perceptron(name: string, units: number, dropout: boolean, seed: number): Model {
  const dense = (size: number, activation: string) => ({ className: 'Dense', config: { units: size, activation } });
  const drop = (rate: number) => (dropout ? [{ className: 'Dropout', config: { rate } }] : []);
  const hidden = [dense(units, 'relu'), ...drop(0.5)];
  const layers = [{ className: 'Flatten' }, ...drop(0.2), ...hidden, ...hidden, dense(10, 'softmax')];
  return initialize(buildNet(name, [28, 28, 1], layers), seed);
}

interface Lesson {
  readonly model: Model;
  readonly step: { readonly use: string; readonly epochs: number };
  readonly dataset: Dataset;
  readonly seed: number;
  readonly teacher?: Model;
}

async function train({
  model,
  step,
  dataset,
  seed,
  teacher,
}: Lesson): Promise<{ readonly model: Model; readonly seconds: number }> {
  const start = performance.now();
  const training = { dataset, preprocessing: onMnist.preprocessing, id: `mnist ${dataset.size}` };
  const context: Context = { ...contextOf(seed), training, ...(teacher ? { teacher } : {}) };
  const { model: trained } = await applyRecipe(model, parseRecipe({ recipe: 1, seed, steps: [step] }), context);
  return { model: trained, seconds: (performance.now() - start) / 1000 };
}

/** Seconds that all of it will take, from an epoch of a few pictures of each kind. */
async function estimatedSeconds(
  teacher: Model,
  all: Dataset,
  steps: Readonly<Record<'teacher' | 'alone' | 'distilled', Lesson['step']>>,
  students: number,
): Promise<number> {
  const few = draw(all, 2560, 1).drawn;
  const student = perceptron('student', 800, false, 1);
  let total = 0;
  for (const [lesson, times] of [
    [{ model: teacher, step: steps.teacher }, 1],
    [{ model: student, step: steps.alone }, students],
    [{ model: student, step: steps.distilled, teacher }, students],
  ] as const) {
    const { seconds } = await train({ ...lesson, step: { ...lesson.step, epochs: 1 }, dataset: few, seed: 1 });
    total += times * lesson.step.epochs * seconds * (all.size / few.size);
  }
  return total;
}

const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;

export interface Experiment {
  readonly students: number;
  /** Epochs of the teacher and of each student. */
  readonly schooling: number;
  readonly lessons: number;
}

/** Test errors of the teacher and of each student, distilled and alone. */
export async function experiment({ students, schooling, lessons }: Experiment) {
  const all = await openData(await files(onMnist.training), {}, contextOf(1));
  const test = await openData(await files(onMnist.test), {}, contextOf(1));
  const errorsOf = async (model: Model) => Math.round((1 - (await accuracyOf(model, test, onMnist.preprocessing))) * test.size);
  const start = performance.now();
  const minutes = () => (performance.now() - start) / 60_000;
  const untaught = perceptron('teacher', 1200, true, 1);
  const steps = {
    teacher: { ...augmented, epochs: schooling },
    alone: { ...ways.alone, epochs: lessons },
    distilled: { ...ways.distilled, epochs: lessons },
  };
  const estimatedMinutes = (await estimatedSeconds(untaught, all, steps, students)) / 60;
  console.error(`hinton: about ${(estimatedMinutes / 60).toFixed(1)} hours on this machine`);
  const { model: teacher } = await train({ model: untaught, step: steps.teacher, dataset: all, seed: 1 });
  const taught = await errorsOf(teacher);
  console.error(`hinton: the teacher makes ${taught} errors, after ${minutes().toFixed(0)} minutes`);
  const runs: { alone: number; distilled: number }[] = [];
  for (let seed = 1; seed <= students; seed++) {
    const own = { model: perceptron('student', 800, false, seed), dataset: all, seed };
    const alone = await errorsOf((await train({ ...own, step: steps.alone })).model);
    const distilled = await errorsOf((await train({ ...own, step: steps.distilled, teacher })).model);
    runs.push({ alone, distilled });
    console.error(`hinton: student ${seed} makes ${distilled} errors, alone ${alone}, after ${minutes().toFixed(0)} minutes`);
  }
  return { teacher: taught, runs, minutes: minutes(), estimatedMinutes };
}

export const bench: Bench = {
  name: 'hinton',
  summary: "test errors of Hinton's student of 800 units on all of MNIST, distilled and alone; hours",
  async run({ seeds }) {
    await startTraining();
    const found = await experiment({ students: seeds, schooling: 40, lessons: 20 });
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
