/**
 * Writes a legacy Keras file (keras/src/legacy/saving/legacy_h5_format.py), in the spelling of Keras 2: what Keras 2 and 3, tf.keras and
 * the TF.js converter all open. A group per layer lists its tensors in `weight_names`; topology and versions are attributes.
 */
import { type Context, checkpoint } from '../../../context.ts';
import type { OutputFile } from '../../../format.ts';
import type { Model } from '../../../model/model.ts';
import { type GroupToWrite, largestAttribute, type TensorToWrite, writeHdf5 } from '../../hdf5/write.ts';
import { layerNames } from '../../tfjs-layers/layer-names.ts';
import { modelConfig, type WrittenLayer, writtenLayers } from '../../tfjs-layers/write-topology.ts';
import { inKerasOrder } from './layer-order.ts';
import { withoutMaskInputs } from './mask-inputs.ts';
import { adaptedTo, refuseUnsayable, spell } from './spelling.ts';

const versions = { keras_version: '2.15.0', backend: 'tensorflow' };

/** One file, `model.h5`. Throws EXPORT_LAYER where Keras 2 has no such layer. */
export async function writeKerasH5(whole: Model, context: Context): Promise<readonly OutputFile[]> {
  refuseUnsayable(whole, 2);
  const { model } = withoutMaskInputs(whole);
  await checkpoint(context);
  const given = writtenLayers(model, (node) => spell(node, 2) ?? { className: node.op, config: {} });
  // Keras pairs groups with its own layers by position, not by name.
  const layers = inKerasOrder(model, given).flatMap((entry) => given[entry - model.inputs.length] ?? []);
  const inputs = layerNames(model).inputs.map((name) => ({ name }));
  const all: readonly (Pick<WrittenLayer, 'name'> & Partial<WrittenLayer>)[] = [...inputs, ...layers];
  const names = all.map(({ name }) => name);
  const groups = new Map(all.map((layer) => [layer.name, layerGroup(model, layer)]));
  const weights: GroupToWrite = { attributes: { ...listed('layer_names', names), ...versions }, children: groups };
  const attributes = { ...versions, model_config: JSON.stringify(modelConfig(model, layers)) };
  const bytes = writeHdf5({ attributes, children: new Map([['model_weights', weights]]) });
  await checkpoint(context);
  context.report({ stage: 'write', done: 1, total: 1 });
  return [{ path: 'model.h5', bytes }];
}

/** The group of a layer: `NAME/ROLE:0` for each tensor. */
function layerGroup(
  model: Model,
  { name, className, weights = [] }: Pick<WrittenLayer, 'name'> & Partial<WrittenLayer>,
): GroupToWrite {
  const tensors = new Map<string, TensorToWrite>();
  for (const { role, id } of weights) {
    const weight = model.weights.get(id);
    if (weight) tensors.set(`${role.replaceAll('/', '_')}:0`, weight);
  }
  if (className === 'Normalization' && tensors.size > 0) tensors.set('count:0', adaptedTo);
  const attributes = listed(
    'weight_names',
    [...tensors.keys()].map((tensor) => `${name}/${tensor}`),
  );
  const children = new Map<string, GroupToWrite>(tensors.size > 0 ? [[name, { children: tensors }]] : []);
  return { attributes, children };
}

/** A list as attributes, cut into `name0`, `name1` … where it is too long for one, as Keras does. */
function listed(name: string, list: readonly string[]): Record<string, readonly string[]> {
  const widest = list.reduce((size, text) => Math.max(size, text.length), 1);
  const perPart = Math.max(1, Math.floor((largestAttribute - 200) / widest));
  if (list.length <= perPart) return { [name]: list };
  const parts = Array.from({ length: Math.ceil(list.length / perPart) }, (_, part) =>
    list.slice(part * perPart, (part + 1) * perPart),
  );
  return Object.fromEntries(parts.map((part, index) => [`${name}${index}`, part]));
}
