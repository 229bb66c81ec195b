/**
 * Runs one command and keeps the output contract: the result, and nothing else, on standard output (one line with `--json`), all
 * else on standard error; a failure is a StudioError and exit code 1.
 */
import { type Context, createRng, StudioError } from '../engine/index.ts';
import { type Command, parseCommand, usage, wantsJson } from './arguments.ts';
import { compress } from './compress.ts';
import { convert } from './convert.ts';
import { evaluateModel } from './evaluate.ts';
import { inspect } from './inspect.ts';
import { progressLine, type Result } from './text.ts';

export interface Terminal {
  readonly signal: AbortSignal;
  /** One line (or block) of standard output. */
  readonly print: (line: string) => void;
  /** Raw text for standard error. */
  readonly tell: (text: string) => void;
  /** True where standard error is a screen that progress may be drawn on. */
  readonly interactive: boolean;
}

/** Runs the command that the arguments ask for; returns the exit code. */
export async function runCommand(args: readonly string[], terminal: Terminal): Promise<0 | 1> {
  const line = progressLine(terminal);
  try {
    const command = parseCommand(args);
    const context: Context = { signal: terminal.signal, report: line.show, rng: createRng(7) };
    const { json, text } = await perform(command, context);
    line.clear();
    terminal.print(command.json ? JSON.stringify(json) : text);
    return 0;
  } catch (error) {
    line.clear();
    const failure = asStudioError(error);
    if (wantsJson(args)) terminal.print(JSON.stringify(failure));
    else terminal.tell(`${failure.title}\n${failure.detail}\n${failure.hint}\n[${failure.code}]\n`);
    return 1;
  }
}

async function perform(command: Command, context: Context): Promise<Result> {
  switch (command.command) {
    case 'help':
      return { json: null, text: usage };
    case 'inspect':
      return inspect(command, context);
    case 'evaluate':
      return evaluateModel(command, context);
    case 'compress':
      return compress(command, context);
    case 'convert':
      return convert(command, context);
  }
}

function asStudioError(error: unknown): StudioError {
  if (error instanceof StudioError) return error;
  return new StudioError(
    {
      code: 'INTERNAL',
      title: 'The command stopped unexpectedly.',
      detail: error instanceof Error ? error.message : String(error),
      hint: 'Please report this with the command and the files.',
      context: { stack: error instanceof Error ? (error.stack ?? '') : '' },
    },
    error,
  );
}
