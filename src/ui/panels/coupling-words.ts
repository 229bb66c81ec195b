/** The words of coupled channels. */
import { areaWords } from '../i18n/area-words.ts';

export const couplingWords = areaWords(
  {
    title: 'Coupled channels',
    about: '{n} channels, which only go everywhere at once:',
    'use.makes': 'makes them',
    'use.passes': 'passes them on',
    'use.reads': 'reads them',
    importance: 'Norm of each channel, largest first',
    'protected.input': 'None can go: they are joined with those of the input.',
    'protected.output': 'None can go: they are the answer.',
    'protected.softmax': 'None can go: a softmax runs over them.',
    'protected.broadcast': 'None can go: one of them is stretched over many others.',
    'protected.attribute': 'None can go: a later layer has a setting for each of them.',
    'protected.unknown': 'None can go: what a later layer does with them is not known.',
    'protected.mixed': 'None can go: a later layer lays them out anew, across each other.',
    'protected.grid': 'None can go: they share scales.',
    prune: 'Remove channels',
  },
  {
    title: '耦合的通道',
    about: '{n} 个通道，只能在各处一起去掉：',
    'use.makes': '产生',
    'use.passes': '传递',
    'use.reads': '读取',
    importance: '各通道的范数，从大到小',
    'protected.input': '都不能去掉：它们与输入的通道相连。',
    'protected.output': '都不能去掉：它们就是答案。',
    'protected.softmax': '都不能去掉：softmax 在它们之上运行。',
    'protected.broadcast': '都不能去掉：其中一个被展开到许多其他通道上。',
    'protected.attribute': '都不能去掉：后面的层为每个通道各有一个设置。',
    'protected.unknown': '都不能去掉：不清楚后面的层如何使用它们。',
    'protected.mixed': '都不能去掉：后面的层把它们交错重排。',
    'protected.grid': '都不能去掉：它们共用比例。',
    prune: '去掉通道',
  },
);
