/** `nutshell convert`: the model as it is, repaired where it was, in another format. */
import { applyRecipe, type Context, requireWritable } from '../engine/index.ts';
import type { Command } from './arguments.ts';
import { describeSaved, save, writerFor } from './save.ts';
import { openSubject, sharedData } from './subject.ts';
import type { Result } from './text.ts';
import { noSteps, requireCalibration, withCalibration } from './tflite.ts';

type Convert = Extract<Command, { command: 'convert' }>;

/** Opens, calibrates where integers are asked for, writes and verifies. */
export async function convert(command: Convert, context: Context): Promise<Result> {
  const writer = writerFor(command.to);
  const { tflite } = command;
  requireCalibration(tflite, command.data);
  const subject = await openSubject(command, context);
  requireWritable(writer, subject.model);
  const recipe = subject.model.activations === undefined ? withCalibration(noSteps, tflite) : noSteps;
  const { training, measured, notes: shares } = await sharedData(subject, recipe, [], context);
  const { model } = await applyRecipe(subject.model, recipe, { ...context, ...(training ? { training } : {}) });
  const whole = measured === subject.dataset;
  const saved = await save({ ...subject, model, dataset: measured, whole, tflite }, writer, command.out, context);
  const notes = [...subject.model.source.notes, ...shares];
  const text = [...notes.map((note) => `note: ${note.layer ? `${note.layer}: ` : ''}${note.text}`), ...describeSaved(saved)];
  return { json: { format: writer.id, ...saved, notes }, text: text.join('\n') };
}
