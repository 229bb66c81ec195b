/**
 * Before each file of unit tests. Files share the TF.js of their worker, which takes longer to load than most take to run: each
 * finds it as its packages left it, with the processor's backends to be started and none running.
 */
import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import '@tensorflow/tfjs-backend-wasm';

type Factory = NonNullable<ReturnType<typeof tf.findBackendFactory>>;

/** Outlives the modules of a file: what the packages registered when they were loaded, which they do once. */
const kept = globalThis as { backendFactories?: ReadonlyMap<string, Factory> };

const factoryOf = (name: string): Factory => {
  const factory = tf.findBackendFactory(name);
  if (factory === null) throw new Error(`The package of ${name} registers it.`);
  return factory;
};

kept.backendFactories ??= new Map(['cpu', 'wasm'].map((name) => [name, factoryOf(name)]));
for (const name of Object.keys(tf.engine().registryFactory)) tf.removeBackend(name);
tf.engine().reset();
for (const [name, factory] of kept.backendFactories) tf.registerBackend(name, factory);
