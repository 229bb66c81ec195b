/** `nutshell inspect`: what a model is, layer by layer. */
import { type Context, type ModelSummary, openModel, summarize } from '../engine/index.ts';
import type { Command } from './arguments.ts';
import { sourceFiles } from './files.ts';
import { bytes, count, type Result, shape, table } from './text.ts';

/** Opens the model and describes it. */
export async function inspect({ files }: Extract<Command, { command: 'inspect' }>, context: Context): Promise<Result> {
  const summary = summarize(await openModel(await sourceFiles(files), {}, context));
  return { json: summary, text: wordsOf(summary) };
}

function wordsOf({ name, format, parameters, macs, bytes: size, inputs, outputs, layers, notes }: ModelSummary): string {
  const tensors = (list: ModelSummary['outputs']): string =>
    list.map((tensor) => `${tensor.name} ${shape(tensor.shape)}`).join(', ');
  const rows = layers.map((layer) => [layer.name, layer.op, shape(layer.shape), count(layer.parameters), count(layer.macs)]);
  return [
    `${name}  (${format}, ${bytes(size)})`,
    `${count(parameters)} parameters, ${count(macs)} multiply-accumulates per sample`,
    `in: ${tensors(inputs)}   out: ${tensors(outputs)}`,
    '',
    table(['layer', 'kind', 'output', 'parameters', 'MACs'], rows),
    ...notes.map((note) => `note: ${note.layer ? `${note.layer}: ` : ''}${note.text}`),
  ].join('\n');
}
