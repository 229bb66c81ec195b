import { afterEach, expect, it } from 'vitest';
import type { Plural } from './catalogue.ts';
import { en } from './en.ts';
import { noteText, problemText, storedWords, verdictSentence } from './engine-words.ts';
import { languageStore } from './language.ts';
import { bytes, percent } from './numbers.ts';
import { fill, t } from './translate.ts';
import { zh, zhEngine } from './zh.ts';

const chinese = () => languageStore.setState({ language: 'zh', words: zh, engine: zhEngine });

afterEach(() => languageStore.setState({ language: 'en', words: en, engine: null }));

const slotsOf = (text: string | Plural): string[] => {
  const forms = typeof text === 'string' ? text : text.one + text.other;
  return [...new Set(forms.match(/\{\w+\}/g))].sort();
};

it('has the same slots in every language', () => {
  for (const [key, text] of Object.entries(zh)) expect([key, slotsOf(text)]).toEqual([key, slotsOf(en[key as keyof typeof en])]);
});

it('writes Chinese in Chinese: no ASCII punctuation after it, and something translated wherever English has words', () => {
  const whole = Object.entries(zh).filter(([, text]) => /[\u4e00-\u9fff][,;:!?]/.test(text));
  expect(whole).toEqual([]);
  const same = Object.entries(zh).filter(([key, text]) => text === en[key as keyof typeof en] && /[a-z]{4} [a-z]{3}/.test(text));
  expect(same).toEqual([]);
});

it('chooses the form by the number, in the language in view', () => {
  expect([t('data.classes', { n: 1 }), t('data.classes', { n: 10 })]).toEqual(['1 class', '10 classes']);
  chinese();
  expect([t('data.classes', { n: 1 }), t('data.classes', { n: 10 })]).toEqual(['1 类', '10 类']);
});

it('groups numbers and leaves slots without a value as they are', () => {
  expect(fill('{n} of {m}', { n: 12_345 })).toBe('12,345 of {m}');
});

it('writes numbers in the language in view', () => {
  chinese();
  expect(bytes(96_312)).toBe('96.3\u00a0kB');
  expect(percent(0.9884)).toBe('98.8\u00a0%');
});

it('tells a failure by its code, its cause by its words, and marks what stays English', () => {
  const problem = {
    code: 'RECIPE_UNKNOWN_PARAMETER',
    title: 'Step 2 has a parameter "x" …',
    detail: 'It takes bits.',
    hint: '',
    context: { step: 2, parameter: 'x' },
  };
  expect(problemText(problem, 'title')).toEqual({ text: problem.title, foreign: undefined });
  chinese();
  expect(problemText(problem, 'title').text).toBe('第 2 步有这种方法不认识的参数“x”。');
  expect(problemText(problem, 'detail')).toEqual({ text: '它接受：bits。', foreign: undefined });
  expect(problemText({ ...problem, detail: 'Chunk 3 is cut off.' }, 'detail')).toEqual({
    text: 'Chunk 3 is cut off.',
    foreign: 'en',
  });
  expect(problemText({ ...problem, code: 'NEW_CODE' }, 'hint').foreign).toBe('en');
});

it('puts a verdict together from its figures', () => {
  chinese();
  const paired = {
    difference: { value: -0.12, unit: 'points', interval: [-0.3, 0.05], n: 10_000, how: 'measured' },
    pValue: 0.25,
    verdict: 'none',
    text: 'No measurable loss …',
  } as const;
  expect(verdictSentence(paired).replaceAll('\u00a0', ' ')).toBe(
    '没有可测的损失，−0.12 个百分点，95 % 置信区间 −0.3 个百分点 – +0.05 个百分点，10,000 个样本，McNemar 检验 p = 0.250',
  );
});

it('says a note with its figure, all of it', () => {
  chinese();
  const text = 'Left out the state of the optimizer. 1730584 bytes.';
  expect(noteText({ code: 'OPTIMIZER_STATE', text }).text).toBe('略去了优化器的状态（1730584 字节）。');
});

it('says how weights are stored', () => {
  chinese();
  expect([storedWords('int4 per channel'), storedWords('k-means palette of 16'), storedWords('float32')]).toEqual([
    'int4，每通道',
    'k-means 码本，16 个值',
    'float32',
  ]);
});
