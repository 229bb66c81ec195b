/**
 * Channel pruning, alone or with kernels split in two: what a smaller dense model is worth. Accuracy after learning from the original,
 * against the original given the same epochs (as in `repair`): LeNet-5 at a quarter of its multiply-accumulates, the depthwise net at half,
 * ResNet8 at two thirds; `macs` is how many times fewer they are, counted. Which of a few recipes is taken is decided on a fifth of the
 * training samples, which the candidates do not learn from; the test samples are looked at once, with the recipe taken. Time: see
 * channels-speed.ts.
 */
import { openModel, parseRecipe, type Recipe } from '../src/engine/index.ts';
import { modelMacs } from '../src/engine/model/topology.ts';
import { planRecipe } from '../src/engine/plan.ts';
import { smallerMobileNet } from './channels-speed.ts';
import { openSchool, type School } from './chromium.ts';
import { contextOf } from './lesson.ts';
import { depthwise, files, isThere, lenet5, resnet8, type Subject } from './materials.ts';
import { careful, gentle, measure, type Net } from './repair.ts';
import type { Bench } from './run.ts';

type Steps = Recipe['steps'];

/** A net with one target, and the recipes that are tried for it. */
interface Contest {
  readonly net: Omit<Net, 'targets'>;
  readonly target: Omit<Net['targets'][number], 'steps'>;
  readonly candidates: readonly Steps[];
}

const wantedSpeed = 1.3;

const residualEpochs = 40;
/** Few pictures: the original's answers alone, for long. */
const imitating = {
  ...{ use: 'distill/logits', ...careful, batchSize: 32, learningRate: 0.001, temperature: 4, alpha: 1, validation: 0 },
  epochs: residualEpochs,
};
/** Channels within the residual blocks: those of the stream itself cost more than they save. */
const inner = ['conv2d_1', 'conv2d_3', 'conv2d_6'];
/** Columns, then rows: keeps more of a 3 × 3 kernel than channels do. */
const spatial = { use: 'decompose/low-rank', form: 'spatial' };

const contests: readonly Contest[] = [
  {
    net: {
      subject: lenet5,
      control: [{ use: 'train/fine-tune', epochs: 5, ...gentle }],
    },
    target: { name: 'a quarter of the work, 5 epochs', allowed: { points: 0.3 } },
    candidates: (['l2', 'activation'] as const).flatMap((importance) =>
      [0.0005, 0.001].map((learningRate) => [
        { use: 'prune/channels', ratio: 0.75, importance },
        { use: 'distill/logits', epochs: 5, ...gentle, batchSize: 32, learningRate },
      ]),
    ),
  },
  {
    net: {
      subject: depthwise,
      control: [{ use: 'train/fine-tune', epochs: 5, ...gentle }],
    },
    target: { name: 'half the work, 5 epochs', allowed: { points: 0.5 } },
    candidates: (['l2', 'activation'] as const).flatMap((importance) =>
      [0.001, 0.002].map((learningRate) => [
        { use: 'prune/channels', ratio: 0.5, importance, ranking: 'layer' },
        { use: 'distill/logits', epochs: 5, ...gentle, batchSize: 32, learningRate },
      ]),
    ),
  },
  {
    net: {
      subject: resnet8,
      control: [{ use: 'train/fine-tune', epochs: residualEpochs, ...careful }],
    },
    target: { name: `two thirds of the work, ${residualEpochs} epochs`, allowed: { accuracy: 0.86 } },
    candidates: [
      [{ use: 'prune/channels', ranking: 'layer', where: inner, ratio: 1 / 3 }, imitating],
      [
        { use: 'prune/channels', ranking: 'layer', where: inner, ratio: 0.14 },
        { ...spatial, keep: 0.63, where: ['conv2d_2', 'conv2d_4', 'conv2d_7'] },
        imitating,
      ],
      [{ ...spatial, keep: 0.62, where: [...inner, 'conv2d_2', 'conv2d_4', 'conv2d_7'] }, imitating],
    ],
  },
];

/** The candidate that answers most of the held-out training samples rightly. */
async function decided({ learn }: School, { net: { subject }, candidates }: Contest): Promise<Steps> {
  const lesson = { start: { files: subject.model }, material: subject.material, seed: 1, heldOut: true };
  let best: { steps: Steps; accuracy: number } | undefined;
  for (const steps of candidates) {
    const { accuracy } = await learn({ ...lesson, steps });
    console.error(`${subject.name}, held out: ${(100 * accuracy).toFixed(2)} %, ${JSON.stringify(steps)}`);
    if (best === undefined || accuracy > best.accuracy) best = { steps, accuracy };
  }
  return best?.steps ?? [];
}

/** Multiply-accumulates of a model over those of what a recipe makes of it. */
async function timesFewerMacs(paths: Subject['model'], steps: Steps): Promise<number> {
  const model = await openModel(await files(paths), {}, contextOf(1));
  return modelMacs(model) / modelMacs(planRecipe(parseRecipe({ recipe: 1, steps }), model).structure);
}

export const bench: Bench = {
  name: 'channels',
  summary: 'accuracy and speed of models with fewer channels, after learning from the original',
  async run({ seeds, only }) {
    const speed = (only ?? 'speed') === 'speed' ? await smallerMobileNet(seeds) : null;
    const targets: (Awaited<ReturnType<typeof measure>>[number] & { readonly steps: Steps; readonly macs: number })[] = [];
    const school = await openSchool();
    try {
      for (const contest of contests) {
        const { subject } = contest.net;
        if (!isThere(subject) || (only ?? subject.name) !== subject.name) continue;
        const steps = await decided(school, contest);
        const net = { ...contest.net, targets: [{ ...contest.target, steps }] };
        const macs = await timesFewerMacs(subject.model, steps);
        targets.push(...(await measure(school, net, seeds)).map((result) => ({ ...result, steps, macs })));
      }
    } finally {
      await school.close();
    }
    const speeds =
      speed === null ? [] : [speed.page.wasm.faster, speed.page.simd.faster, speed.litert.float32, speed.litert.int8];
    return {
      bench: 'channels',
      ratio: Math.min(...targets.map(({ ratio }) => ratio), ...speeds.map((faster) => faster / wantedSpeed)),
      target: `every accuracy at least what is wanted, and the MobileNet without three fifths of its work ${wantedSpeed} times as fast everywhere`,
      seeds,
      speed,
      targets,
    };
  },
};
