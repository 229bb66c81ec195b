/**
 * Writes a TF.js layers-model that stock `tf.loadLayersModel` opens: model.json with a Keras 2 topology and a weights manifest, and
 * shards of 4 MiB. The same model always gives the same bytes.
 */
import { type Context, checkpoint } from '../../context.ts';
import { StudioError } from '../../errors.ts';
import type { Loss, OutputFile, WriteOptions } from '../../format.ts';
import type { Model, Weight } from '../../model/model.ts';
import { opOf } from '../../model/ops/index.ts';
import { inferShapes } from '../../model/topology.ts';
import { expressed } from './express.ts';
import { type ManifestEntry, manifestEntry, shards } from './manifest.ts';
import { modelConfig, writtenLayers } from './write-topology.ts';

const encoder = new TextEncoder();

/** Files of the model, model.json first. Throws EXPORT_LAYER where stock TF.js has no such layer. */
export async function writeTfjsLayers(model: Model, options: WriteOptions, context: Context): Promise<readonly OutputFile[]> {
  if (options.onlyWeighed !== true) refuseUnloadable(model);
  const written = options.precision === 'encoded' ? expressed(model).model : model;
  const layers = writtenLayers(written);
  const entries: ManifestEntry[] = [];
  const parts: Uint8Array[] = [];
  for (const { name, weight } of storedTensors(written, layers)) {
    await checkpoint(context);
    const { entry, bytes } = manifestEntry(name, weight, options.precision);
    entries.push(entry);
    parts.push(bytes);
    context.report({ stage: 'write', done: entries.length, total: written.weights.size });
  }
  const files = shards(parts);
  const json = {
    format: 'layers-model',
    generatedBy: 'nutshell',
    convertedBy: null,
    modelTopology: { keras_version: '2.15.0', backend: 'tensorflow', model_config: modelConfig(written, layers) },
    weightsManifest: [{ paths: files.map((file) => file.path), weights: entries }],
  };
  return [{ path: 'model.json', bytes: encoder.encode(JSON.stringify(json)) }, ...files];
}

/** What writing would lose, said before saving: layers that stock TF.js can't load, and grids or palettes that change. */
export function cannotExpress(model: Model): readonly Loss[] {
  return [...unloadable(model), ...expressed(model).losses];
}

/** The tensors of the file under their manifest names, in the order of the file. */
export function storedTensors(model: Model, layers = writtenLayers(model)): { readonly name: string; readonly weight: Weight }[] {
  return layers.flatMap((layer) =>
    layer.weights.flatMap(({ role, id }) => {
      const weight = model.weights.get(id);
      return weight ? [{ name: `${layer.name}/${role}`, weight }] : [];
    }),
  );
}

function unloadable(model: Model): Loss[] {
  const shapes = inferShapes(model);
  return model.nodes.flatMap((node) => {
    const inputs = node.inputs.map((value) => shapes.get(value) ?? []);
    const reason = opOf(node.op).cannotWrite?.(node.attrs, inputs);
    return reason === undefined
      ? []
      : [{ layer: node.name, code: 'layer-not-loadable', text: `It can not be saved for TF.js: ${reason}.` }];
  });
}

function refuseUnloadable(model: Model): void {
  const [first, ...others] = unloadable(model);
  if (!first) return;
  throw new StudioError({
    code: 'EXPORT_LAYER',
    title: `The layer "${first.layer}" can not be saved for TF.js.`,
    detail: `${first.text}${others.length > 0 ? ` The same holds for ${others.length} more: ${others.map((loss) => loss.layer).join(', ')}.` : ''}`,
    hint: 'Save in another format, or replace the layer in Keras and open the model again.',
    context: { layers: [first, ...others].map((loss) => loss.layer) },
  });
}
