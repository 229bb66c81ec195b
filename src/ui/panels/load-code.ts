/** The lines of code that load what was saved, for each runtime that takes it, and the file as an array for microcontrollers. */
import type { OutputFile } from '../../engine/format.ts';
import type { Written } from '../state/exports.ts';

export interface Snippet {
  /** The runtime or language, by its own name. */
  readonly title: string;
  readonly code: string;
}

export function snippets(written: Written): readonly Snippet[] {
  if (written.format === 'tfjs-layers' || written.format === 'tfjs-graph') return [{ title: 'TF.js', code: tfjsCode(written) }];
  if (written.format === 'keras' || written.format === 'keras-h5') return [{ title: 'Keras', code: kerasCode(written) }];
  const kinds = [
    { title: 'LiteRT.js', code: webCode(written) },
    { title: 'Android', code: androidCode(written) },
    { title: 'Python', code: pythonCode(written) },
  ];
  return written.format === 'tflite-int8' ? [...kinds, { title: 'C++', code: microCode(written) }] : kinds;
}

const tfjsCode = ({ files, name, format }: Written): string => {
  const entry = files.find((file) => file.path.endsWith('.json'))?.path ?? 'model.json';
  return `import * as tf from '@tensorflow/tfjs';

const model = await tf.load${format === 'tfjs-graph' ? 'Graph' : 'Layers'}Model('${name}/${entry}');
const output = model.predict(input);`;
};

const kerasCode = ({ name, format }: Written): string => `import keras

model = keras.saving.load_model('${name}.${format === 'keras' ? 'keras' : 'h5'}')
output = model.predict(batch)`;

const webCode = ({ name }: Written): string => `import { loadLiteRt, loadAndCompile, Tensor } from '@litertjs/core';

await loadLiteRt('/node_modules/@litertjs/core/wasm/');
const model = await loadAndCompile('${name}.tflite', { accelerator: 'wasm' });
const [output] = await model.run(Tensor.fromTypedArray(values, [1, …shape]));
console.log(await output.data());`;

const androidCode = ({
  name,
}: Written): string => `// implementation("org.tensorflow:tensorflow-lite:2.16.1"), the file in assets/
val file = context.assets.openFd("${name}.tflite")
val bytes = FileInputStream(file.fileDescriptor).channel
    .map(FileChannel.MapMode.READ_ONLY, file.startOffset, file.declaredLength)
val interpreter = Interpreter(bytes)
interpreter.run(input, output)`;

const pythonCode = ({ name }: Written): string => `from ai_edge_litert.interpreter import Interpreter

interpreter = Interpreter('${name}.tflite')
interpreter.allocate_tensors()
interpreter.set_tensor(interpreter.get_input_details()[0]['index'], batch_of_one)
interpreter.invoke()
output = interpreter.get_tensor(interpreter.get_output_details()[0]['index'])`;

const microCode = ({ name }: Written): string => {
  const symbol = symbolOf(name);
  return `#include "tensorflow/lite/micro/all_ops_resolver.h"  // or only the operators it uses
#include "tensorflow/lite/micro/micro_interpreter.h"
#include "${symbol}.h"

alignas(16) static uint8_t arena[64 * 1024];
static tflite::AllOpsResolver operators;
static tflite::MicroInterpreter interpreter(
    tflite::GetModel(${symbol}), operators, arena, sizeof(arena));

interpreter.AllocateTensors();
// fill interpreter.input(0)->data, then:
interpreter.Invoke();`;
};

const symbolOf = (name: string): string => name.replace(/[^A-Za-z0-9_]/g, '_').replace(/^(?=\d)/, '_');

/** The file as a C array, as TensorFlow Lite for Microcontrollers wants it: aligned to 16 bytes, its length beside it. */
export function arrayFile({ files, name }: Pick<Written, 'files' | 'name'>): OutputFile | null {
  const bytes = files.find((file) => file.path.endsWith('.tflite'))?.bytes;
  if (bytes === undefined) return null;
  const symbol = symbolOf(name);
  const lines: string[] = [];
  for (let start = 0; start < bytes.length; start += 16) {
    const line = Array.from(bytes.subarray(start, start + 16), (byte) => `0x${byte.toString(16).padStart(2, '0')}`);
    lines.push(`  ${line.join(', ')},`);
  }
  const text = `#pragma once\n\nalignas(16) const unsigned char ${symbol}[] = {\n${lines.join('\n')}\n};\nconst unsigned int ${symbol}_len = ${bytes.length};\n`;
  return { path: `${symbol}.h`, bytes: new TextEncoder().encode(text) };
}
