/** The words of the recipes to start from, and of what can be done about a caution. */
import { areaWords } from '../i18n/area-words.ts';

export const startWords = areaWords(
  {
    'caution.layer': 'Rank relative to each layer',
    'caution.unfold': 'Do not fold',
    'keep-accuracy': 'Keep accuracy',
    'keep-accuracy.help': 'Sixteen-bit floats: half the size, and the same answers but for the last digits.',
    microcontroller: 'Microcontroller',
    'microcontroller.help':
      'Normalizations folded and 8 bits everywhere, biases too: little flash and no floating point in the weights.',
    phone: 'Phone',
    'phone.help': 'Fewer layers and 8 bits with a scale per channel: what the integer kernels of phones run.',
    'smallest-download': 'Smallest download',
    'smallest-download.help':
      'Three tenths of the weights are zero and the others have 6 bits, which gzip packs well. May cost a few points: look at the accuracy.',
    title: 'Start from',
  },
  {
    'caution.layer': '相对各层排序',
    'caution.unfold': '不折叠',
    'keep-accuracy': '保持准确率',
    'keep-accuracy.help': '16 位浮点：体积减半，回答只在末位数字上不同。',
    microcontroller: '单片机',
    'microcontroller.help': '折叠归一化，全部 8 位，偏置也是：占用闪存少，权重里没有浮点数。',
    phone: '手机',
    'phone.help': '层更少，每通道一个缩放系数的 8 位：手机的整数内核就是这样计算的。',
    'smallest-download': '下载最小',
    'smallest-download.help': '三成权重为零，其余 6 位，gzip 压得好。可能损失几个百分点：请留意准确率。',
    title: '从这里开始',
  },
);
