/** Arrays kept for as long as they fit: the least recently used ones make room, so that together they never pass the cap. */

export interface ByteCache<Value extends ArrayBufferView> {
  /** What is held at this moment, bytes. */
  readonly bytes: number;
  get(key: string): Value | undefined;
  /** Keeps a value; one that is larger than the cap alone is not kept. */
  set(key: string, value: Value): void;
}

/** An empty cache that never holds more than `cap` bytes. */
export function createByteCache<Value extends ArrayBufferView>(cap: number): ByteCache<Value> {
  // A Map keeps the order in which keys were set: the first is the one that was not used for longest.
  const held = new Map<string, Value>();
  let bytes = 0;
  const drop = (key: string): void => {
    bytes -= held.get(key)?.byteLength ?? 0;
    held.delete(key);
  };
  return {
    get bytes() {
      return bytes;
    },
    get(key) {
      const value = held.get(key);
      if (value === undefined) return undefined;
      held.delete(key);
      held.set(key, value);
      return value;
    },
    set(key, value) {
      drop(key);
      if (value.byteLength > cap) return;
      for (const oldest of held.keys()) {
        if (bytes + value.byteLength <= cap) break;
        drop(oldest);
      }
      held.set(key, value);
      bytes += value.byteLength;
    },
  };
}
