/**
 * Which backend is fastest for the opened model: one batch on each candidate within a time budget, the first run (which compiles
 * shaders) apart. A GPU backend that is drawn by the processor in software is measured by nobody: it is named and never picked.
 */
import * as tf from '@tensorflow/tfjs-core';
import { checkpoint } from '../context.ts';
import { StudioError } from '../errors.ts';
import { elementCount, type Model } from '../model/model.ts';
import { type BackendName, requireDevice, startBackend, stopBackend } from './backends.ts';
import { createPredictor } from './executor.ts';

export interface ProbedBackend {
  readonly backend: BackendName;
  /** What the driver calls the device; empty for the processor. */
  readonly adapter: string;
  /** True for a GPU backend without a GPU behind it. */
  readonly software: boolean;
  /** The fastest of the batches after the first, milliseconds; absent where it was not measured. */
  readonly batchMs?: number;
  /** Why it was not measured. */
  readonly reason?: string;
}

export interface ProbeOptions {
  readonly model: Model;
  readonly inputShapes?: readonly (readonly number[])[];
  readonly candidates: readonly BackendName[];
  /** Samples of the batch. */
  readonly count?: number;
  /** For each candidate, its start apart. */
  readonly budgetMs?: number;
  readonly signal: AbortSignal;
}

export interface ProbeResult {
  /** The fastest, now the current backend. */
  readonly backend: BackendName;
  readonly probed: readonly ProbedBackend[];
}

const softwareNames = /swiftshader|llvmpipe|softpipe|lavapipe|basic render|software/i;

/** True for the names by which browsers and drivers call a GPU that the processor imitates. */
export function isSoftwareAdapter(name: string): boolean {
  return softwareNames.test(name);
}

type AdapterInfo = Readonly<Partial<Record<'vendor' | 'architecture' | 'device' | 'description', string>>> & {
  readonly isFallbackAdapter?: boolean;
};

interface GpuParts {
  /** TF.js keeps the vendor and the architecture only; newer browsers tell the rest at the device. */
  readonly adapterInfo?: AdapterInfo;
  readonly device?: { readonly adapterInfo?: AdapterInfo };
  readonly gpgpu?: { readonly gl: WebGLRenderingContext };
}

function webglRenderer(gl: WebGLRenderingContext): string {
  const extension = gl.getExtension('WEBGL_debug_renderer_info');
  return String(gl.getParameter(extension?.UNMASKED_RENDERER_WEBGL ?? gl.RENDERER) ?? '');
}

/** What the current backend runs on. */
export function describeDevice(): { readonly adapter: string; readonly software: boolean } {
  const { adapterInfo, device: gpu, gpgpu } = tf.backend() as unknown as GpuParts;
  if (gpgpu !== undefined) {
    const adapter = webglRenderer(gpgpu.gl);
    return { adapter, software: isSoftwareAdapter(adapter) };
  }
  if (tf.getBackend() !== 'webgpu') return { adapter: '', software: false };
  const info = gpu?.adapterInfo ?? adapterInfo ?? {};
  const adapter = [info.vendor, info.architecture, info.device, info.description].filter(Boolean).join(' ');
  return { adapter, software: info.isFallbackAdapter === true || isSoftwareAdapter(adapter) };
}

/** The fastest of up to five batches after the first, or undefined where not even the first ended within the budget. */
async function timeBatch({ model, inputShapes, count = 1, budgetMs = 2000, signal }: ProbeOptions): Promise<number | undefined> {
  const predictor = await createPredictor(model, inputShapes === undefined ? {} : { inputShapes });
  try {
    const inputs = predictor.inputShapes.map((shape) => new Float32Array(count * elementCount(shape)));
    const start = performance.now();
    let fastest: number | undefined;
    for (let run = 0; run <= 5; run++) {
      await checkpoint({ signal });
      const before = performance.now();
      await predictor.predict(inputs, count);
      const after = performance.now();
      if (after - start > budgetMs) break;
      if (run > 0) fastest = Math.min(fastest ?? Number.POSITIVE_INFINITY, after - before);
    }
    return fastest;
  } finally {
    predictor.dispose();
  }
}

async function probe(backend: BackendName, options: ProbeOptions): Promise<ProbedBackend> {
  let device = { adapter: '', software: false };
  try {
    await startBackend(backend);
    device = describeDevice();
    if (device.software)
      return { backend, ...device, reason: 'The processor imitates a GPU here, which is slower than using it directly.' };
    const batchMs = await timeBatch(options);
    if (batchMs !== undefined) return { backend, ...device, batchMs };
    return { backend, ...device, reason: `Two batches took longer than ${options.budgetMs ?? 2000} ms.` };
  } catch (error) {
    if (options.signal.aborted) throw error;
    const reason = error instanceof StudioError ? `${error.title} ${error.detail}` : `It failed: ${String(error)}`;
    return { backend, ...device, reason };
  }
}

/** True where a backend was running before the probe and must survive it. */
function isRunning(backend: string): boolean {
  try {
    requireDevice(backend);
    return true;
  } catch {
    return false;
  }
}

/**
 * Probes each candidate, makes the fastest the current backend and stops the others it started. A backend that ran before keeps
 * running, because models are loaded on it; where no candidate could be measured it stays the current one. Throws RUNTIME_BACKEND_UNAVAILABLE where nothing runs.
 */
export async function probeBackends(options: ProbeOptions): Promise<ProbeResult> {
  const before = tf.engine().backendName as BackendName | null;
  const kept = new Set(options.candidates.filter(isRunning));
  const probed: ProbedBackend[] = [];
  let fastest: ProbedBackend | undefined;
  try {
    for (const candidate of options.candidates) {
      options.signal.throwIfAborted();
      const result = await probe(candidate, options);
      probed.push(result);
      if (result.batchMs !== undefined && result.batchMs < (fastest?.batchMs ?? Number.POSITIVE_INFINITY)) fastest = result;
    }
  } finally {
    const choice = fastest?.backend ?? before ?? 'wasm';
    await startBackend(options.signal.aborted ? (before ?? 'wasm') : choice);
    for (const candidate of options.candidates) {
      if (candidate !== tf.getBackend() && !kept.has(candidate)) stopBackend(candidate);
    }
  }
  return { backend: tf.getBackend() as BackendName, probed };
}
