/** Steps of an optimizer, and the norm of its gradients, on arrays that lie in the arena; small ones that don't are lent a place there. */
import type { StepArrays } from '../in-place.ts';
import { optimizerStep, spansOf, squareParts } from './kernels/optimizer.ts';
import type { Machine } from './machine.ts';

/** So many parameters fit the words of a kernel's arguments. */
const most = 400;

export function createStepper({ arena, borrow, run }: Machine) {
  const places = new WeakMap<Float32Array, number>();
  /** Calls `work` with the addresses of some arrays; those that lie elsewhere are copied. */
  function addressed(arrays: readonly Float32Array[], work: (addresses: readonly number[]) => void): void {
    const bytes = (array: Float32Array) => (places.has(array) ? 0 : 16 * Math.ceil(array.length / 4));
    const total = arrays.reduce((sum, array) => sum + bytes(array), 0);
    borrow(total, (start) => {
      let next = start;
      const addresses = arrays.map((array) => {
        const known = places.get(array);
        if (known !== undefined) return known;
        const place = next;
        new Float32Array(arena.memory.buffer, place, array.length).set(array);
        next += bytes(array);
        return place;
      });
      work(addresses);
    });
  }

  function stepSome(kind: 'adam' | 'momentum', rate: number, floor: number, parameters: readonly StepArrays[]): void {
    const [gradients, paces] = [parameters.map(({ gradient }) => gradient), parameters.flatMap((each) => each.paces ?? [])];
    addressed([...gradients, ...paces], (addresses) => {
      let pace = gradients.length;
      const list = parameters.map(({ values, first, second, paces: own, decay }, i) => ({
        ...{ values: places.get(values) as number, first: places.get(first) as number, gradient: addresses[i] as number },
        second: second === undefined ? 0 : (places.get(second) as number),
        paces: own === undefined ? 0 : (addresses[pace++] as number),
        ...{ count: values.length, decay },
      }));
      const numbers = list.reduce((sum, { count }) => sum + count, 0);
      run(optimizerStep, { kind, rate, floor, parameters: list }, 8 * numbers);
    });
  }

  return {
    /** Remembers where an array lies; good until what it belongs to is freed. */
    know(array: Float32Array, address: number): void {
      places.set(array, address);
    },
    step(kind: 'adam' | 'momentum', rate: number, floor: number, parameters: readonly StepArrays[]): boolean {
      const changed = parameters.flatMap(({ values, first, second }) => [values, first, ...(second ? [second] : [])]);
      if (!changed.every((array) => places.has(array))) return false;
      for (let from = 0; from < parameters.length; from += most) stepSome(kind, rate, floor, parameters.slice(from, from + most));
      return true;
    },
    sumOfSquares(arrays: readonly Float32Array[]): number {
      let total = 0;
      for (let from = 0; from < arrays.length; from += most) {
        const some = arrays.slice(from, from + most);
        addressed(some, (addresses) => {
          const list = some.map(({ length }, i) => ({ address: addresses[i] as number, count: length }));
          const blocks = spansOf(list);
          borrow(8 * blocks, (parts) => {
            run(
              squareParts,
              { arrays: list, parts },
              some.reduce((sum, { length }) => sum + length, 0),
            );
            for (const part of new Float64Array(arena.memory.buffer, parts, blocks)) total += part;
          });
        });
      }
      return total;
    },
  };
}
