/**
 * Batch normalization over the rows of a matrix of channels (Ioffe and Szegedy 2015), with its gradients. Moments are taken block by block, each
 * around its own mean, and put together by Chan, Golub and LeVeque's rule (1983), so that a large mean costs no digits;
 * what the deviations don't sum up to zero by mends both (Neely 1966).
 */
import { address, float, int, madd } from './lanes';
import { sumColumns } from './columns';

/** Words: x parts | rows channels | rows of a block. A part has means, then sums of squared deviations. */
export function momentParts(args: usize, begin: i32, end: i32, _scratch: usize): void {
  const rows = int(args, 2);
  const channels = int(args, 3);
  const tall = int(args, 4);
  const step = <usize>channels << 2;
  for (let block = begin; block < end; block++) {
    const means = address(args, 1) + 2 * <usize>block * step;
    const count = min(tall, rows - block * tall);
    const x = address(args, 0) + <usize>(block * tall) * step;
    sumColumns(x, count, channels, means);
    for (let c = 0; c < channels; c++) {
      const at = means + (<usize>c << 2);
      store<f32>(at, load<f32>(at) / <f32>count);
    }
    let c = 0;
    for (; c + 4 <= channels; c += 4) {
      let p = x + (<usize>c << 2);
      const at = means + (<usize>c << 2);
      const mean = v128.load(at);
      let sum = f32x4.splat(0);
      let left = f32x4.splat(0);
      // Two rows at once, so that no sum waits for the one before.
      let sum1 = sum;
      let left1 = left;
      let i = 0;
      for (; i + 2 <= count; i += 2) {
        const away = f32x4.sub(v128.load(p), mean);
        sum = madd(away, away, sum);
        left = f32x4.add(left, away);
        const away1 = f32x4.sub(v128.load(p + step), mean);
        sum1 = madd(away1, away1, sum1);
        left1 = f32x4.add(left1, away1);
        p += 2 * step;
      }
      if (i < count) {
        const away = f32x4.sub(v128.load(p), mean);
        sum = madd(away, away, sum);
        left = f32x4.add(left, away);
      }
      sum = f32x4.add(sum, sum1);
      left = f32x4.add(left, left1);
      const miss = f32x4.div(left, f32x4.splat(<f32>count));
      v128.store(at, f32x4.add(mean, miss));
      v128.store(at + step, f32x4.sub(sum, f32x4.mul(left, miss)));
    }
    for (; c < channels; c++) {
      let p = x + (<usize>c << 2);
      const at = means + (<usize>c << 2);
      const mean = load<f32>(at);
      let sum: f32 = 0;
      let left: f32 = 0;
      for (let i = 0; i < count; i++) {
        const away = load<f32>(p) - mean;
        sum += away * away;
        left += away;
        p += step;
      }
      const miss = left / <f32>count;
      store<f32>(at, mean + miss);
      store<f32>(at + step, sum - left * miss);
    }
  }
}

/** Words: parts mean variance | rows channels | rows of a block | how many parts. Variances divide by the rows. One block. */
export function moments(args: usize, begin: i32, end: i32, _scratch: usize): void {
  if (begin >= end) return;
  const rows = int(args, 3);
  const channels = int(args, 4);
  const tall = int(args, 5);
  const step = <usize>channels << 2;
  for (let c = 0; c < channels; c++) {
    const at = <usize>c << 2;
    let mean: f64 = 0;
    let squares: f64 = 0;
    let seen: f64 = 0;
    for (let part = 0; part < int(args, 6); part++) {
      const from = address(args, 0) + 2 * <usize>part * step + at;
      const count = <f64>min(tall, rows - part * tall);
      const away = <f64>load<f32>(from) - mean;
      squares += <f64>load<f32>(from + step) + (away * away * seen * count) / (seen + count);
      mean += (away * count) / (seen + count);
      seen += count;
    }
    store<f32>(address(args, 1) + at, <f32>mean);
    store<f32>(address(args, 2) + at, <f32>(squares / seen));
  }
}

