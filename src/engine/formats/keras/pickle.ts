/**
 * Python pickles of protocols 2 to 5 (CPython's Lib/pickletools.py) as plain data, and nothing else: what a pickle would call is not called but
 * kept as a record of its name and arguments, and a name that the reader did not allow ends the reading. Each opcode takes at least one
 * byte and makes at most one value, and there is a limit to both, so that a pickle can't grow. What refers to what may form circles.
 */
import { problems } from '../problems.ts';

export type Pickled = null | boolean | number | string | Bytes | Pickled[] | Map<Pickled, Pickled> | Named | Made;

type Bytes = Uint8Array<ArrayBuffer>;

/** A class or function of Python, by its module and name. */
export interface Named {
  readonly kind: 'named';
  readonly name: string;
}

/** What `maker` would have made of `args`, with the state that was given to it afterwards. */
export interface Made {
  readonly kind: 'made';
  readonly maker: string;
  readonly args: readonly Pickled[];
  state: Pickled;
}

/** Far more than a layer's variables need. */
const maximumSteps = 1e6;

/** Reads one pickle; `allows` says which names it may mention (`numpy.ndarray`). Throws FORMAT_DAMAGED or FORMAT_PICKLE. */
export function readPickle(bytes: Bytes, path: string, allows: (name: string) => boolean): Pickled {
  const machine = new Machine(bytes, path, allows);
  for (let steps = 0; steps < maximumSteps; steps++) if (machine.step()) return machine.pop();
  throw problems.damaged(path, `its pickle takes more than ${maximumSteps} steps`);
}

export const isMade = (value: Pickled | undefined): value is Made =>
  typeof value === 'object' && value !== null && 'kind' in value && value.kind === 'made';

export const isNamed = (value: Pickled | undefined): value is Named =>
  typeof value === 'object' && value !== null && 'kind' in value && value.kind === 'named';

/** The stack machine that pickles are programs of. */
class Machine {
  readonly #bytes: Bytes;
  readonly #view: DataView;
  readonly #path: string;
  readonly #allows: (name: string) => boolean;
  readonly #memo = new Map<number, Pickled>();
  #stack: Pickled[] = [];
  readonly #marked: Pickled[][] = [];
  #at = 0;

