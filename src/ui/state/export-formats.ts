/** The formats that can be saved, as the page offers them, each with the lines of code that load it. */
import type { PlainKey } from '../i18n/translate.ts';
import type { Written } from './exports.ts';

export interface ExportFormat {
  readonly id: string;
  readonly title: PlainKey;
  readonly summary: PlainKey;
  /** Code that loads the written files with the format's own runtime. */
  code(written: Written): string;
}

const layersCode = (written: Written): string => {
  const entry = written.files.find((file) => file.path.endsWith('.json'))?.path ?? 'model.json';
  return `import * as tf from '@tensorflow/tfjs';\n\nconst model = await tf.loadLayersModel('${written.name}/${entry}');\nconst output = model.predict(input);`;
};

export const exportFormats: readonly ExportFormat[] = [
  { id: 'tfjs-layers', title: 'format.tfjs-layers', summary: 'format.tfjs-layers.help', code: layersCode },
];
