/**
 * Google's TFLite interpreter in Node, as the judge of .tflite files: the WASM of npm @tensorflow/tfjs-tflite without its TF.js wrapper,
 * which can't start outside of a page. It answers one sample at a time. A judge of numbers, never of speed.
 */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

export type TfliteArray = Int8Array | Uint8Array | Int16Array | Int32Array | Uint32Array | Float32Array | Float64Array;

export interface TfliteTensorInfo {
  readonly name: string;
  /** Batch included. */
  readonly shape: readonly number[];
  readonly type: string;
}

export interface TfliteInterpreter {
  readonly inputs: readonly TfliteTensorInfo[];
  readonly outputs: readonly TfliteTensorInfo[];
  /** One array per input, of its own type or any numbers that fit it; copies of the outputs in their own types. */
  run(inputs: readonly ArrayLike<number>[]): TfliteArray[];
  dispose(): void;
}

/** A list of the WASM module. */
interface WasmVector<T> {
  size(): number;
  get(index: number): T;
  delete(): void;
}

interface WasmTensor {
  readonly dataType: string;
  readonly name: string;
  readonly shape: string;
  data(): TfliteArray;
}

interface WasmRunner {
  GetInputs(): WasmVector<WasmTensor>;
  GetOutputs(): WasmVector<WasmTensor>;
  Infer(): boolean;
  delete(): void;
}

interface WasmStatus<T> {
  ok(): boolean;
  errorMessage(): string;
  value(): T;
}

interface WasmModule {
  readonly HEAPU8: Uint8Array;
  _malloc(bytes: number): number;
  _free(pointer: number): void;
  readonly TFLiteWebModelRunner: {
    CreateFromBufferAndOptions(pointer: number, bytes: number, options: object): WasmStatus<WasmRunner>;
  };
}

let started: Promise<WasmModule> | undefined;
const said: string[] = [];

function start(): Promise<WasmModule> {
  const require = createRequire(import.meta.url);
  const factory: (options: object) => Promise<WasmModule> = require('@tensorflow/tfjs-tflite/wasm/tflite_web_api_cc_simd.js');
  const wasmBinary = readFileSync(require.resolve('@tensorflow/tfjs-tflite/wasm/tflite_web_api_cc_simd.wasm'));
  const note = (text: string): void => void said.push(text);
  started ??= factory({ wasmBinary, print: note, printErr: note });
  return started;
}

/** Opens a model. Throws with the interpreter's own words where it refuses the file. */
export async function openTflite(bytes: Uint8Array): Promise<TfliteInterpreter> {
  const wasm = await start();
  said.length = 0;
  // The interpreter keeps pointing into these bytes.
  const pointer = wasm._malloc(bytes.length);
  wasm.HEAPU8.set(bytes, pointer);
  const options = { numThreads: 1, enableProfiling: false, maxProfilingBufferEntries: 1 };
  const status = wasm.TFLiteWebModelRunner.CreateFromBufferAndOptions(pointer, bytes.length, options);
  if (!status.ok()) throw new Error(`The TFLite interpreter refuses the file: ${[status.errorMessage(), ...said].join(' ')}`);
  const runner = status.value();
  const describe = ({ name, shape, dataType }: WasmTensor): TfliteTensorInfo => ({
    name,
    shape: shape === '' ? [] : shape.split(',').map(Number),
    type: dataType,
  });
  return {
    inputs: each(runner.GetInputs(), describe),
    outputs: each(runner.GetOutputs(), describe),
    run(inputs) {
      // The memory may move while it runs: tensors are asked for anew each time.
      each(runner.GetInputs(), (tensor, index) => {
        const data = inputs[index];
        if (data?.length !== tensor.data().length) throw new Error(`Input ${index} takes ${tensor.data().length} numbers.`);
        tensor.data().set(data);
      });
      said.length = 0;
      if (!runner.Infer()) throw new Error(`The TFLite interpreter failed: ${said.join(' ')}`);
      return each(runner.GetOutputs(), (tensor) => tensor.data().slice());
    },
    dispose() {
      runner.delete();
      wasm._free(pointer);
    },
  };
}

function each<T, R>(vector: WasmVector<T>, work: (item: T, index: number) => R): R[] {
  const results = Array.from({ length: vector.size() }, (_, index) => work(vector.get(index), index));
  vector.delete();
  return results;
}
