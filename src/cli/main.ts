/** `nutshell`: the studio's engine on the command line. Standard output carries the result and nothing else. */
import { Console } from 'node:console';
import { runCommand } from './run.ts';

// TF.js greets on the console; that belongs to standard error.
globalThis.console = new Console(process.stderr, process.stderr);

const controller = new AbortController();
process.once('SIGINT', () => controller.abort(new Error('Interrupted.')));

process.exitCode = await runCommand(process.argv.slice(2), {
  signal: controller.signal,
  print: (line) => process.stdout.write(`${line}\n`),
  tell: (text) => process.stderr.write(text),
  interactive: process.stderr.isTTY === true,
});
