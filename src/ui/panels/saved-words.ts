/** The words of what was saved and verified. */
import { areaWords } from '../i18n/area-words.ts';

export const savedWords = areaWords(
  {
    again: 'Download again ({size})',
    chosen: '{n} recipes were run on all samples: choosing among them by their figures flatters both a little.',
    code: 'Copy the code',
    file: 'Download this file',
    files: 'Files',
    'outputs.equal': 'outputs equal within {error}',
    'outputs.identical': 'outputs identical',
    other: 'Re-opened in stock TF.js: {right} of {n} right against {ours} here, {outputs}.',
    same: 'Re-opened in stock TF.js: same {right} of {n}, {outputs}.',
    samples: 'Re-opened in stock TF.js: {outputs} on {n} samples.',
    synthetic: 'Re-opened in stock TF.js: {outputs} on {n} synthetic samples.',
    test: 'On the {n} samples that a search never sees: {figure}.',
    'test.help': 'A search chooses by the other samples alone, so that this figure is not flattered by it.',
  },
  {
    again: '再次下载（{size}）',
    chosen: '已有 {n} 份配方在全部样本上运行过：按这些指标从中挑选，会使以上两个数字略显乐观。',
    code: '复制代码',
    file: '下载这个文件',
    files: '文件',
    'outputs.equal': '输出相差不超过 {error}',
    'outputs.identical': '输出完全相同',
    other: '已用原版 TF.js 重新打开：{n} 个中答对 {right} 个，此处为 {ours} 个；{outputs}。',
    same: '已用原版 TF.js 重新打开：{n} 个中同样答对 {right} 个，{outputs}。',
    samples: '已用原版 TF.js 重新打开：在 {n} 个样本上{outputs}。',
    synthetic: '已用原版 TF.js 重新打开：在 {n} 个合成样本上{outputs}。',
    test: '在搜索从未见过的 {n} 个样本上：{figure}。',
    'test.help': '搜索只依据其余样本作选择，所以这个数字不会因搜索而偏高。',
  },
);
