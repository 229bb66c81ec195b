/**
 * Which taps of a window count at a place, by rows and by columns: lists made once, so that no loop over channels asks. A list has a count and
 * then pairs: the index on the other side, and the index of the tap. The shape stands in words 4 to 18, see `convolution.ts`.
 */
import { int } from './lanes';

/** Bytes of one list. */
@inline
export function listBytes(taps: i32): usize {
  return <usize>(1 + 2 * taps) << 2;
}

/** For each of `places` outputs the inputs below its window. Axis 0 is down, 1 across. Gives the address behind the lists. */
export function inputLists(args: usize, axis: usize, to: usize): usize {
  const size = int(args, 5 + axis);
  const taps = int(args, 11 + axis);
  for (let place = 0; place < int(args, 8 + axis); place++) {
    let count = 0;
    for (let tap = 0; tap < taps; tap++) {
      const at = place * int(args, 13 + axis) - int(args, 17 + axis) + tap * int(args, 15 + axis);
      if (at >= 0 && at < size) count = enter(to, count, at, tap);
    }
    store<i32>(to, count);
    to += listBytes(taps);
  }
  return to;
}

/** For each input the outputs whose windows it is in. */
export function outputLists(args: usize, axis: usize, to: usize): usize {
  const size = int(args, 8 + axis);
  const taps = int(args, 11 + axis);
  const stride = int(args, 13 + axis);
  for (let place = 0; place < int(args, 5 + axis); place++) {
    let count = 0;
    for (let tap = 0; tap < taps; tap++) {
      const away = place + int(args, 17 + axis) - tap * int(args, 15 + axis);
      if (away >= 0 && away % stride == 0 && away / stride < size) count = enter(to, count, away / stride, tap);
    }
    store<i32>(to, count);
    to += listBytes(taps);
  }
  return to;
}

@inline
function enter(list: usize, count: i32, other: i32, tap: i32): i32 {
  const at = list + (<usize>count << 3);
  store<i32>(at, other, 4);
  store<i32>(at, tap, 8);
  return count + 1;
}

/** The pairs of a row's and a column's list: address offsets on the other side, and of the tap; gives how many. */
export function joinLists(
  row: usize,
  column: usize,
  otherRow: usize,
  otherColumn: usize,
  tapRow: usize,
  tapColumn: usize,
  to: usize,
): i32 {
  const down = load<i32>(row);
  const across = load<i32>(column);
  for (let i = 0; i < down; i++) {
    const y = row + (<usize>i << 3);
    const other = <usize>load<i32>(y, 4) * otherRow;
    const tap = <usize>load<i32>(y, 8) * tapRow;
    for (let j = 0; j < across; j++) {
      const x = column + (<usize>j << 3);
      store<u32>(to, <u32>(other + <usize>load<i32>(x, 4) * otherColumn));
      store<u32>(to, <u32>(tap + <usize>load<i32>(x, 8) * tapColumn), 4);
      to += 8;
    }
  }
  return down * across;
}

/** How many lists from this one on, `step` bytes apart and `most` at the most, have the same taps: the next such place is as far on each time. */
export function alike(list: usize, step: usize, most: i32): i32 {
  const count = load<i32>(list);
  const tap = load<i32>(list, 8);
  let same = 1;
  for (let next = list + step; same < most; next += step) {
    if (load<i32>(next) != count || (count > 0 && load<i32>(next, 8) != tap)) break;
    same++;
  }
  return same;
}
