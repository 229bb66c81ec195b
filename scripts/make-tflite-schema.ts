/**
 * `npx tsx scripts/make-tflite-schema.ts`: makes src/engine/formats/tflite/schema/schema.ts of schema.fbs with flatc 2.0.8 (Debian:
 * flatbuffers-compiler). flatc writes a file per table with imports of each other and `enum`s; here they become one module that
 * knows neither, and readers of roots and unions that nothing calls are left out.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';

const folder = resolve(import.meta.dirname, '../src/engine/formats/tflite/schema');
const head = `// Made of schema.fbs by scripts/make-tflite-schema.ts; do not edit.

import * as flatbuffers from 'flatbuffers';
`;

/** The module that schema.fbs stands for. Throws where flatc is not installed. */
export function makeSchema(): string {
  const out = mkdtempSync(join(tmpdir(), 'tflite-schema-'));
  try {
    execFileSync('flatc', ['--ts', '-o', out, join(folder, 'schema.fbs')]);
    const files = readdirSync(join(out, 'tflite')).sort();
    return [head, ...files.map((file) => adapt(readFileSync(join(out, 'tflite', file), 'utf8')))].join('\n');
  } finally {
    rmSync(out, { recursive: true });
  }
}

function adapt(source: string): string {
  return source
    .replace(/^\/\/ automatically generated.*\n+/gm, '')
    .replace(/^import .*\n+/gm, '')
    .replace(/^export function union[\s\S]*?^}\n+/gm, '')
    .replace(/^export enum (\w+) \{([\s\S]*?)^\}/gm, (_, name: string, members: string) => {
      const entries = members.replaceAll(' = ', ': ').replace(/\s*$/, ',\n');
      return `export const ${name} = {${entries}} as const;\nexport type ${name} = number;`;
    })
    .replace(/^static (getSizePrefixedRootAs|finishSizePrefixed)[\s\S]*?^}\n+/gm, '')
    .replace(/^static getRootAs(?!Model\b)[\s\S]*?^}\n+/gm, '')
    .replace(/<T extends flatbuffers\.Table>\(obj:any\):any\|null/g, '<T extends {bb_pos:number}>(obj:T):T|null')
    .replace(/__union\(obj, ([^;]*\)) : null;/g, '__union(obj as unknown as flatbuffers.Table, $1 as unknown as T : null;')
    .trimStart();
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) writeFileSync(join(folder, 'schema.ts'), makeSchema());