  constructor(bytes: Bytes, path: string, allows: (name: string) => boolean) {
    [this.#bytes, this.#path, this.#allows] = [bytes, path, allows];
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  /** Carries out one opcode; true at the end. */
  step(): boolean {
    const code = this.#take(1)[0] as number;
    if (code === 0x2e) return true;
    const act = opcodes[code];
    if (act === undefined) throw this.damaged(`its pickle has the opcode 0x${code.toString(16)}, which none of an array has`);
    act(this);
    return false;
  }

  damaged(what: string): Error {
    return problems.damaged(this.#path, what);
  }

  #take(count: number): Bytes {
    if (!(count >= 0 && count <= this.#bytes.length - this.#at)) throw this.damaged('its pickle is cut off');
    this.#at += count;
    return this.#bytes.subarray(this.#at - count, this.#at);
  }

  #number(size: number, read: (view: DataView, at: number) => number): number {
    this.#take(size);
    return read(this.#view, this.#at - size);
  }

  u8 = (): number => this.#number(1, (view, at) => view.getUint8(at));
  u16 = (): number => this.#number(2, (view, at) => view.getUint16(at, true));
  u32 = (): number => this.#number(4, (view, at) => view.getUint32(at, true));
  u64 = (): number => this.#number(8, (view, at) => Number(view.getBigUint64(at, true)));
  i32 = (): number => this.#number(4, (view, at) => view.getInt32(at, true));
  f64 = (): number => this.#number(8, (view, at) => view.getFloat64(at, false));

  /** Little-endian two's complement of any length; what doubles can't hold is rounded. */
  long(count: number): number {
    const digits = this.#take(count);
    const top = digits.at(-1) ?? 0;
    return digits.reduceRight((sum, digit) => sum * 256 + digit, 0) - (top > 127 ? 256 ** digits.length : 0);
  }

  bytes = (count: number): Bytes => this.#take(count);
  text = (count: number): string => new TextDecoder().decode(this.#take(count));

  line(): string {
    const end = this.#bytes.indexOf(10, this.#at);
    if (end < 0) throw this.damaged('its pickle is cut off');
    const line = this.text(end - this.#at);
    this.#at = end + 1;
    return line;
  }

  push(value: Pickled): void {
    this.#stack.push(value);
  }

  pop(): Pickled {
    const value = this.#stack.pop();
    if (value === undefined) throw this.damaged('its pickle takes more than it gave');
    return value;
  }

  top(): Pickled {
    const value = this.pop();
    this.push(value);
    return value;
  }

  mark(): void {
    this.#marked.push(this.#stack);
    this.#stack = [];
  }

  /** Everything since the last mark, which is taken away with it. */
  sinceMark(): Pickled[] {
    const values = this.#stack;
    const before = this.#marked.pop();
    if (before === undefined) throw this.damaged('its pickle lacks a mark');
    this.#stack = before;
    return values;
  }

  remember(key = this.#memo.size): void {
    this.#memo.set(key, this.top());
  }

  recall(key: number): void {
    const value = this.#memo.get(key);
    if (value === undefined) throw this.damaged('its pickle recalls what it never held');
    this.push(value);
  }

  name(module: Pickled, name: Pickled): void {
    if (typeof module !== 'string' || typeof name !== 'string') throw this.damaged('its pickle names something without a name');
    const full = `${module}.${name}`;
    if (!this.#allows(full)) throw problems.pickle(this.#path, full.slice(0, 100));
    this.push({ kind: 'named', name: full });
  }

  make(): void {
    const args = this.pop();
    const maker = this.pop();
    if (!Array.isArray(args)) throw this.damaged('its pickle makes something of nothing');
    // What a partial function would make is told by the partial itself: TensorFlow's variables are such.
    if (isMade(maker) && maker.maker === 'functools.partial') this.push(maker);
    else if (isNamed(maker)) this.push({ kind: 'made', maker: maker.name, args, state: null });
    else throw this.damaged('its pickle makes something of nothing');
  }

  append(values: readonly Pickled[]): void {
    const list = this.top();
    if (!Array.isArray(list)) throw this.damaged('its pickle adds to what is no list');
    for (const value of values) list.push(value);
  }

  assign(entries: readonly Pickled[]): void {
    const map = this.top();
    if (!(map instanceof Map)) throw this.damaged('its pickle adds to what is no dictionary');
    fill(map, entries);
  }

  build(): void {
    const state = this.pop();
    const made = this.top();
    if (!isMade(made)) throw this.damaged('its pickle gives a state to what has none');
    made.state = state;
  }
}

function fill(map: Map<Pickled, Pickled>, entries: readonly Pickled[]): Map<Pickled, Pickled> {
  for (let i = 0; i + 1 < entries.length; i += 2) map.set(entries[i] as Pickled, entries[i + 1] as Pickled);
  return map;
}

/** The opcodes that Python's own pickler writes for numbers, texts, bytes, lists, dictionaries and objects. */
const opcodes: Readonly<Record<number, (machine: Machine) => void>> = {
  // PROTO, FRAME: nothing to do but to pass their numbers.
  128: (m) => void m.u8(),
  149: (m) => void m.u64(),
  // MARK, POP, POP_MARK, DUP
  40: (m) => m.mark(),
  48: (m) => void m.pop(),
  49: (m) => void m.sinceMark(),
  50: (m) => m.push(m.top()),
  // NONE, NEWTRUE, NEWFALSE
  78: (m) => m.push(null),
  136: (m) => m.push(true),
  137: (m) => m.push(false),
  // BININT, BININT1, BININT2, LONG1, LONG4, BINFLOAT
  74: (m) => m.push(m.i32()),
  75: (m) => m.push(m.u8()),
  77: (m) => m.push(m.u16()),
  138: (m) => m.push(m.long(m.u8())),
  139: (m) => m.push(m.long(m.u32())),
  71: (m) => m.push(m.f64()),
  // BINUNICODE, SHORT_BINUNICODE, BINUNICODE8
  88: (m) => m.push(m.text(m.u32())),
  140: (m) => m.push(m.text(m.u8())),
  141: (m) => m.push(m.text(m.u64())),
  // BINBYTES, SHORT_BINBYTES, BINBYTES8, BYTEARRAY8
  66: (m) => m.push(m.bytes(m.u32())),
  67: (m) => m.push(m.bytes(m.u8())),
  142: (m) => m.push(m.bytes(m.u64())),
  150: (m) => m.push(m.bytes(m.u64())),
  // EMPTY_TUPLE, TUPLE, TUPLE1 … TUPLE3
  41: (m) => m.push([]),
  116: (m) => m.push(m.sinceMark()),
  133: (m) => m.push([m.pop()]),
  134: (m) => m.push([m.pop(), m.pop()].reverse()),
  135: (m) => m.push([m.pop(), m.pop(), m.pop()].reverse()),
  // EMPTY_SET, EMPTY_LIST, APPEND, APPENDS, EMPTY_DICT, SETITEM, SETITEMS
  143: (m) => m.push([]),
  93: (m) => m.push([]),
  97: (m) => m.append([m.pop()]),
  101: (m) => m.append(m.sinceMark()),
  125: (m) => m.push(new Map()),
  115: (m) => m.assign([m.pop(), m.pop()].reverse()),
  117: (m) => m.assign(m.sinceMark()),
  // BINPUT, LONG_BINPUT, MEMOIZE, BINGET, LONG_BINGET
  113: (m) => m.remember(m.u8()),
  114: (m) => m.remember(m.u32()),
  148: (m) => m.remember(),
  104: (m) => m.recall(m.u8()),
  106: (m) => m.recall(m.u32()),
  // GLOBAL, STACK_GLOBAL
  99: (m) => m.name(m.line(), m.line()),
  147: (m) => m.name(...([m.pop(), m.pop()].reverse() as [Pickled, Pickled])),
  // REDUCE, NEWOBJ, BUILD
  82: (m) => m.make(),
  129: (m) => m.make(),
  98: (m) => m.build(),
};
