import * as tf from '@tensorflow/tfjs-core';
import { afterEach, describe, expect, it } from 'vitest';
import { perceptron } from '../../../bench/nets.ts';
import { startBackend, stopBackend } from './backends.ts';
import { describeDevice, isSoftwareAdapter, probeBackends } from './probe.ts';

const { signal } = new AbortController();
const model = perceptron();

afterEach(() => {
  for (const name of ['cpu', 'webgl', 'wasm'] as const) stopBackend(name);
});

describe('isSoftwareAdapter', () => {
  it.each([
    ['ANGLE (Google, Vulkan 1.3.0 (SwiftShader Device (Subzero)), SwiftShader driver)', true],
    ['llvmpipe (LLVM 15.0.7, 256 bits)', true],
    ['ANGLE (Microsoft, Microsoft Basic Render Driver Direct3D11)', true],
    ['google swiftshader', true],
    ['ANGLE (NVIDIA, NVIDIA GeForce RTX 3060 Direct3D11)', false],
    ['apple metal-3', false],
    ['', false],
  ])('%s: %s', (name, software) => expect(isSoftwareAdapter(name)).toBe(software));
});

/** A backend that is present but drawn in software, as headless Chromium offers it. */
function offerSoftwareWebgl(): void {
  const gl = {
    RENDERER: 1,
    getExtension: () => ({ UNMASKED_RENDERER_WEBGL: 2 }),
    getParameter: (name: number) => (name === 2 ? 'SwiftShader' : 'WebKit WebGL'),
    isContextLost: () => false,
  };
  tf.registerBackend('webgl', () =>
    Object.assign(Object.create(tf.KernelBackend.prototype), { gpgpu: { gl }, dispose: () => undefined }),
  );
}

describe('probeBackends', () => {
  it('measures what runs, says why the rest does not, and frees every tensor', async () => {
    const { backend, probed } = await probeBackends({ model, candidates: ['webgpu', 'cpu'], signal });
    expect(backend).toBe('cpu');
    expect(tf.getBackend()).toBe('cpu');
    expect(probed[0]).toMatchObject({ backend: 'webgpu', software: false, reason: expect.stringContaining('cannot start here') });
    expect(probed[1]).toMatchObject({ backend: 'cpu', batchMs: expect.any(Number) });
    expect(tf.memory().numTensors).toBe(0);
    await expect(startBackend('webgpu')).rejects.toMatchObject({
      code: 'RUNTIME_BACKEND_UNAVAILABLE',
      context: { backend: 'webgpu' },
    });
  });

  it('never picks a software adapter, and stops it', async () => {
    offerSoftwareWebgl();
    const { backend, probed } = await probeBackends({ model, candidates: ['webgl', 'cpu'], signal });
    expect(backend).toBe('cpu');
    expect(probed[0]).toEqual({
      backend: 'webgl',
      adapter: 'SwiftShader',
      software: true,
      reason: 'The processor imitates a GPU here, which is slower than using it directly.',
    });
    expect(tf.engine().registry.webgl).toBeUndefined();
  });

  it('keeps a backend that ran before, and returns to it where nothing could be measured in time', async () => {
    await startBackend('wasm');
    const { backend, probed } = await probeBackends({ model, candidates: ['cpu'], budgetMs: 0, signal });
    expect(probed[0]).toMatchObject({ backend: 'cpu', reason: 'Two batches took longer than 0 ms.' });
    expect(backend).toBe('wasm');
    expect(tf.engine().registry.cpu).toBeUndefined();
  });

  it('stops at the next candidate when it is cancelled, and leaves the backend as it was', async () => {
    await startBackend('wasm');
    const controller = new AbortController();
    controller.abort();
    await expect(probeBackends({ model, candidates: ['cpu'], signal: controller.signal })).rejects.toThrow();
    expect(tf.getBackend()).toBe('wasm');
  });

  it('tells a WebGPU adapter by what the browser says of the device, else by what TF.js kept', async () => {
    await startBackend('cpu');
    expect(describeDevice()).toEqual({ adapter: '', software: false });
    const parts: Record<string, unknown> = {
      adapterInfo: { vendor: 'google', architecture: 'swiftshader' },
      dispose: () => undefined,
    };
    tf.registerBackend('webgpu', () => Object.assign(Object.create(tf.KernelBackend.prototype), parts));
    await startBackend('webgpu');
    expect(describeDevice()).toEqual({ adapter: 'google swiftshader', software: true });
    Object.assign(tf.backend(), { device: { adapterInfo: { vendor: 'intel', architecture: 'xe', isFallbackAdapter: false } } });
    expect(describeDevice()).toEqual({ adapter: 'intel xe', software: false });
    stopBackend('webgpu');
  });
});
