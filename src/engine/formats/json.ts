/**
 * JSON from a file nobody vouches for: parsed with a bounded depth, and read through helpers that say what was found where.
 * Keys are only ever looked up as own properties, so `__proto__` and `constructor` in a file are just odd names.
 */
import type { Json } from '../model/model.ts';
import { problems } from './problems.ts';

export type JsonObject = { readonly [key: string]: Json };

/** Deep enough for models nested 30 times, far from what would exhaust the stack of a recursive walk. */
const maxDepth = 200;

/** Parses JSON text. Throws FORMAT_JSON, naming `path`, where it is invalid or nested too deeply. */
export function parseJson(text: string, path: string): Json {
  if (nestingDepth(text) > maxDepth) throw problems.json(path, `it is nested more than ${maxDepth} levels deep`);
  try {
    return JSON.parse(text) as Json;
  } catch (error) {
    throw problems.json(path, error instanceof Error ? error.message.slice(0, 200) : 'it can not be parsed');
  }
}

/** Parses UTF-8 JSON bytes, as parseJson. */
export function parseJsonBytes(bytes: Uint8Array<ArrayBuffer>, path: string): Json {
  return parseJson(new TextDecoder().decode(bytes), path);
}

function nestingDepth(text: string): number {
  let depth = 0;
  let deepest = 0;
  let inString = false;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (inString) {
      if (code === 0x5c) i++;
      else if (code === 0x22) inString = false;
    } else if (code === 0x22) inString = true;
    else if (code === 0x7b || code === 0x5b) deepest = Math.max(deepest, ++depth);
    else if (code === 0x7d || code === 0x5d) depth--;
  }
  return deepest;
}

/** True for `{…}`. */
export function isObject(json: Json | undefined): json is JsonObject {
  return typeof json === 'object' && json !== null && !Array.isArray(json);
}

/** True for `[…]`. */
export function isArray(json: Json | undefined): json is readonly Json[] {
  return Array.isArray(json);
}

/** An own property; undefined where there is none. */
export function field(object: JsonObject, key: string): Json | undefined {
  return Object.hasOwn(object, key) ? object[key] : undefined;
}

/** An own property that must be text. Throws FORMAT_STRUCTURE. */
export function textField(object: JsonObject, key: string, where: string): string {
  const value = field(object, key);
  if (typeof value === 'string') return value;
  throw problems.structure(where, `"${key}" should be text and is ${excerpt(value)}`);
}

/** An own property that must be an object. Throws FORMAT_STRUCTURE. */
export function objectField(object: JsonObject, key: string, where: string): JsonObject {
  const value = field(object, key);
  if (isObject(value)) return value;
  throw problems.structure(where, `"${key}" should be an object and is ${excerpt(value)}`);
}

/** An own property that must be a list. Throws FORMAT_STRUCTURE. */
export function arrayField(object: JsonObject, key: string, where: string): readonly Json[] {
  const value = field(object, key);
  if (isArray(value)) return value;
  throw problems.structure(where, `"${key}" should be a list and is ${excerpt(value)}`);
}

/** A list of non-negative whole numbers. Throws FORMAT_STRUCTURE. */
export function dimensions(value: Json | undefined, where: string): number[] {
  if (isArray(value) && value.every((size) => typeof size === 'number' && Number.isSafeInteger(size) && size >= 0)) {
    return value as number[];
  }
  throw problems.structure(where, `a shape should be a list of whole numbers and is ${excerpt(value)}`);
}

/** A short description of a value for messages. */
export function excerpt(value: Json | undefined): string {
  if (value === undefined) return 'missing';
  const text = JSON.stringify(value);
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
}