/**
 * y = (x − mean) · γ / √(variance + ε) + β, clamped; γ and β may be absent (0).
 * Words: x y mean variance γ β | rows channels | rows of a block | ε | low high.
 */
export function normalize(args: usize, begin: i32, end: i32, scratch: usize): void {
  const channels = int(args, 7);
  const step = <usize>channels << 2;
  const scale = scratch;
  scales(args, 3, 4, channels, float(args, 9), scale);
  const shift = address(args, 5);
  const mean = address(args, 2);
  const low = f32x4.splat(float(args, 10));
  const high = f32x4.splat(float(args, 11));
  const first = begin * int(args, 8);
  const last = min(int(args, 6), end * int(args, 8));
  let x = address(args, 0) + <usize>first * step;
  let y = address(args, 1) + <usize>first * step;
  for (let i = first; i < last; i++) {
    let at: usize = 0;
    for (; at + 16 <= step; at += 16) {
      let value = f32x4.mul(f32x4.sub(v128.load(x + at), v128.load(mean + at)), v128.load(scale + at));
      if (shift) value = f32x4.add(value, v128.load(shift + at));
      v128.store(y + at, f32x4.pmin(f32x4.pmax(value, low), high));
    }
    for (; at < step; at += 4) {
      let value = (load<f32>(x + at) - load<f32>(mean + at)) * load<f32>(scale + at);
      if (shift) value += load<f32>(shift + at);
      if (value < float(args, 10)) value = float(args, 10);
      if (value > float(args, 11)) value = float(args, 11);
      store<f32>(y + at, value);
    }
    x += step;
    y += step;
  }
}

/** γ / √(variance + ε) of each channel, from the addresses in two words. */
function scales(args: usize, variance: usize, gamma: usize, channels: i32, epsilon: f32, to: usize): void {
  for (let c = 0; c < channels; c++) {
    const at = <usize>c << 2;
    const one: f32 = address(args, gamma) ? load<f32>(address(args, gamma) + at) : 1;
    store<f32>(to + at, one / Mathf.sqrt(load<f32>(address(args, variance) + at) + epsilon));
  }
}

/** What of dy passes back through the clamp behind a normalization: that where its output `y` (0: there is no clamp) lies between the bounds. */
@inline
function passed(dy: usize, y: usize, skip: usize, low: v128, high: v128): v128 {
  const slope = v128.load(dy + skip);
  if (!y) return slope;
  const value = v128.load(y + skip);
  return v128.and(slope, v128.and(f32x4.gt(value, low), f32x4.lt(value, high)));
}

@inline
function passedOne(dy: usize, y: usize, skip: usize, low: f32, high: f32): f32 {
  const slope = load<f32>(dy + skip);
  if (!y) return slope;
  const value = load<f32>(y + skip);
  return value > low && value < high ? slope : 0;
}

