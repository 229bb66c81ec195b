/** The words of ranges that activations were given. */
import { areaWords } from '../i18n/area-words.ts';

export const rangeWords = areaWords(
  {
    clipped: '{share} of what was seen is clipped',
    'clipped.none': 'nothing clipped',
    fixed: 'fixed by the operator',
    kept: 'kept from an earlier step',
    layer: 'What flows out of this layer',
    title: { one: 'Range of {n} value', other: 'Ranges of {n} values' },
    unseen: 'no samples were looked at',
    words: '{min} to {max}, {bits} bits, {method}',
  },
  {
    clipped: '所见数值的 {share} 被截断',
    'clipped.none': '没有截断',
    fixed: '由算子固定',
    kept: '沿用较早步骤的范围',
    layer: '本层输出的数值',
    title: '{n} 个值的范围',
    unseen: '没有看过样本',
    words: '{min} 到 {max}，{bits} 位，{method}',
  },
);
