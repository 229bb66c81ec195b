/** `nutshell convert`: the model as it is, repaired where it was, in another format. */
import type { Context } from '../engine/index.ts';
import type { Command } from './arguments.ts';
import { describeSaved, save, writerFor } from './save.ts';
import { openSubject } from './subject.ts';
import type { Result } from './text.ts';

/** Opens, writes and verifies. */
export async function convert(command: Extract<Command, { command: 'convert' }>, context: Context): Promise<Result> {
  const writer = writerFor(command.to);
  const subject = await openSubject({ files: command.files, data: [] }, context);
  const saved = await save(subject, writer, command.out, context);
  const { notes } = subject.model.source;
  const text = [...notes.map((note) => `note: ${note.layer ? `${note.layer}: ` : ''}${note.text}`), ...describeSaved(saved)];
  return { json: { format: writer.id, ...saved, notes }, text: text.join('\n') };
}
