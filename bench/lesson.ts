/** One training of a bench and the figure it ends with; nothing of Node, so that it runs where the studio trains: in a worker of Chromium. */
import { initialize } from '../scripts/samples/initialize.ts';
import { draw } from '../src/engine/data/split.ts';
import type { SourceFile } from '../src/engine/format.ts';
import {
  applyRecipe,
  type Context,
  createPredictor,
  createRng,
  type Dataset,
  evaluate,
  type Model,
  openData,
  openModel,
  type Preprocessing,
  parseRecipe,
  type Recipe,
} from '../src/engine/index.ts';
import { buildNet } from './nets.ts';

/** Pictures, by the addresses of their files. */
export interface Material {
  readonly training: readonly string[];
  readonly test: readonly string[];
  readonly preprocessing: Preprocessing;
  /** Training samples taken, drawn with the lesson's seed; all of them where absent. */
  readonly samples?: number;
}

export interface Lesson {
  /** A model's files, layers that know nothing yet, or what an earlier lesson kept under a name. */
  readonly start: { readonly files: readonly string[] } | { readonly perceptron: Perceptron } | { readonly kept: string };
  readonly material: Material;
  readonly seed: number;
  readonly steps: Recipe['steps'];
  /** Who is imitated, by the name it was kept under; the model itself where absent. */
  readonly teacher?: string;
  readonly keepAs?: string;
  /** Learn from four fifths of the training samples and be judged by the fifth left, so that test samples stay untouched. */
  readonly heldOut?: boolean;
}

/** Two layers of rectified units on MNIST. */
export interface Perceptron {
  readonly units: number;
  readonly dropout: boolean;
  readonly seed: number;
}

export interface Learned {
  readonly accuracy: number;
  readonly errors: number;
  readonly seconds: number;
}

export const contextOf = (seed: number): Context => ({
  signal: new AbortController().signal,
  report: () => {},
  rng: createRng(seed),
});

const kept = new Map<string, Model>();
const opened = new Map<string, Promise<Dataset>>();

async function fetched(addresses: readonly string[]): Promise<SourceFile[]> {
  return Promise.all(
    addresses.map(async (address) => {
      const response = await fetch(address);
      if (!response.ok) throw new Error(`${address}: ${await response.text()}`);
      const bytes = new Uint8Array(await response.arrayBuffer());
      return { path: address.slice(address.lastIndexOf('/') + 1), size: bytes.length, bytes: async () => bytes };
    }),
  );
}

function dataOf(addresses: readonly string[]): Promise<Dataset> {
  const key = addresses.join(' ');
  const known = opened.get(key) ?? fetched(addresses).then((files) => openData(files, {}, contextOf(1)));
  opened.set(key, known);
  return known;
}

function perceptron({ units, dropout, seed }: Perceptron): Model {
  const dense = (size: number, activation: string) => ({ className: 'Dense', config: { units: size, activation } });
  const drop = (rate: number) => (dropout ? [{ className: 'Dropout', config: { rate } }] : []);
  const hidden = [dense(units, 'relu'), ...drop(0.5)];
  const layers = [{ className: 'Flatten' }, ...drop(0.2), ...hidden, ...hidden, dense(10, 'softmax')];
  return initialize(buildNet('perceptron', [28, 28, 1], layers), seed);
}

function keptAs(name: string): Model {
  const model = kept.get(name);
  if (model === undefined) throw new Error(`No lesson kept a model "${name}".`);
  return model;
}

async function startOf(start: Lesson['start']): Promise<Model> {
  if ('kept' in start) return keptAs(start.kept);
  return 'files' in start ? openModel(await fetched(start.files), {}, contextOf(1)) : perceptron(start.perceptron);
}

async function correctOf(model: Model, dataset: Dataset, preprocessing: Preprocessing): Promise<number> {
  const predictor = await createPredictor(model);
  try {
    const { correct } = await evaluate({ predictors: [predictor], dataset, preprocessing, context: contextOf(1) });
    return correct?.before ?? 0;
  } finally {
    predictor.dispose();
  }
}

/** Trains as a lesson says, and counts right answers; without steps the model is judged as it is. */
export async function learn({ start, material, seed, steps, teacher, keepAs, heldOut }: Lesson): Promise<Learned> {
  const model = await startOf(start);
  const all = await dataOf(material.training);
  const some = material.samples === undefined ? all : draw(all, material.samples, seed).drawn;
  const parts = heldOut ? draw(some, Math.round(some.size / 5), 99) : { drawn: await dataOf(material.test), rest: some };
  const { preprocessing } = material;
  const training = { dataset: parts.rest ?? some, preprocessing, id: 'lesson' };
  const since = performance.now();
  const context = { ...contextOf(seed), training, ...(teacher === undefined ? {} : { teacher: keptAs(teacher) }) };
  const applied = steps.length === 0 ? model : (await applyRecipe(model, parseRecipe({ recipe: 1, seed, steps }), context)).model;
  const seconds = (performance.now() - since) / 1000;
  if (keepAs !== undefined) kept.set(keepAs, applied);
  const correct = await correctOf(applied, parts.drawn, preprocessing);
  return { accuracy: correct / parts.drawn.size, errors: parts.drawn.size - correct, seconds };
}