/** Sums of dy and of dy · (x − mean). Words: x dy mean parts | rows channels | rows of a block | output of the clamp, low high. */
export function normalizeGradientParts(args: usize, begin: i32, end: i32, _scratch: usize): void {
  const rows = int(args, 4);
  const channels = int(args, 5);
  const tall = int(args, 6);
  const step = <usize>channels << 2;
  const low = f32x4.splat(float(args, 8));
  const high = f32x4.splat(float(args, 9));
  for (let block = begin; block < end; block++) {
    const part = address(args, 3) + 2 * <usize>block * step;
    const count = min(tall, rows - block * tall);
    const skip = <usize>(block * tall) * step;
    let at: usize = 0;
    for (; at + 16 <= step; at += 16) {
      const mean = v128.load(address(args, 2) + at);
      let x = address(args, 0) + skip + at;
      let dy = address(args, 1) + skip + at;
      let y = address(args, 7) ? address(args, 7) + skip + at : 0;
      let sum = f32x4.splat(0);
      let product = f32x4.splat(0);
      let sum1 = sum;
      let product1 = product;
      let i = 0;
      for (; i + 2 <= count; i += 2) {
        const slope = passed(dy, y, 0, low, high);
        sum = f32x4.add(sum, slope);
        product = madd(slope, f32x4.sub(v128.load(x), mean), product);
        const slope1 = passed(dy, y, step, low, high);
        sum1 = f32x4.add(sum1, slope1);
        product1 = madd(slope1, f32x4.sub(v128.load(x + step), mean), product1);
        x += 2 * step;
        dy += 2 * step;
        y += y ? 2 * step : 0;
      }
      if (i < count) {
        const slope = passed(dy, y, 0, low, high);
        sum = f32x4.add(sum, slope);
        product = madd(slope, f32x4.sub(v128.load(x), mean), product);
      }
      v128.store(part + at, f32x4.add(sum, sum1));
      v128.store(part + step + at, f32x4.add(product, product1));
    }
    for (; at < step; at += 4) {
      const mean = load<f32>(address(args, 2) + at);
      let x = address(args, 0) + skip + at;
      let dy = address(args, 1) + skip + at;
      let y = address(args, 7) ? address(args, 7) + skip + at : 0;
      let sum: f32 = 0;
      let product: f32 = 0;
      for (let i = 0; i < count; i++) {
        const slope = passedOne(dy, y, 0, float(args, 8), float(args, 9));
        sum += slope;
        product += slope * (load<f32>(x) - mean);
        x += step;
        dy += step;
        y += y ? step : 0;
      }
      store<f32>(part + at, sum);
      store<f32>(part + step + at, product);
    }
  }
}

/**
 * dx = γ/σ · (dy − Σdy/n − (x − mean) · Σ dy(x − mean) / (n σ²)), σ² = variance + ε; block 0 also stores dβ = Σdy and dγ = Σ dy(x − mean)/σ.
 * Words: x dy dx mean variance γ sums dγ dβ | rows channels | rows of a block | ε | output of the clamp, low high. `sums` are the parts added up.
 */
export function normalizeGradient(args: usize, begin: i32, end: i32, scratch: usize): void {
  const rows = int(args, 9);
  const channels = int(args, 10);
  const step = <usize>channels << 2;
  const epsilon = float(args, 12);
  const scale = scratch;
  const slope = scratch + step;
  const sums = address(args, 6);
  scales(args, 4, 5, channels, epsilon, scale);
  for (let at: usize = 0; at < step; at += 4) {
    const product = load<f32>(sums + step + at);
    const spread = load<f32>(address(args, 4) + at) + epsilon;
    store<f32>(slope + at, product / (<f32>rows * spread));
    if (begin == 0) {
      store<f32>(address(args, 7) + at, product / Mathf.sqrt(spread));
      store<f32>(address(args, 8) + at, load<f32>(sums + at));
    }
    // From here on the mean of dy is wanted.
    store<f32>(scratch + 2 * step + at, load<f32>(sums + at) / <f32>rows);
  }
  const shift = scratch + 2 * step;
  const mean = address(args, 3);
  const low = f32x4.splat(float(args, 14));
  const high = f32x4.splat(float(args, 15));
  const first = begin * int(args, 11);
  const last = min(rows, end * int(args, 11));
  for (let i = first; i < last; i++) {
    const x = address(args, 0) + <usize>i * step;
    const dy = address(args, 1) + <usize>i * step;
    const dx = address(args, 2) + <usize>i * step;
    const y = address(args, 13) ? address(args, 13) + <usize>i * step : 0;
    let at: usize = 0;
    for (; at + 16 <= step; at += 16) {
      const away = f32x4.sub(v128.load(x + at), v128.load(mean + at));
      const left = f32x4.sub(f32x4.sub(passed(dy, y, at, low, high), v128.load(shift + at)), f32x4.mul(away, v128.load(slope + at)));
      v128.store(dx + at, f32x4.mul(left, v128.load(scale + at)));
    }
    for (; at < step; at += 4) {
      const away = load<f32>(x + at) - load<f32>(mean + at);
      const left = passedOne(dy, y, at, float(args, 14), float(args, 15)) - load<f32>(shift + at) - away * load<f32>(slope + at);
      store<f32>(dx + at, left * load<f32>(scale + at));
    }
  }
}
