/** A small recipe that prunes, trains and quantizes a small net of many kinds of layers, and a fingerprint of the files that come out. */
import { applyRecipe } from '../apply.ts';
import type { Context } from '../context.ts';
import { writeTfjsLayers } from '../formats/tfjs-layers/write.ts';
import { createRng } from '../math/rng.ts';
import { parseRecipe } from '../recipe.ts';
import { type BackendName, startBackend } from '../runtime/backends.ts';
import { tinyData, tinyNet } from './tiny-training.ts';

const recipe = parseRecipe({
  recipe: 1,
  seed: 3,
  steps: [
    { use: 'prune/magnitude', sparsity: 0.5 },
    {
      use: 'train/fine-tune',
      epochs: 3,
      learningRate: 0.01,
      batchSize: 8,
      augmentation: 'shift',
      warmUp: 0.2,
      labelSmoothing: 0.1,
    },
    { use: 'quantize/aware', bits: 4, epochs: 2, batchSize: 8 },
  ],
});

/** SHA-256 of all files, hexadecimal; called by name in page and Node. @public */
export async function tinyRecipeHash(backend: BackendName): Promise<string> {
  await startBackend(backend);
  const signal = new AbortController().signal;
  const context: Context = { signal, report: () => {}, rng: createRng(1), training: tinyData() };
  const { model } = await applyRecipe(tinyNet(), recipe, context);
  const files = await writeTfjsLayers(model, { precision: 'encoded' }, context);
  const bytes = new Uint8Array(await new Blob(files.flatMap(({ path, bytes: content }) => [path, content])).arrayBuffer());
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
  return [...digest].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}
