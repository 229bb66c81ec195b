/** The words of the choice of a size for models that take any. */
import { areaWords } from '../i18n/area-words.ts';

export const sizeWords = areaWords(
  {
    label: 'Input size',
    help: 'The model takes inputs of any size. Work, memory, energy and time depend on it, and pictures are resized to it; the saved file stays open.',
    data: '{size}, as the data',
    other: 'Other…',
    'other.label': 'Other input size',
    'other.pictures': 'height × width',
    'other.steps': 'steps',
    apply: 'Measure',
    none: 'choose one',
  },
  {
    label: '输入尺寸',
    help: '模型接受任意尺寸的输入。计算量、内存、能耗和时间都取决于它，图片会缩放到这个尺寸；保存的文件仍不限尺寸。',
    data: '{size}，与数据相同',
    other: '其他…',
    'other.label': '其他输入尺寸',
    'other.pictures': '高 × 宽',
    'other.steps': '步数',
    apply: '测量',
    none: '请选择',
  },
);
