/**
 * Google's LiteRT in a worker of its own: the interpreter that phones have, so that a .tflite file is measured as it will run there.
 * It wants to be started by a classic worker; here its script is imported as a module and told where its WebAssembly lies.
 */
import { type CompiledModel, loadAndCompile, loadLiteRt, Tensor } from '@litertjs/core';
import { expose } from 'comlink';
import { joined } from '../engine/math/joined.ts';

export interface LitertApi {
  /** Opens a file; returns its number. Throws what LiteRT says where it does not take the file. */
  open(bytes: Uint8Array<ArrayBuffer>): Promise<number>;
  /** Answers samples one after the other: one row-major array per output. */
  predict(file: number, inputs: readonly Float32Array[], count: number): Promise<Float32Array[]>;
  /** Milliseconds of one sample in each file, run in turn, until so many rounds are done or the time is up. */
  time(files: readonly number[], inputs: readonly Float32Array[], rounds: number, limitMs: number): Promise<number[][]>;
}

/** Rounds that are not counted: the first runs of a model set it up. */
const warmUp = 5;
const models: CompiledModel[] = [];
let ready: Promise<unknown> | undefined;

async function start(): Promise<void> {
  const folder = new URL(import.meta.env.DEV ? '/litert/' : '../litert/', import.meta.url).href;
  await import(/* @vite-ignore */ `${folder}litert_wasm_internal.js`);
  // Its notes about what it found go to the error stream, where they look like failures.
  const Module = { locateFile: (file: string) => folder + file, printErr: (line: string) => console.debug(line) };
  Object.assign(self, { importScripts: () => {}, Module });
  await loadLiteRt(folder);
}

function modelOf(file: number): CompiledModel {
  const model = models[file];
  if (model === undefined) throw new Error(`There is no file ${file}.`);
  return model;
}

async function runOnce(model: CompiledModel, inputs: readonly Float32Array[], index: number): Promise<Float32Array[]> {
  const tensors = model.getInputDetails().map(({ shape }, i) => {
    const elements = shape.reduce((product, size) => product * size, 1);
    const values = inputs[i]?.slice(index * elements, (index + 1) * elements) ?? new Float32Array(elements);
    return Tensor.fromTypedArray(values, [...shape]);
  });
  const outputs = await model.run(tensors);
  const values = outputs.map((output) => Float32Array.from(output.toTypedArray()));
  for (const tensor of [...tensors, ...outputs]) tensor.delete();
  return values;
}

const api: LitertApi = {
  async open(bytes) {
    ready ??= start();
    await ready;
    return models.push(await loadAndCompile(bytes, { accelerator: 'wasm' })) - 1;
  },
  async predict(file, inputs, count) {
    const model = modelOf(file);
    const rows: Float32Array[][] = [];
    for (let index = 0; index < count; index++) rows.push(await runOnce(model, inputs, index));
    const width = rows[0]?.length ?? 0;
    return Array.from({ length: width }, (_, output) => joined(rows.map((row) => row[output] ?? new Float32Array(0))));
  },
  async time(files, inputs, rounds, limitMs) {
    const times: number[][] = files.map(() => []);
    const end = performance.now() + limitMs;
    for (let round = -warmUp; round < rounds && performance.now() < end; round++) {
      for (const [i, file] of files.entries()) {
        const began = performance.now();
        await runOnce(modelOf(file), inputs, 0);
        if (round >= 0) times[i]?.push(performance.now() - began);
      }
    }
    return times;
  },
};

expose(api);
