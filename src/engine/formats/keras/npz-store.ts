/**
 * `model.weights.npz`, the other weight store of Keras v3 (NpzIOStore in keras/src/saving/saving_lib.py): an array for each group of
 * model.weights.h5, called after its path (`layers/dense`, the model itself `__root__`) and holding one Python object, the dictionary
 * that is `vars` there: "0", "1" … to NumPy arrays in Keras 2.12 to 2.15, to Keras' own variables around arrays of NumPy, JAX or
 * TensorFlow in Keras 3 (PyTorch's pickles are archives of their own and refused). Python objects are pickles; here they are read as data (pickle.ts) and given the form of the groups that they stand for.
 */

import { toRowMajor } from '../../data/npy.ts';
import type { SourceFile } from '../../format.ts';
import { elementCount } from '../../model/model.ts';
import { archiveEntries } from '../files.ts';
import { type Datatype, readNumbers } from '../hdf5/datatype.ts';
import type { Hdf5Dataset, Hdf5Group } from '../hdf5/index.ts';
import { problems } from '../problems.ts';
import { isMade, type Made, type Pickled, readPickle } from './pickle.ts';

/** What makes arrays and what they are made of: NumPy before and since 2.0, JAX, TensorFlow; and Keras' variables. */
const arrayNames = new Set([
  ...['tensorflow.python.ops.resource_variable_ops.ResourceVariable', 'tensorflow.python.framework.dtypes.as_dtype'],
  ...['functools.partial', 'builtins.set'],
  ...['numpy.ndarray', 'numpy.dtype', '_codecs.encode', 'jax._src.array._reconstruct_array'],
  ...['numpy.core.multiarray', 'numpy._core.multiarray'].flatMap((module) => [`${module}._reconstruct`, `${module}.scalar`]),
  ...['numpy.core.numeric', 'numpy._core.numeric'].map((module) => `${module}._frombuffer`),
]);
const variableName = /^keras\.(src\.)?backend(\.(jax|numpy|tensorflow|common)(\.(core|variables))?)?\.\w*Variable$/;

interface Group {
  readonly groups: Map<string, Group>;
  vars?: ReadonlyMap<string, Hdf5Dataset>;
}

/** Opens a store. Throws FORMAT_DAMAGED, FORMAT_PICKLE, or what a damaged archive throws. */
export async function openNpzStore(file: SourceFile, archive: string): Promise<Hdf5Group> {
  const path = `${archive}/${file.path}`;
  const root: Group = { groups: new Map() };
  for (const entry of archiveEntries(await file.bytes(), path)) {
    const name = /^(.*)\.npy$/.exec(entry.path)?.[1];
    if (name === undefined) throw problems.damaged(path, `"${entry.path}" in it is no array`);
    const at = `${path}/${entry.path}`;
    const place = name === '__root__' ? [] : name.split('/');
    if (place.length > 200) throw problems.damaged(path, `it is nested ${place.length} levels deep`);
    let group = root;
    for (const part of place) {
      const next = group.groups.get(part) ?? { groups: new Map() };
      group.groups.set(part, next);
      group = next;
    }
    group.vars = variablesIn(objectIn(await entry.bytes(), at), at);
  }
  return asGroup(root);
}

function asGroup({ groups, vars }: Group): Hdf5Group {
  const own: ReadonlyMap<string, Group> = groups;
  return node([...own.keys(), ...(vars === undefined ? [] : ['vars'])], (name) => {
    if (name === 'vars' && vars !== undefined) return node([...vars.keys()], (variable) => vars.get(variable));
    const child = own.get(name);
    return child === undefined ? undefined : asGroup(child);
  });
}

const node = (names: readonly string[], get: Hdf5Group['get']): Hdf5Group => ({
  kind: 'group',
  names: [...new Set(names)],
  get,
  texts: () => undefined,
});

/** The one Python object in a .npy file of an object array (numpy/lib/format.py, versions 1 to 3). */
function objectIn(bytes: Uint8Array<ArrayBuffer>, path: string): Pickled {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const magic = String.fromCharCode(...bytes.subarray(1, 6));
  if (bytes.length < 12 || magic !== 'NUMPY') throw problems.damaged(path, 'it does not begin as a .npy file does');
  const start = view.getUint8(6) > 1 ? 12 : 10;
  const end = start + (start === 12 ? view.getUint32(8, true) : view.getUint16(8, true));
  if (end > bytes.length) throw problems.damaged(path, 'its header is cut off');
  const header = new TextDecoder().decode(bytes.subarray(start, end));
  if (!/'descr'\s*:\s*'\|O'/.test(header) || !/'shape'\s*:\s*\(\s*\)/.test(header))
    throw problems.damaged(path, 'it holds no dictionary of variables');
  const array = readPickle(bytes.subarray(end), path, (name) => arrayNames.has(name) || variableName.test(name));
  // State of an array: version, shape, type, order, content; that of objects is a list.
  const content = isMade(array) && Array.isArray(array.state) ? array.state[4] : undefined;
  if (!Array.isArray(content) || content.length !== 1) throw problems.damaged(path, 'it holds no dictionary of variables');
  return content[0] as Pickled;
}

