/**
 * The registry of model formats, listed by hand, and the one way to open files: archives are looked into, every format is asked
 * how surely the files are its own, and the surest reads them.
 */
import type { Context } from '../context.ts';
import type { Format, ReadOptions, SourceFile } from '../format.ts';
import type { Model } from '../model/model.ts';
import { expandZips, readOnce } from './files.ts';
import { kerasH5 } from './keras/h5.ts';
import { kerasZip } from './keras/keras-zip.ts';
import { problems } from './problems.ts';
import { explain } from './recognised.ts';
import { tfjsGraph } from './tfjs-graph/index.ts';
import { tfjsLayers } from './tfjs-layers/index.ts';
import { tflite } from './tflite/index.ts';

/** Every format, the preferred ones first. */
export const formats: readonly Format[] = [tfjsLayers, kerasZip, kerasH5, tflite, tfjsGraph];

/** The format with an id; undefined where there is none. */
export function formatById(id: string): Format | undefined {
  return formats.find((format) => format.id === id);
}

/** The TF.js format that models of this kind are weighed in, before and after. */
export function weighingFormat(model: Model): Format {
  return model.graph === undefined ? tfjsLayers : tfjsGraph;
}

/** Throws EXPORT_NEEDS_LAYERS or EXPORT_NEEDS_GRAPH where a model of this kind can't be written in a format at all. */
export function requireWritable(format: Format, model: Model): void {
  const graph = model.graph !== undefined;
  if (graph !== (format.holds === 'graphs')) throw graph ? problems.graphOnly(format.title) : problems.notGraph(format.title);
}

/**
 * Opens the model in some files: loose, from a folder or in a zip. Throws a StudioError of `problems.ts`, or of the ops that read
 * the layers, for anything that can't be opened exactly.
 */
export async function openModel(given: readonly SourceFile[], options: ReadOptions, context: Context): Promise<Model> {
  const named = readOnce(given.filter(({ path }) => !/(^|\/)(\.DS_Store|Thumbs\.db|\._[^/]*)$/.test(path)));
  if (named.every(({ size }) => size === 0)) throw problems.empty();
  const files = await expandZips(named);
  const scores: { readonly format: Format; readonly score: number }[] = [];
  for (const format of formats) scores.push({ format, score: await format.probe(files) });
  const likely = scores.filter(({ score }) => score > 0.5);
  if (likely.length > 1) throw problems.severalModels(likely.map(({ format }) => format.title));
  const best = scores.reduce((a, b) => (b.score > a.score ? b : a));
  if (best.score === 0) throw await explain(files);
  const model = await best.format.read(files, options, context);
  const zipped = files.length !== named.length || files.some((file, index) => file !== named[index]);
  if (!zipped) return model;
  const bytes = named.reduce((sum, { size }) => sum + size, 0);
  return { ...model, source: { ...model.source, bytes } };
}
