/** What only .tflite files need: their kind, what goes in and out, and the ranges that integers rest on. */
import { type Recipe, StudioError, type TfliteOptions, tfliteIos, tfliteKinds } from '../engine/index.ts';

const calibrating = 'quantize/static';

/** The step that measures ranges, with its usual settings; null for kinds whose activations are floats. */
function calibrationOf(tflite: TfliteOptions | undefined) {
  if (tflite?.kind === 'int8') return { use: calibrating };
  return tflite?.kind === 'int16x8' ? { use: calibrating, bits: 16 } : null;
}

/** The recipe with a calibration at its end where the file computes with integers and no step calibrates. */
export function withCalibration(recipe: Recipe, tflite: TfliteOptions | undefined): Recipe {
  const calibration = calibrationOf(tflite);
  if (calibration === null || recipe.steps.some(({ use }) => use === calibrating)) return recipe;
  return { ...recipe, steps: [...recipe.steps, calibration] };
}

/** A recipe that does nothing. */
export const noSteps: Recipe = { recipe: 1, seed: 7, steps: [] };

/** Switches that only .tflite files have. */
export const tfliteSwitches = ['int4', 'any-batch', 'fused-lstm'] as const;
const optionOf = { int4: 'int4', 'any-batch': 'anyBatch', 'fused-lstm': 'fusedLstm' } as const;

/** `--kind`, `--io` and the switches; undefined for other formats. Throws what `refuse` makes of a sentence. */
export function tfliteOptions(
  to: string,
  given: Readonly<Record<string, unknown>>,
  refuse: (detail: string) => StudioError,
): TfliteOptions | undefined {
  const { kind, io } = given;
  const set = tfliteSwitches.filter((name) => given[name] === true);
  if (to !== 'tflite') {
    if (kind === undefined && io === undefined && set.length === 0) return undefined;
    throw refuse(`--kind, --io, ${tfliteSwitches.map((name) => `--${name}`).join(', ')} are for --to tflite.`);
  }
  const chosen = tfliteKinds.find((known) => known === kind);
  if (kind !== undefined && chosen === undefined) throw refuse(`--kind is one of ${tfliteKinds.join(', ')}, not "${kind}".`);
  const ports = tfliteIos.find((known) => known === io);
  if (io !== undefined && ports === undefined) throw refuse(`--io is one of ${tfliteIos.join(', ')}, not "${io}".`);
  const flags = Object.fromEntries(set.map((name) => [optionOf[name], true]));
  return { ...(chosen && { kind: chosen }), ...(ports && { io: ports }), ...flags };
}

/** Throws CLI_CALIBRATION where integers are asked for and there is nothing to measure ranges on. */
export function requireCalibration(tflite: TfliteOptions | undefined, data: readonly string[]): void {
  if (calibrationOf(tflite) === null || data.length > 0) return;
  throw new StudioError({
    code: 'CLI_CALIBRATION',
    title: 'A full-integer file needs data to calibrate with.',
    detail: 'Integers between layers need the ranges of what flows there, which are measured on samples.',
    hint: 'Give some hundred samples with --data, or choose another --kind.',
  });
}
