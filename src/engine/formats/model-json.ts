/**
 * Which of the files given excerpt a model in JSON: TF.js `model.json` (by any name) or a bare Keras topology
 * (`model.to_json()`). Judged by the keys in the text, so that a broken file is still recognised and its fault named.
 */
import type { SourceFile } from '../format.ts';

export type JsonKind = 'tfjs' | 'graph' | 'topology';

export interface ModelJson {
  readonly file: SourceFile;
  readonly kind: JsonKind;
  readonly text: string;
}

/** No topology is larger; a bigger file that starts with a brace is something else. */
const maxJsonBytes = 128 * 2 ** 20;

/** The model descriptions among the files. */
export async function findModelJson(files: readonly SourceFile[]): Promise<ModelJson[]> {
  const found: ModelJson[] = [];
  for (const file of files) {
    if (file.size > maxJsonBytes || file.size === 0) continue;
    const bytes = await file.bytes();
    if (!startsLikeJson(bytes)) continue;
    const text = new TextDecoder().decode(bytes);
    if (/"(modelTopology|weightsManifest)"/.test(text)) found.push({ file, kind: isGraph(text) ? 'graph' : 'tfjs', text });
    else if (/"class_name"/.test(text) && /"config"/.test(text)) found.push({ file, kind: 'topology', text });
  }
  return found;
}

/** A TensorFlow graph is a list of nodes; older converters do not say the format. */
function isGraph(text: string): boolean {
  return !/"format"\s*:\s*"layers-model"/.test(text) && /"format"\s*:\s*"graph-model"|"node"\s*:\s*\[/.test(text);
}

function startsLikeJson(bytes: Uint8Array<ArrayBuffer>): boolean {
  let at = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? 3 : 0;
  while (at < bytes.length && [0x20, 0x09, 0x0a, 0x0d].includes(bytes[at] as number)) at++;
  return bytes[at] === 0x7b;
}
