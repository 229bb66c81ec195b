/** The inputs that an analysis looks at: the first samples of a dataset, scaled as the model wants them, or synthetic ones without data. */
import { dataError } from '../data/data-error.ts';
import type { Dataset, Preprocessing } from '../data/dataset.ts';
import { createPreprocess } from '../data/preprocess.ts';
import { syntheticInputs } from '../data/synthetic.ts';
import type { Predictor } from '../runtime/predictor.ts';

export interface SampleSource {
  /** Null: synthetic inputs. */
  readonly dataset: Dataset | null;
  readonly preprocessing: Preprocessing;
}

/** Reads samples `start … start + count − 1`: one row-major array per model input. */
export type ReadSamples = (start: number, count: number) => Promise<Float32Array[]>;

/** How samples are read for a model with these inputs. Throws DATA_SHAPE where the model takes more than the data gives. */
export async function createSamples(
  { dataset, preprocessing }: SampleSource,
  { inputShapes, rowCounts }: Pick<Predictor, 'inputShapes' | 'rowCounts'>,
  seed: number,
): Promise<ReadSamples> {
  if (dataset === null) return async (start, count) => syntheticInputs(inputShapes, start, count, seed, rowCounts);
  const [shape = [], ...others] = inputShapes;
  if (others.length > 0) {
    throw dataError(
      'DATA_SHAPE',
      `The data "${dataset.name}" does not fit the model's inputs.`,
      `The model takes ${inputShapes.length} inputs; a data file fills one.`,
      'Go on without data: synthetic inputs still show how two models differ.',
      { inputs: inputShapes.length },
    );
  }
  const preprocess = await createPreprocess(preprocessing, dataset, shape);
  return async (start, count) => {
    const values = await dataset.batch(start, count, shape);
    preprocess(values);
    return [values];
  };
}
