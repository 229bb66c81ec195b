/**
 * Starts and stops the TF.js backends, each package imported only when it is asked for. Think of a backend as a device: it may be
 * absent, it may be lost while running, and a lost GPU context answers zeros instead of failing, so that whoever reads results
 * asks `requireDevice` first.
 */
import * as tf from '@tensorflow/tfjs-core';
import { StudioError } from '../errors.ts';
import type { SimdSettings } from './simd/index.ts';

/** `simd-plain` is `simd` without fused multiply-add: in every engine the same bits. */
export const backendNames = ['simd', 'simd-plain', 'wasm', 'webgl', 'webgpu', 'cpu'] as const;
export type BackendName = (typeof backendNames)[number];

export interface BackendSettings {
  /** Folder of TF.js' .wasm files (ends in a slash), or their addresses by name; in Node the package finds its own. */
  readonly wasmPaths?: string | Readonly<Record<string, string>>;
  /** Threads of our own kernels, and how one starts; a single one where absent. */
  readonly simd?: SimdSettings;
}

let settings: BackendSettings = {};
const factories = new Map<string, () => tf.KernelBackend | Promise<tf.KernelBackend>>();
const lost = new Set<string>();

/** Says where the backends' files lie; call it before the first backend starts. */
export function configureBackends(next: BackendSettings): void {
  settings = next;
}

async function simdPackage(): Promise<void> {
  const { registerSimdBackends } = await import('./simd/index.ts');
  registerSimdBackends(() => settings.simd ?? {});
}

const packages: Readonly<Record<BackendName, () => Promise<unknown>>> = {
  simd: simdPackage,
  'simd-plain': simdPackage,
  async wasm() {
    const { setWasmPaths } = await import('@tensorflow/tfjs-backend-wasm');
    if (settings.wasmPaths !== undefined) setWasmPaths(settings.wasmPaths);
    // The threaded build was measured to bring nothing, and it needs isolation headers.
    tf.env().set('WASM_HAS_MULTITHREAD_SUPPORT', false);
  },
  webgl: () => import('@tensorflow/tfjs-backend-webgl'),
  webgpu: () => import('@tensorflow/tfjs-backend-webgpu'),
  cpu: () => import('@tensorflow/tfjs-backend-cpu'),
};

function unavailable(name: BackendName, cause: unknown): StudioError {
  const reason = cause instanceof Error ? cause.message : undefined;
  return new StudioError(
    {
      code: 'RUNTIME_BACKEND_UNAVAILABLE',
      title: `The backend "${name}" cannot start here.`,
      detail: reason === undefined ? 'This browser or device does not offer it.' : `It says: ${reason}`,
      hint: 'Choose another backend; "wasm" runs everywhere.',
      context: { backend: name },
    },
    cause,
  );
}

/** The package's own recipe for the backend, kept because TF.js forgets it when a backend is removed. */
async function register(name: BackendName): Promise<void> {
  if (!factories.has(name)) {
    // Silences the advice that TF.js prints in Node.
    tf.enableProdMode();
    await packages[name]();
    const factory = tf.findBackendFactory(name);
    if (factory !== null) factories.set(name, factory);
  }
  const factory = factories.get(name);
  if (factory !== undefined && tf.findBackendFactory(name) === null) tf.registerBackend(name, factory);
}

interface GpuParts {
  readonly device?: { readonly lost: Promise<unknown> };
  readonly gpgpu?: { readonly gl: { isContextLost(): boolean } };
}

/** Makes a backend the current one, starting it where needed. Throws RUNTIME_BACKEND_UNAVAILABLE. */
export async function startBackend(name: BackendName): Promise<void> {
  const running = tf.engine().registry[name] !== undefined;
  try {
    await register(name);
    if (!(await tf.setBackend(name))) throw unavailable(name, undefined);
  } catch (cause) {
    throw cause instanceof StudioError ? cause : unavailable(name, cause);
  }
  if (running) return;
  lost.delete(name);
  const { device } = tf.backend() as unknown as GpuParts;
  void device?.lost.then(() => {
    lost.add(name);
  });
}

/** The backend that is current. */
export function currentBackend(): BackendName {
  return tf.getBackend() as BackendName;
}

/** Whether a backend's tensors lie in the memory of the processor, which has computed them when a call returns. */
export function isProcessor(backend: string): boolean {
  return backend !== 'webgl' && backend !== 'webgpu';
}

/**
 * Starts the fastest backend of the processor that runs here: our own kernels, `exact` in the same bits everywhere, else those of TF.js.
 * Throws RUNTIME_BACKEND_UNAVAILABLE where there is none.
 */
export async function startProcessor({ exact = false } = {}): Promise<BackendName> {
  try {
    await startBackend(exact ? 'simd-plain' : 'simd');
  } catch {
    await startBackend('wasm');
  }
  return currentBackend();
}

/** Frees a backend and every tensor on it; the current backend is then undefined until another starts. */
export function stopBackend(name: BackendName): void {
  if (tf.engine().registry[name] !== undefined) tf.removeBackend(name);
  lost.delete(name);
}

/** Throws RUNTIME_DEVICE_LOST where the backend's device went away, or the backend was stopped. */
export function requireDevice(name: string): void {
  const running = tf.engine().registry[name] as unknown as GpuParts | undefined;
  if (running !== undefined && !lost.has(name) && running.gpgpu?.gl.isContextLost() !== true) return;
  throw new StudioError({
    code: 'RUNTIME_DEVICE_LOST',
    title: `The device behind "${name}" went away.`,
    detail: 'The browser took it back, or its driver failed; what was in its memory is gone.',
    hint: 'The work continues on another backend. Reload the page to try this one again.',
    context: { backend: name },
  });
}

/** True for the error of a device that went away, or whose kernel stopped, after which the same work may be done on another backend. */
export function isDeviceLoss(error: unknown): boolean {
  return error instanceof StudioError && (error.code === 'RUNTIME_DEVICE_LOST' || error.code === 'RUNTIME_KERNEL');
}

/** Runs work on a backend, and turns whatever a lost device causes into RUNTIME_DEVICE_LOST. */
export async function onDevice<T>(backend: string, work: () => Promise<T>): Promise<T> {
  requireDevice(backend);
  // A loop, because other work may switch the backend while this waits.
  while (tf.getBackend() !== backend) await tf.setBackend(backend);
  try {
    return await work();
  } catch (error) {
    // A GPU's pending work may fail a moment before the browser says that the device is gone.
    await new Promise((resolve) => setTimeout(resolve));
    throw error;
  } finally {
    requireDevice(backend);
  }
}