function variablesIn(dictionary: Pickled, path: string): ReadonlyMap<string, Hdf5Dataset> {
  if (!(dictionary instanceof Map)) throw problems.damaged(path, 'it holds no dictionary of variables');
  const variables = new Map<string, Hdf5Dataset>();
  for (const [key, value] of dictionary) {
    if (typeof key !== 'string') throw problems.damaged(path, 'a variable in it has no name');
    variables.set(key, arrayOf(value, `${path}/${key}`));
  }
  return variables;
}

/** The array in a variable: Keras keeps it in `_value`, TensorFlow in what its constructor is called with. */
function arrayOf(value: Pickled | undefined, path: string): Hdf5Dataset {
  const inner = isMade(value) && variableName.test(value.maker) ? entryOf(value.state, '_value') : value;
  const called = isMade(inner) && inner.maker === 'functools.partial' && Array.isArray(inner.state) ? inner.state[2] : undefined;
  const array = called === undefined ? inner : entryOf(called, 'initial_value');
  if (!isMade(array)) throw problems.damaged(path, 'it is no array of numbers');
  return denseArray(stateOf(array), path);
}

const entryOf = (map: Pickled | undefined, key: string): Pickled | undefined => (map instanceof Map ? map.get(key) : undefined);

/** NumPy's own state of an array, by what would make the array; JAX hands it on. */
function stateOf({ maker, args, state }: Made): Pickled | undefined {
  const [first = null, second = null, third = null, fourth] = args;
  if (maker.endsWith('._reconstruct_array')) return third;
  if (maker.endsWith('._frombuffer')) return [1, third, second, fourth === 'F', first];
  return maker.endsWith('.scalar') ? [1, [], first, false, second] : state;
}

/** An array from NumPy's own state of it: version, shape, type, whether columns lie together, bytes. */
function denseArray(state: Pickled | undefined, path: string): Hdf5Dataset {
  const [, shape, dtype, byColumns, content] = Array.isArray(state) ? state : [];
  if (!Array.isArray(shape) || !shape.every((size) => Number.isSafeInteger(size) && (size as number) >= 0))
    throw problems.damaged(path, 'it is no array of numbers');
  const sizes = shape as number[];
  const type = typeOf(dtype, path);
  const bytes = bytesOf(content, path);
  const count = elementCount(sizes);
  if (count * type.size !== bytes.length)
    throw problems.damaged(path, `its shape [${sizes.join(', ')}] needs ${count * type.size} bytes, and it has ${bytes.length}`);
  return {
    ...{ kind: 'dataset', shape: sizes, type, byteLength: bytes.length },
    read() {
      const values = readNumbers(bytes, type, count);
      return byColumns === true ? toRowMajor(values, sizes) : values;
    },
  };
}

const kinds: Readonly<Record<string, 'float' | 'signed' | 'unsigned'>> = {
  f: 'float',
  i: 'signed',
  u: 'unsigned',
  b: 'unsigned',
};

function typeOf(dtype: Pickled | undefined, path: string): Datatype {
  const code = isMade(dtype) && dtype.maker === 'numpy.dtype' ? dtype.args[0] : undefined;
  const [, letter = '', digits = ''] = /^(?=b1|f[248]|[iu][1248])(.)(.)$/.exec(typeof code === 'string' ? code : '') ?? [];
  const kind = kinds[letter];
  if (kind === undefined) throw problems.damaged(path, 'its numbers are of a type that is not read here');
  const order = isMade(dtype) && Array.isArray(dtype.state) ? dtype.state[1] : undefined;
  return { kind, size: Number(digits), littleEndian: order !== '>' };
}

/** Bytes; protocol 2 has none and says which letters of Latin-1 they would be. */
function bytesOf(content: Pickled | undefined, path: string): Uint8Array<ArrayBuffer> {
  if (content instanceof Uint8Array) return content;
  const letters = isMade(content) && content.maker === '_codecs.encode' ? content.args[0] : undefined;
  if (typeof letters !== 'string') throw problems.damaged(path, 'it is no array of numbers');
  return Uint8Array.from(letters, (letter) => letter.charCodeAt(0));
}
