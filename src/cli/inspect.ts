/** `nutshell inspect`: what a model is, layer by layer. */
import { type Context, type ModelSummary, openModel, summarize } from '../engine/index.ts';
import type { Command } from './arguments.ts';
import { sourceFiles } from './files.ts';
import { sized } from './subject.ts';
import { bytes, count, type Result, shape, table } from './text.ts';

/** Opens the model and describes it. */
export async function inspect(command: Extract<Command, { command: 'inspect' }>, context: Context): Promise<Result> {
  const model = await openModel(await sourceFiles(command.files), {}, context);
  const summary = summarize(sized(model, command));
  return { json: summary, text: wordsOf(summary) };
}

function wordsOf({ name, format, parameters, macs, bytes: size, inputs, outputs, layers, notes }: ModelSummary): string {
  const tensors = (list: ModelSummary['outputs']): string =>
    list.map((tensor) => `${tensor.name} ${shape(tensor.shape)}`).join(', ');
  const sizes = inputs.flatMap(({ size }) => (size === null ? [] : [shape(size)]));
  const rows = layers.map((layer) => [layer.name, layer.op, shape(layer.shape), count(layer.parameters), count(layer.macs)]);
  return [
    `${name}  (${format}, ${bytes(size)})`,
    `${count(parameters)} parameters, ${count(macs)} multiply-accumulates per sample`,
    ...sizes.map((size) => `at ${size}: the model takes inputs of any size (--input-size)`),
    `in: ${tensors(inputs)}   out: ${tensors(outputs)}`,
    '',
    table(['layer', 'kind', 'output', 'parameters', 'MACs'], rows),
    ...notes.map((note) => `note: ${note.layer ? `${note.layer}: ` : ''}${note.text}`),
  ].join('\n');
}
