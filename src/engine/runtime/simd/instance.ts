/** The kernel module over a memory: one instance per thread. */

/** What a kernel is in the module. */
export type KernelFunction = (args: number, begin: number, end: number, scratch: number) => void;

/** The kernels of a module over a memory, in the order of their names. */
export async function instantiate(module: WebAssembly.Module, memory: WebAssembly.Memory): Promise<Map<string, KernelFunction>> {
  const abort = () => {
    throw new Error('A kernel stopped itself.');
  };
  const { exports } = await WebAssembly.instantiate(module, { env: { memory, abort } });
  const functions = Object.entries(exports).filter((entry): entry is [string, KernelFunction] => typeof entry[1] === 'function');
  return new Map(functions.sort(([a], [b]) => (a < b ? -1 : 1)));
}
