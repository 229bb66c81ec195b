/**
 * Attributes of a TensorFlow NodeDef as JSON (tensorflow/core/framework/attr_value.proto): numbers may be texts, texts are bytes or
 * base64, types have a name or a number, and what has its default value may be absent.
 */
import type { Json } from '../../model/model.ts';
import { field, isArray, isObject, type JsonObject } from '../json.ts';

/** Names and numbers of tensorflow/core/framework/types.proto that TF.js reads. */
const types: Readonly<Record<string, string>> = {
  '1': 'DT_FLOAT',
  '2': 'DT_DOUBLE',
  '3': 'DT_INT32',
  '4': 'DT_UINT8',
  '7': 'DT_STRING',
  '9': 'DT_INT64',
  '10': 'DT_BOOL',
  '19': 'DT_HALF',
};

/** Reads the attributes of one node; what is absent or odd gives the fallback. */
export function attributesOf(attr: JsonObject) {
  const part = (name: string, key: string): Json | undefined => {
    const value = field(attr, name);
    return isObject(value) ? field(value, key) : undefined;
  };
  return {
    flag: (name: string): boolean => part(name, 'b') === true,
    integer: (name: string, fallback: number): number => wholeNumber(part(name, 'i')) ?? fallback,
    text: (name: string): string => textOf(part(name, 's')),
    type: (name: string): string => typeName(part(name, 'type')),
    integers(name: string): readonly number[] {
      const list = part(name, 'list');
      const found = isObject(list) ? field(list, 'i') : undefined;
      return isArray(found) ? found.map((value) => wholeNumber(value) ?? Number.NaN) : [];
    },
    shape: (name: string): readonly (number | null)[] | undefined => shapeOf(part(name, 'shape')),
  };
}

export type Attributes = ReturnType<typeof attributesOf>;

/** A whole number, also as text. */
function wholeNumber(value: Json | undefined): number | undefined {
  const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
  return typeof number === 'number' && Number.isSafeInteger(number) ? number : undefined;
}

function textOf(value: Json | undefined): string {
  if (isArray(value)) return String.fromCharCode(...value.slice(0, 1000).map(Number));
  if (typeof value !== 'string') return '';
  try {
    return atob(value);
  } catch {
    return value;
  }
}

/** `DT_FLOAT`, by name or number; an empty text where it is neither. */
export function typeName(value: Json | undefined): string {
  if (typeof value === 'string') return value;
  return typeof value === 'number' ? (types[String(value)] ?? `type ${value}`) : '';
}

/** Dimensions of a TensorShapeProto, null where open; undefined where the rank itself is unknown or the dimensions are no numbers. */
export function shapeOf(json: Json | undefined): readonly (number | null)[] | undefined {
  if (!isObject(json) || field(json, 'unknownRank') === true) return undefined;
  const dims = field(json, 'dim') ?? [];
  if (!isArray(dims)) return undefined;
  const sizes = dims.map((dim) => (isObject(dim) ? wholeNumber(field(dim, 'size') ?? 0) : undefined));
  if (sizes.some((size) => size === undefined || size < -1)) return undefined;
  return sizes.map((size) => (size === -1 ? null : (size as number)));
}
