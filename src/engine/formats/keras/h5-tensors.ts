/** Tensors in HDF5 groups, whatever the groups are called after. */
import { float32 } from '../../model/encoding.ts';
import type { Hdf5Dataset, Hdf5Group } from '../hdf5/index.ts';
import type { StoredTensor } from './bind.ts';

/** Bytes of all tensors below a group, each object counted once per link and at most a million links. */
export function storedBytes(group: Hdf5Group): number {
  let bytes = 0;
  let links = 0;
  const walk = (current: Hdf5Group, depth: number): void => {
    for (const name of current.names) {
      const child = current.get(name);
      if (++links > 1e6 || depth > 32) return;
      if (child?.kind === 'dataset') bytes += child.byteLength;
      else if (child !== undefined) walk(child, depth + 1);
    }
  };
  walk(group, 0);
  return bytes;
}

/** A dataset as a tensor to be paired. */
export function storedTensor(name: string, dataset: Hdf5Dataset): StoredTensor {
  return {
    name,
    shape: dataset.shape,
    isByte: dataset.type.kind === 'signed' && dataset.type.size === 1,
    load() {
      const values = dataset.read();
      if (values instanceof Float64Array) return { values: Float32Array.from(values), encoding: float32, converted: true };
      const half = dataset.type.kind === 'float' && dataset.type.size === 2;
      return { values, encoding: half ? { kind: 'float16' } : float32, converted: false };
    },
  };
}
