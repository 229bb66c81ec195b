/** Every sentence that the engine can say has a Chinese one: read off its source, so that a new one can't be forgotten. */
import { readdirSync, readFileSync } from 'node:fs';
import { parseSync } from 'vite';
import { expect, it } from 'vitest';
import { translator } from './sentences.ts';
import { zhEngine } from './zh-engine.ts';
import { zhLayerSentences } from './zh-layer-sentences.ts';
import { zhSentences } from './zh-sentences.ts';

const sentences = { ...zhSentences, ...zhLayerSentences };
const chinese = translator(sentences);

/** Not for people: kernels of training refuse what the planner never asks of them; HDF5 files are quoted byte by byte. */
const silent = /\/(testing|assembly|hdf5)\/|\.test\.ts$/;

interface Syntax {
  readonly type: string;
  readonly [key: string]: unknown;
}

const isSyntax = (value: unknown): value is Syntax => typeof value === 'object' && value !== null && 'type' in value;

/** A text as it might read, with a mark for each value: `It takes ⟦0⟧.` */
function textOf(node: Syntax): string | undefined {
  if (node.type === 'Literal' && typeof node.value === 'string') return node.value;
  if (node.type !== 'TemplateLiteral') return undefined;
  const parts = node.quasis as readonly { readonly value: { readonly cooked: string } }[];
  return parts.map(({ value }, at) => (at === 0 ? '' : `⟦${at}⟧`) + value.cooked).join('');
}

/** Sentences of a file that are neither titles nor hints of failures, which have their words by code, nor of techniques. */
function* sentencesIn(node: unknown): Generator<string> {
  if (Array.isArray(node)) for (const child of node) yield* sentencesIn(child);
  if (!isSyntax(node)) return;
  const called = (node.callee as Syntax | undefined)?.name;
  if (node.type === 'NewExpression' && /^(Range|Type)?Error$/.test(String(called))) return;
  const key = node.type === 'Property' ? String((node.key as Syntax).name) : '';
  if (['title', 'hint', 'summary'].includes(key) || key in zhEngine.notes) return;
  if (node.type === 'CallExpression' && (called === 'dataError' || called === 'problem')) {
    const [, , detail] = node.arguments as readonly unknown[];
    yield* sentencesIn(detail);
    return;
  }
  const text = textOf(node);
  if (text !== undefined && /^("|⟦1⟧[^,]|[A-Z]).* .*\.$/s.test(text) && /[a-z]{3}/.test(text)) yield text;
  for (const value of Object.values(node)) if (typeof value === 'object') yield* sentencesIn(value);
}

it('has a Chinese sentence for every one of the engine', () => {
  const files = ['src/engine', 'src/workers'].flatMap((folder) =>
    readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((name) => `${folder}/${name}`),
  );
  const missing = new Set<string>();
  for (const file of files.filter((name) => name.endsWith('.ts') && !silent.test(name))) {
    const { program } = parseSync(file, readFileSync(file, 'utf8'));
    for (const text of sentencesIn(program)) {
      // What ends a sentence may be empty.
      const told = chinese(text) ?? chinese(text.replace(/⟦\d+⟧\.$/, '.'));
      if (!/[\u4e00-\u9fff]/.test(told ?? '')) missing.add(`${file}: ${text}`);
    }
  }
  expect([...missing]).toEqual([]);
});

it('keeps every figure: both sides have the same slots', () => {
  const slots = (text: string) => [...text.matchAll(/\{\w+\}/g)].map(String).sort();
  const different = Object.entries(sentences).filter(([english, words]) => slots(english).join() !== slots(words).join());
  expect(
    different.filter(([english]) => english !== 'The {what} was closed, or the engine was started again without it.'),
  ).toEqual([]);
});

it('translates what fills a slot, and goes sentence by sentence', () => {
  expect(chinese('It was not folded: its variance plus epsilon is not positive.')).toBe(
    '没有折叠：它的方差加 epsilon 不是正数。',
  );
  expect(chinese('Re-opened in stock TF.js: same 9,893 of 10,000, outputs identical.')).toBe(
    '已用原版 TF.js 重新打开：同样答对 9,893 / 10,000，输出完全相同。',
  );
  expect(chinese('train/fine-tune: Stopped after epoch 3, which brought nothing new. The weights after epoch 2 were kept.')).toBe(
    'train/fine-tune：第 3 轮没有带来改进，就此停止。保留了第 2 轮之后的权重。',
  );
  expect(chinese('It holds no samples. It holds no samples.')).toBe('里面没有样本。里面没有样本。');
  expect(chinese('Something else.')).toBeUndefined();
});
