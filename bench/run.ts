/**
 * `npm run -s bench -- NAME [NET] [--seeds N] [--json]`: one command per claim about speed or size. Each ends with one JSON line in
 * which a ratio of 1 or more meets the target; `list` names them. Ratios are formed within one run, since machines are noisy.
 */
import { parseArgs } from 'node:util';

export interface BenchResult {
  readonly bench: string;
  /** Reached over wanted: ≥ 1 meets the target. Null where what it is compared with is not there. */
  readonly ratio: number | null;
  /** What was wanted, in words. */
  readonly target: string;
  readonly [figure: string]: unknown;
}

export interface Bench {
  readonly name: string;
  readonly summary: string;
  /** `only`: of several nets, the one of this name. */
  run(options: { readonly seeds: number; readonly only?: string | undefined }): Promise<BenchResult>;
}

const benches: Readonly<Record<string, () => Promise<{ readonly bench: Bench }>>> = {
  open: () => import('./open.ts'),
  estimate: () => import('./estimate.ts'),
  quantize: () => import('./quantize.ts'),
  infer: () => import('./infer.ts'),
  search: () => import('./search.ts'),
  train: () => import('./train.ts'),
  repair: () => import('./repair.ts'),
  channels: () => import('./channels.ts'),
  distill: () => import('./distill.ts'),
  hinton: () => import('./hinton.ts'),
  tflite: () => import('./tflite.ts'),
  simd: () => import('./simd.ts'),
};

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { seeds: { type: 'string', default: '1' }, json: { type: 'boolean', default: false } },
});
const name = positionals[0] ?? 'list';

if (name === 'list') {
  for (const load of Object.values(benches)) {
    const { bench } = await load();
    console.log(`${bench.name.padEnd(12)} ${bench.summary}`);
  }
} else {
  const load = Object.hasOwn(benches, name) ? benches[name] : undefined;
  if (load === undefined) {
    console.error(`There is no bench "${name}". Known: ${Object.keys(benches).join(', ')}.`);
    process.exit(1);
  }
  const { bench } = await load();
  if (!values.json) console.error(`${bench.name}: ${bench.summary}`);
  console.log(JSON.stringify(await bench.run({ seeds: Number(values.seeds), only: positionals[1] })));
}
