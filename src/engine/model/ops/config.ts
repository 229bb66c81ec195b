/**
 * Reads one field of a Keras layer configuration at a time. Every failure names the layer and the field:
 * FORMAT_KERAS_CONFIG for a value that makes no sense, FORMAT_KERAS_UNSUPPORTED_LAYER for one that does but that can't be
 * reproduced exactly here. A field that is absent or null takes the default; without a default it is required.
 */
import { StudioError } from '../../errors.ts';
import type { Json } from '../model.ts';
import type { KerasConfig, ReadPlace } from '../op.ts';

/** No layer is wider, and no kernel or stride larger, than this. */
const largestSize = 2 ** 24;

/** A layer or a setting that can't be reproduced exactly, and what to do about it. */
export function unsupported(place: ReadPlace, what: string, reason: string, remedy: string): StudioError {
  return new StudioError({
    code: 'FORMAT_KERAS_UNSUPPORTED_LAYER',
    title: `The layer "${place.layer}" (${place.className}) uses ${what}, which this studio cannot reproduce.`,
    detail: reason,
    hint: remedy,
    context: { layer: place.layer, className: place.className },
  });
}

export interface FieldReader {
  readonly place: ReadPlace;
  has(name: string): boolean;
  raw(name: string): Json | undefined;
  /** A whole number within [min, 2^24]; min is 1 unless told. */
  integer(name: string, fallback?: number, min?: number): number;
  /** A finite number. */
  number(name: string, fallback?: number): number;
  numberOrNull(name: string): number | null;
  flag(name: string, fallback: boolean): boolean;
  choice<T extends string>(name: string, choices: readonly T[], fallback: T): T;
  /** `count` whole numbers ≥ 1, from one number or a list. */
  sizes(name: string, count: number, fallback?: readonly number[]): readonly number[];
  pair(name: string, fallback?: readonly [number, number]): readonly [number, number];
  /** One axis, batch included, from a number or a list of one. */
  axis(name: string, fallback: number): number;
  malformed(name: string, expected: string): StudioError;
  /** Throws unless the field is absent, null or equal to `only`. */
  requireOnly(name: string, only: Json, reason: string, remedy: string): void;
}

/** A reader of one layer's configuration. */
export function readFields(config: KerasConfig, place: ReadPlace): FieldReader {
  const raw = (name: string): Json | undefined => config[name];
  const has = (name: string): boolean => raw(name) !== undefined && raw(name) !== null;

  const malformed = (name: string, expected: string): StudioError => {
    const found = raw(name) === undefined ? 'nothing' : JSON.stringify(raw(name)).slice(0, 80);
    return new StudioError({
      code: 'FORMAT_KERAS_CONFIG',
      title: `The layer "${place.layer}" (${place.className}) has an impossible setting.`,
      detail: `\`${name}\` should be ${expected}, but the file says ${found}.`,
      hint: 'The file was changed or damaged after it was saved: save the model again and open the new file.',
      context: { layer: place.layer, className: place.className, field: name },
    });
  };

  const whole = (value: Json | undefined, min: number): value is number =>
    typeof value === 'number' && Number.isInteger(value) && value >= min && value <= largestSize;

  const integer = (name: string, fallback?: number, min = 1): number => {
    if (!has(name) && fallback !== undefined) return fallback;
    const value = raw(name);
    if (!whole(value, min)) throw malformed(name, `a whole number from ${min} to ${largestSize}`);
    return value;
  };

  const number = (name: string, fallback?: number): number => {
    if (!has(name) && fallback !== undefined) return fallback;
    const value = raw(name);
    if (typeof value !== 'number' || !Number.isFinite(value)) throw malformed(name, 'a finite number');
    return value;
  };

  const sizes = (name: string, count: number, fallback?: readonly number[]): readonly number[] => {
    if (!has(name) && fallback !== undefined) return fallback;
    const value = raw(name);
    if (whole(value, 1)) return new Array<number>(count).fill(value);
    if (Array.isArray(value) && value.length === count && value.every((size) => whole(size, 1))) return value as number[];
    throw malformed(name, `${count === 1 ? 'one whole number' : `one whole number or ${count}`} from 1 to ${largestSize}`);
  };

  return {
    place,
    has,
    raw,
    integer,
    number,
    numberOrNull: (name) => (has(name) ? number(name) : null),
    flag(name, fallback) {
      if (!has(name)) return fallback;
      const value = raw(name);
      if (typeof value !== 'boolean') throw malformed(name, 'true or false');
      return value;
    },
    choice(name, choices, fallback) {
      if (!has(name)) return fallback;
      const value = raw(name);
      const lower = typeof value === 'string' ? value.toLowerCase() : value;
      const match = choices.find((choice) => choice === lower);
      if (match === undefined) throw malformed(name, `one of ${choices.join(', ')}`);
      return match;
    },
    sizes,
    pair(name, fallback) {
      const [first = 1, second = 1] = sizes(name, 2, fallback);
      return [first, second];
    },
    axis(name, fallback) {
      if (!has(name)) return fallback;
      const value = raw(name);
      const axis = Array.isArray(value) && value.length === 1 ? value[0] : value;
      if (typeof axis !== 'number' || !Number.isInteger(axis) || Math.abs(axis) > 16) throw malformed(name, 'one axis number');
      return axis;
    },
    malformed,
    requireOnly(name, only, reason, remedy) {
      if (!has(name) || JSON.stringify(raw(name)) === JSON.stringify(only)) return;
      throw unsupported(place, `\`${name} = ${JSON.stringify(raw(name)).slice(0, 80)}\``, reason, remedy);
    },
  };
}

/** Refuses channels_first, the layout that TF.js computes only on some backends. */
export function requireChannelsLast(field: FieldReader): void {
  const layout = field.choice(
    'data_format',
    ['channels_last', 'channels_first', 'channelslast', 'channelsfirst'],
    'channels_last',
  );
  if (layout === 'channels_last' || layout === 'channelslast') return;
  throw unsupported(
    field.place,
    '`data_format = "channels_first"`',
    'Its kernels and feature maps are laid out channels first; TF.js computes channels last.',
    'Rebuild the model in Keras with `data_format="channels_last"`, copy the weights over and save it again.',
  );
}
