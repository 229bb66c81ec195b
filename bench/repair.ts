/**
 * What training in a tab gives back: compressed nets trained on, against the original given the same extra epochs on the same samples. Choices are
 * made on validation samples drawn from the training data; the test samples are looked at once, at the end. LeNet-5 and the depthwise
 * net learn from 10,000 MNIST training pictures and answer the 10,000 test pictures; ResNet8 of the corpus, where it is there, learns from
 * 2,000 CIFAR-10 pictures and answers 1,000. The ratio is the least of accuracy reached over accuracy wanted.
 */
import type { Recipe } from '../src/engine/index.ts';
import { openSchool, type School } from './chromium.ts';
import { depthwise, isThere, lenet5, resnet8, type Subject } from './materials.ts';
import type { Bench } from './run.ts';

type Steps = Recipe['steps'];

export interface Net {
  readonly subject: Subject;
  /** What the original is given: as many epochs as any recipe trains. */
  readonly control: Steps;
  readonly targets: readonly Target[];
}

interface Target {
  readonly name: string;
  readonly steps: Steps;
  /** Points below the original with the same extra epochs that are allowed, or the accuracy that must be kept. */
  readonly allowed: { readonly points: number } | { readonly accuracy: number };
}

export const gentle = { learningRate: 0.0005, augmentation: 'shift' };
/** Nine tenths of the weights are a lot to make up for; the original knows more than 10,000 labels. */
const brisk = { learningRate: 0.001, batchSize: 32, alpha: 1, validation: 0 };
/** The pictures that ResNet8 was trained on are few here: its own answers say more about them than their labels. */
export const careful = { learningRate: 0.0002, augmentation: 'crop' };
/** No labels at all, and faster: on samples held out this comes twice as close to the original's answers. */
const imitating = { ...careful, learningRate: 0.0005, batchSize: 32, alpha: 1, validation: 0 };

export const nets: readonly Net[] = [
  {
    subject: lenet5,
    control: [{ use: 'train/fine-tune', epochs: 6, ...gentle }],
    targets: [
      {
        name: '90 % sparse, 4-bit palette, taught by the original',
        steps: [
          { use: 'prune/magnitude', sparsity: 0.9, ranking: 'adaptive' },
          { use: 'distill/logits', epochs: 4, ...gentle, ...brisk },
          { use: 'quantize/codebook', bits: 4 },
          { use: 'distill/logits', epochs: 2, ...gentle, ...brisk, learningRate: 0.0005 },
        ],
        allowed: { points: 0.1 },
      },
      {
        name: '2-bit QAT, first and last layer 8-bit',
        steps: [{ use: 'quantize/aware', bits: 2, narrow: false, firstLastBits: 8, epochs: 3, ...gentle }],
        allowed: { points: 0.5 },
      },
      {
        name: 'ternary QAT of every layer',
        steps: [{ use: 'quantize/aware', bits: 2, epochs: 3, ...gentle }],
        allowed: { points: 1 },
      },
    ],
  },
  {
    subject: depthwise,
    control: [{ use: 'train/fine-tune', epochs: 2, ...gentle }],
    targets: [
      {
        name: '4-bit QAT per channel, 8-bit activations',
        steps: [{ use: 'quantize/aware', bits: 4, activations: 8, epochs: 2, ...gentle }],
        allowed: { points: 0.5 },
      },
    ],
  },
  {
    subject: resnet8,
    control: [{ use: 'train/fine-tune', epochs: 12, ...careful }],
    targets: [
      {
        name: '4-bit QAT with self-distillation',
        steps: [{ use: 'quantize/aware', bits: 4, distill: true, epochs: 6, ...careful }],
        allowed: { accuracy: 0.87 },
      },
      {
        name: '50 % sparse, 8-bit',
        steps: [
          { use: 'prune/magnitude', sparsity: 0.5 },
          { use: 'distill/logits', epochs: 12, ...imitating },
          { use: 'quantize/affine', bits: 8 },
        ],
        allowed: { accuracy: 0.875 },
      },
    ],
  },
];

/** Accuracies of a net's original, of its control and of every target, for one seed. */
async function repair({ learn }: School, { subject, control, targets }: Net, seed: number) {
  const trained = async (steps: Steps) => {
    const learned = await learn({ start: { files: subject.model }, material: subject.material, seed, steps });
    const { accuracy, seconds } = learned;
    console.error(
      `${subject.name}, seed ${seed}: ${(100 * accuracy).toFixed(2)} % in ${seconds.toFixed(0)} s, ${JSON.stringify(steps)}`,
    );
    return learned;
  };
  const [original, controlled] = [await trained([]), await trained(control)];
  const results = new Map<string, typeof original>();
  for (const { name, steps } of targets) results.set(name, await trained(steps));
  return { original, control: controlled, results };
}

const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;

/** Each target of a net: accuracies of every seed, and their mean. */
export async function measure(school: School, net: Net, seeds: number) {
  const runs: Awaited<ReturnType<typeof repair>>[] = [];
  for (let seed = 1; seed <= seeds; seed++) runs.push(await repair(school, net, seed));
  const controls = runs.map((run) => run.control.accuracy);
  return net.targets.map(({ name, allowed }) => {
    const results = runs.flatMap((run) => run.results.get(name) ?? []);
    const each = results.map((result) => result.accuracy);
    const wanted = 'points' in allowed ? mean(controls) - allowed.points / 100 : allowed.accuracy;
    return {
      net: net.subject.name,
      target: name,
      accuracy: mean(each),
      wanted,
      control: mean(controls),
      original: mean(runs.map((run) => run.original.accuracy)),
      ratio: mean(each) / wanted,
      seconds: mean(results.map((result) => result.seconds)),
      each,
      controls,
    };
  });
}

export const bench: Bench = {
  name: 'repair',
  summary: 'accuracy that training gives back to compressed nets, against the original given the same extra epochs',
  async run({ seeds, only }) {
    const targets: Awaited<ReturnType<typeof measure>> = [];
    const school = await openSchool();
    try {
      for (const net of nets)
        if (isThere(net.subject) && (only ?? net.subject.name) === net.subject.name)
          targets.push(...(await measure(school, net, seeds)));
    } finally {
      await school.close();
    }
    return {
      bench: 'repair',
      ratio: Math.min(...targets.map(({ ratio }) => ratio)),
      target: 'every accuracy at least what is wanted: the control less the points allowed, or the share named',
      seeds,
      targets,
    };
  },
};
