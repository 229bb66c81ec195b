/** Sums of the rows of a tensor that carry the same number: the gradient of a table whose rows were looked up. The backend has no such kernel. */
import type { TensorInfo } from '@tensorflow/tfjs-core';
import { allocate, type Heap, view } from './heap.ts';

export interface SegmentAttrs {
  readonly numSegments: number;
}

/** Row s of the result is the sum of all rows r of x with segmentIds[r] = s; numbers out of range count nowhere, as in TensorFlow. */
export function segmentSum(heap: Heap, x: TensorInfo, segmentIds: TensorInfo, { numSegments }: SegmentAttrs): TensorInfo {
  const rest = x.shape.slice(segmentIds.shape.length);
  const width = rest.reduce((product, size) => product * size, 1);
  const result = allocate(heap, [numSegments, ...rest]);
  const [rows, sums] = [view(heap, x), view(heap, result).fill(0)];
  heap.typedArrayFromHeap(segmentIds).forEach((segment, row) => {
    if (segment < 0 || segment >= numSegments) return;
    for (let i = 0; i < width; i++) {
      sums[segment * width + i] = (sums[segment * width + i] as number) + (rows[row * width + i] as number);
    }
  });
  return result;
}
