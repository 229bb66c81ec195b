/** A Dataset over one array in memory: IDX, NumPy and CSV readers end here. Values keep the type they were stored in. */
import { elementCount } from '../model/model.ts';
import { dataError } from './data-error.ts';
import type { Dataset, Fit } from './dataset.ts';
import { pictureShape, sameNumbers, shapeMismatch } from './fit.ts';
import { adaptChannels, fitInto } from './resize.ts';
import { measureStatistics } from './statistics.ts';

export type NumberArray =
  | Uint8Array
  | Int8Array
  | Uint16Array
  | Int16Array
  | Uint32Array
  | Int32Array
  | Float32Array
  | Float64Array;

/** What the samples mean besides their inputs. */
export interface Answers {
  readonly labels?: Int32Array;
  readonly classNames?: readonly string[];
  readonly featureNames?: readonly string[];
  readonly targets?: Float32Array;
}

export interface ArraySamples extends Answers {
  readonly name: string;
  readonly kind: Dataset['kind'];
  readonly sampleShape: readonly number[];
  /** Row-major [size, ...sampleShape]. */
  readonly values: NumberArray;
}

/** A dataset of equally shaped samples. Throws DATA_EMPTY, or DATA_NOT_FINITE naming the first sample with NaN or infinity. */
export function arrayDataset(samples: ArraySamples): Dataset {
  const { name, kind, sampleShape, values, ...answers } = samples;
  const elements = elementCount(sampleShape);
  const size = elements === 0 ? 0 : values.length / elements;
  if (size === 0) throw emptyData(name);
  checkFinite(samples, elements);
  const batch = async (start: number, count: number, shape: readonly number[], fit: Fit = 'squash'): Promise<Float32Array> => {
    const picture = kind === 'images' ? pictureShape(sampleShape) : null;
    const wanted = pictureShape(shape);
    if (picture && wanted) {
      const [height, width, channels] = picture;
      const result = new Float32Array(count * elementCount(wanted));
      for (let index = 0; index < count; index++) {
        const from = (start + index) * elements;
        const raster = { height, width, channels, values: values.subarray(from, from + elements) };
        fitInto(adaptChannels(raster, wanted[2]), wanted[0], wanted[1], fit, result, index * elementCount(wanted));
      }
      return result;
    }
    if (!sameNumbers(sampleShape, shape)) throw shapeMismatch(name, sampleShape, shape);
    return new Float32Array(values.subarray(start * elements, (start + count) * elements));
  };
  let statistics: ReturnType<Dataset['statistics']> | undefined;
  return {
    name,
    kind,
    size,
    sampleShape,
    ...answers,
    batch,
    statistics: () => {
      statistics ??= measureStatistics({ size, batch }, sampleShape);
      return statistics;
    },
  };
}

/** Refuses data without a single sample. */
export function emptyData(name: string): Error {
  return dataError(
    'DATA_EMPTY',
    `The data "${name}" is empty.`,
    'It holds no samples.',
    'Drop a file with at least one sample.',
    { name },
  );
}

function checkFinite(samples: ArraySamples, elements: number): void {
  const { values, name } = samples;
  if (!(values instanceof Float32Array || values instanceof Float64Array)) return;
  const at = values.findIndex((value: number) => !Number.isFinite(Math.fround(value)));
  if (at < 0) return;
  throw dataError(
    'DATA_NOT_FINITE',
    `The data "${name}" holds a value that is not a finite number.`,
    `Sample ${Math.floor(at / elements)} has ${values[at]} at position ${at % elements}.`,
    'Remove or repair these samples and save the data again.',
    { sample: Math.floor(at / elements), position: at % elements },
  );
}
