/**
 * What models of pictures make of a few samples, as pixels side by side: what is wanted (the targets, else the input where it has the
 * output's shape), the original's output and the result's. All three are scaled alike: a span of 1 or 255 starts at 0, one of 2 at −1.
 */
import { type Context, checkpoint } from '../context.ts';
import { adaptChannels } from '../data/resize.ts';
import { elementCount, type Model } from '../model/model.ts';
import { rowCounts } from '../model/row-numbers.ts';
import { answerOutput, inferShapes } from '../model/topology.ts';
import { concreteInputs } from '../run.ts';
import { createPredictor, type Executor } from '../runtime/executor.ts';
import type { PictureAnswers } from './picture-answers.ts';
import { createSamples, type SampleSource } from './samples.ts';

export interface Pixels {
  /** RGBA, [height, width, 4], 0–255. */
  readonly pixels: Uint8ClampedArray<ArrayBuffer>;
  readonly width: number;
  readonly height: number;
}

export interface OutputPictures {
  readonly index: number;
  /** Null where nothing is known to be wanted. */
  readonly wanted: Pixels | null;
  readonly before: Pixels;
  readonly after: Pixels;
}

export interface OutputPicturesJob extends SampleSource {
  readonly original: Model;
  readonly result: Model;
  readonly indices: readonly number[];
  /** What the comparison of all answers found: how values are scaled, and what is wanted. */
  readonly view: Pick<PictureAnswers, 'peak' | 'against'>;
  /** Of the same seed as that comparison's, so that synthetic inputs are the same. */
  readonly context: Context;
}

/** Draws chosen samples, one at a time. Throws DATA_SHAPE where the data does not fit, the signal's reason when cancelled. */
export async function drawOutputs(job: OutputPicturesJob): Promise<OutputPictures[]> {
  const { original, result, dataset, indices, view, context } = job;
  const inputShapes = concreteInputs(original, dataset);
  const read = await createSamples(job, { inputShapes, rowCounts: rowCounts(original) }, context.rng.integer(2 ** 31));
  const answer = answerOutput(original);
  const shape = inferShapes(original, inputShapes).get(original.outputs[answer] ?? '') ?? [];
  const [height = 1, width = 1, channels = 1] = shape.map((size) => size ?? 1);
  const elements = elementCount([height, width, channels]);
  const draw = (values: Float32Array): Pixels => {
    const shown = values.map((value) => (255 * (view.peak === 2 ? value + 1 : value)) / view.peak);
    return { pixels: Uint8ClampedArray.from(adaptChannels({ width, height, channels, values: shown }, 4).values), width, height };
  };
  const executors: Executor[] = [];
  const drawn: OutputPictures[] = [];
  try {
    for (const model of [original, result]) executors.push(await createPredictor(model, { inputShapes }));
    for (const index of indices) {
      await checkpoint(context);
      const inputs = await read(index, 1);
      const outputs: Pixels[] = [];
      for (const executor of executors)
        outputs.push(draw((await executor.predict(inputs, 1))[answer] ?? new Float32Array(elements)));
      const [before, after] = outputs as [Pixels, Pixels];
      const targets = dataset?.targets?.subarray(index * elements, (index + 1) * elements);
      const wanted = view.against === 'targets' ? targets : view.against === 'input' ? inputs[0] : undefined;
      drawn.push({ index, wanted: wanted === undefined ? null : draw(wanted), before, after });
    }
  } finally {
    for (const executor of executors) executor.dispose();
  }
  return drawn;
}
