/** Sums of the parts that blocks left behind, in one order whatever the threads. */
import { address, int } from './lanes';

/** Floats of a block. */
const span: i32 = 4096;

/** Words: parts target | how many parts | floats of a part. */
export function sumParts(args: usize, begin: i32, end: i32, _scratch: usize): void {
  const parts = int(args, 2);
  const size = int(args, 3);
  const step = <usize>size << 2;
  for (let i = begin * span; i < min(size, end * span); ) {
    let from = address(args, 0) + (<usize>i << 2);
    const to = address(args, 1) + (<usize>i << 2);
    if (i + 4 <= size) {
      let sum = v128.load(from);
      for (let p = 1; p < parts; p++) sum = f32x4.add(sum, v128.load((from += step)));
      v128.store(to, sum);
      i += 4;
    } else {
      let sum = load<f32>(from);
      for (let p = 1; p < parts; p++) sum += load<f32>((from += step));
      store<f32>(to, sum);
      i += 1;
    }
  }
}
