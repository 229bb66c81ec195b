/** `nutshell`: the studio's engine on the command line. Standard output carries the result and nothing else. */
import { Console } from 'node:console';
import process from 'node:process';

// Whatever a library says on the console belongs to standard error; the engine is loaded only after this is settled.
globalThis.console = new Console(process.stderr, process.stderr);
const [{ runCommand }, { configureThreads }, { StudioError }] = await Promise.all([
  import('./run.ts'),
  import('./threads.ts'),
  import('../engine/index.ts'),
]);
configureThreads();

const interrupted = new StudioError({
  code: 'CANCELLED',
  title: 'The command was interrupted.',
  detail: 'Nothing was saved.',
  hint: 'Run it again; a smaller --limit or recipe takes less time.',
});
const controller = new AbortController();
process.once('SIGINT', () => controller.abort(interrupted));

process.exitCode = await runCommand(process.argv.slice(2), {
  signal: controller.signal,
  print: (line) => process.stdout.write(`${line}\n`),
  tell: (text) => process.stderr.write(text),
  interactive: process.stderr.isTTY === true,
});
