/**
 * Mutants of small valid files through `openModel`: each must open or be refused with a StudioError. The targets are the
 * readers; a run is a pure function of its seed, so that a failure can be had again.
 */
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import type { Context } from '../context.ts';
import { StudioError } from '../errors.ts';
import type { SourceFile } from '../format.ts';
import { archiveEntries, sourceFile } from '../formats/files.ts';
import { openModel } from '../formats/index.ts';
import { createRng, type Rng } from '../math/rng.ts';
import {
  jsonFile,
  kerasArchive,
  tinyH5,
  tinyLayersModel,
  tinyTopology,
  tinyWeightStore,
  tinyWeights,
  zip,
} from './model-files.ts';
import { damageBytes, damageJson } from './mutants.ts';
import { caseFile, tfliteCases } from './tflite-cases.ts';
import { tfliteBytes } from './tflite-files.ts';
import { tinyGraph } from './tiny-graph.ts';
import { tinyTflite } from './tiny-tflite.ts';

export const fuzzTargets = ['tfjs-layers', 'tfjs-graph', 'keras-h5', 'keras', 'tflite', 'zip'] as const;
export type FuzzTarget = (typeof fuzzTargets)[number];

export interface FuzzResult {
  readonly opened: number;
  readonly refused: number;
  /** How often each code was the answer. */
  readonly codes: ReadonlyMap<string, number>;
  /** Everything that was no StudioError, with the number of the mutant. */
  readonly failures: readonly { readonly mutant: number; readonly error: unknown }[];
  /** Milliseconds of the slowest mutant and its number. */
  readonly slowest: { readonly mutant: number; readonly time: number };
}

/** A `.keras` archive with an npz store (scripts/keras-npz.py). */
function savedNpz(name: string): Uint8Array<ArrayBuffer> {
  const saved = JSON.parse(readFileSync(new URL('keras-npz.json', import.meta.url), 'utf8')) as Record<string, string>;
  return new Uint8Array(gunzipSync(Buffer.from(saved[name] ?? '', 'base64')));
}

async function entriesOf(file: SourceFile): Promise<Record<string, Uint8Array<ArrayBuffer>>> {
  const entries = archiveEntries(await file.bytes(), file.path);
  return Object.fromEntries(await Promise.all(entries.map(async (entry) => [entry.path, await entry.bytes()] as const)));
}

type Breed = (rng: Rng) => SourceFile[];

/** Opens `count` mutants of a target's sample files. */
export async function fuzzReader(target: FuzzTarget, count: number, seed: number): Promise<FuzzResult> {
  const breed = await breeders[target]();
  return tally(count, (mutant) => {
    const rng = createRng(seed * 1_000_003 + mutant);
    const files = breed(rng);
    const context: Context = { signal: new AbortController().signal, report: () => {}, rng };
    return () => openModel(files, { allowNonFinite: true }, context);
  });
}

/** Opens `count` mutants, each made before its time counts. */
export async function tally(count: number, breed: (mutant: number) => () => Promise<unknown>): Promise<FuzzResult> {
  const codes = new Map<string, number>();
  const failures: { mutant: number; error: unknown }[] = [];
  let opened = 0;
  let slowest = { mutant: 0, time: 0 };
  for (let mutant = 0; mutant < count; mutant++) {
    const open = breed(mutant);
    const start = performance.now();
    try {
      await open();
      opened++;
    } catch (error) {
      if (error instanceof StudioError) codes.set(error.code, (codes.get(error.code) ?? 0) + 1);
      else failures.push({ mutant, error });
    }
    const time = performance.now() - start;
    if (time > slowest.time) slowest = { mutant, time };
  }
  return { opened, refused: count - opened - failures.length, codes, failures, slowest };
}

const breeders: Readonly<Record<FuzzTarget, () => Promise<Breed>>> = {
  async 'tfjs-layers'() {
    const models = ([2, 3] as const).map((keras) => tinyLayersModel(keras));
    const texts = await Promise.all(models.map(({ json }) => jsonFile('model.json', json).bytes()));
    return (rng) => {
      const which = rng.integer(2);
      const { json, shards } = models[which] as (typeof models)[number];
      const description =
        rng.integer(3) > 0
          ? jsonFile('model.json', damageJson(json, rng))
          : sourceFile('model.json', damageBytes(texts[which] as Uint8Array<ArrayBuffer>, rng));
      return [description, ...shards];
    };
  },
  async 'tfjs-graph'() {
    const { json, shards } = tinyGraph();
    const text = await jsonFile('model.json', json).bytes();
    return (rng) => {
      const damaged = rng.integer(3) > 0;
      return [
        damaged ? jsonFile('model.json', damageJson(json, rng)) : sourceFile('model.json', damageBytes(text, rng)),
        ...shards,
      ];
    };
  },
  async 'keras-h5'() {
    const samples = [await tinyH5(2), await tinyH5(3, tinyTopology(3), tinyWeights(), 'newer')];
    return (rng) => [sourceFile('net.h5', damageBytes(samples[rng.integer(2)] as Uint8Array<ArrayBuffer>, rng))];
  },
  async keras() {
    const store = await tinyWeightStore();
    const pickled = await entriesOf(sourceFile('npz.keras', savedNpz('shared keras2')));
    const arrays = await entriesOf(sourceFile('store.npz', pickled['model.weights.npz'] as Uint8Array<ArrayBuffer>));
    return (rng) => {
      const topology = tinyTopology(rng.integer(2) === 0 ? 2 : 3);
      const kind = rng.integer(3);
      if (kind === 0) return [sourceFile('net.keras', kerasArchive(damageJson(topology, rng), store))];
      if (kind === 1) return [sourceFile('net.keras', kerasArchive(topology, damageBytes(store, rng)))];
      const name = Object.keys(arrays)[rng.integer(Object.keys(arrays).length)] ?? '';
      const damaged = zip({ ...arrays, [name]: damageBytes(arrays[name] as Uint8Array<ArrayBuffer>, rng) });
      return [sourceFile('net.keras', zip({ ...pickled, 'model.weights.npz': damaged }))];
    };
  },
  async tflite() {
    const samples = [tinyTflite('float'), tinyTflite('int8'), ...tfliteCases.map(caseFile)].map(tfliteBytes);
    return (rng) => {
      // Half of the mutants are of whole nets, the others of one operator each.
      const which = rng.integer(2) === 0 ? rng.integer(2) : rng.integer(samples.length);
      return [sourceFile('net.tflite', damageBytes(samples[which] as Uint8Array<ArrayBuffer>, rng))];
    };
  },
  async zip() {
    const { json, shards } = tinyLayersModel(3);
    const entries: Record<string, Uint8Array> = { 'net/model.json': await jsonFile('', json).bytes() };
    for (const shard of shards) entries[`net/${shard.path}`] = await shard.bytes();
    const samples = [zip(entries), kerasArchive(tinyTopology(3), await tinyWeightStore())];
    return (rng) => [sourceFile('net.zip', damageBytes(samples[rng.integer(2)] as Uint8Array<ArrayBuffer>, rng))];
  },
};
