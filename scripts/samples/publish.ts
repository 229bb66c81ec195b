/**
 * Writes a sample into public/models/<id>: the layers-model as one float32 file, read back by stock TF.js and measured there before
 * the card states the figure.
 */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import * as tf from '@tensorflow/tfjs-core';
import { loadLayersModel } from '@tensorflow/tfjs-layers';
import { writeTfjsLayers } from '../../src/engine/formats/tfjs-layers/write.ts';
import { createRng } from '../../src/engine/math/rng.ts';
import { elementCount, type Model } from '../../src/engine/model/model.ts';
import type { SampleCard } from '../../src/workers/api.ts';
import { countCorrect, type LabelledSamples } from './epoch.ts';

export type CardText = Omit<SampleCard, 'model' | 'baseline'>;

interface LayersModelJson {
  readonly modelTopology: object;
  readonly weightsManifest: [{ paths: string[]; readonly weights: tf.io.WeightsManifestEntry[] }];
}

/** Writes model.json, weights.bin and card.json. Throws where stock TF.js answers anything but what the studio answers. */
export async function publish(model: Model, card: CardText, test: LabelledSamples): Promise<void> {
  const folder = `public/models/${card.id}`;
  await mkdir(folder, { recursive: true });
  const context = { signal: new AbortController().signal, report: () => undefined, rng: createRng(1) };
  const [description, ...shards] = await writeTfjsLayers(model, { precision: 'float32' }, context);
  const [shard] = shards;
  if (description === undefined || shard === undefined || shards.length > 1) throw new Error('A sample has one shard.');
  const json = JSON.parse(new TextDecoder().decode(description.bytes)) as LayersModelJson;
  json.weightsManifest[0].paths = ['weights.bin'];
  await writeFile(`${folder}/model.json`, JSON.stringify(json));
  await writeFile(`${folder}/weights.bin`, shard.bytes);

  const correct = await countCorrectInStock(folder, test);
  const ours = await countCorrect(model, test);
  if (correct !== ours) throw new Error(`Stock TF.js has ${correct} right, the studio ${ours}.`);
  const n = test.labels.length;
  const full: SampleCard = { ...card, model: ['model.json', 'weights.bin'], baseline: { metric: 'accuracy/top1', correct, n } };
  await writeFile(`${folder}/card.json`, `${JSON.stringify(full, null, 2)}\n`);
  console.error(`${card.id}: ${correct} of ${n} right, in stock TF.js too.`);
}

/** Correct answers of the written files in stock TF.js. */
async function countCorrectInStock(folder: string, samples: LabelledSamples): Promise<number> {
  const json = JSON.parse(await readFile(`${folder}/model.json`, 'utf8')) as LayersModelJson;
  const bytes = new Uint8Array(await readFile(`${folder}/weights.bin`));
  const model = await loadLayersModel(
    tf.io.fromMemory({
      modelTopology: json.modelTopology,
      weightSpecs: json.weightsManifest[0].weights,
      weightData: bytes.buffer,
    }),
  );
  const shape = (model.inputs[0]?.shape ?? []).slice(1) as number[];
  const elements = elementCount(shape);
  let correct = 0;
  for (let start = 0; start < samples.labels.length; start += 500) {
    const labels = samples.labels.subarray(start, start + 500);
    const batch = new Float32Array(labels.length * elements);
    for (let i = 0; i < labels.length; i++) samples.write(start + i, batch, i * elements);
    const answers = tf.tidy(() =>
      tf.argMax(model.predict(tf.tensor(batch, [labels.length, ...shape])) as tf.Tensor, -1).dataSync(),
    );
    labels.forEach((label, i) => {
      if (answers[i] === label) correct++;
    });
  }
  model.dispose();
  return correct;
}
