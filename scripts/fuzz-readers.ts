/**
 * `npx tsx scripts/fuzz-readers.ts [--mutants N] [--seed S] [--reader ID]`: damages small valid files N times for each reader and
 * opens them. Anything but a model, readable data or a StudioError is printed with its number, and the exit status is 1.
 */
import { parseArgs } from 'node:util';
import { fuzzReader, fuzzTargets } from '../src/engine/testing/fuzz.ts';
import { dataFuzzTargets, fuzzData } from '../src/engine/testing/fuzz-data.ts';

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      mutants: { type: 'string', default: '20000' },
      seed: { type: 'string', default: '2' },
      reader: { type: 'string' },
    },
  });
  const [count, seed] = [Number(values.mutants), Number(values.seed)];
  const readers = new Map([
    ...fuzzTargets.map((target) => [target as string, () => fuzzReader(target, count, seed)] as const),
    ...dataFuzzTargets.map((target) => [target as string, () => fuzzData(target, count, seed)] as const),
  ]);
  let failed = 0;
  for (const [target, run] of readers) {
    if (values.reader !== undefined && target !== values.reader) continue;
    const { opened, refused, codes, failures, slowest } = await run();
    const answers = [...codes].sort(([, a], [, b]) => b - a).map(([code, count]) => `${code} ${count}`);
    console.log(
      `${target}: ${opened} opened, ${refused} refused, ${failures.length} failures, slowest ${slowest.time.toFixed(0)} ms (${slowest.mutant})`,
    );
    console.log(`  ${answers.join(', ')}`);
    for (const { mutant, error } of failures.slice(0, 10)) console.error(`  mutant ${mutant}:`, error);
    failed += failures.length;
  }
  if (failed > 0) process.exitCode = 1;
}

await main();
