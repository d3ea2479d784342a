// A session of ONNX Runtime's Node addon, on one of its execution providers.
import type { Tensor } from 'onnxruntime-common';
import type { Binding, NativeSession } from './binding.ts';
import type { Session, SessionSettings } from './sessions.ts';
import { providerOption, withoutFaultyOptimizers } from './sessions.ts';

/** Creates a session. Rejects with ONNX Runtime's error if it rejects the model. */
export async function createSession(
  { InferenceSession }: Binding,
  model: Uint8Array,
  settings: SessionSettings,
): Promise<Session> {
  await idle();
  const session = new InferenceSession();
  session.loadModel(model.buffer, model.byteOffset, model.byteLength, optionsOf(settings));
  return new AddonSession(session);
}

function optionsOf({ provider, threads }: SessionSettings): object {
  // The first option disables the silent fallback to the CPU for nodes without a kernel. The second avoids kernels
  // whose order of sums is not fixed, if there are alternatives.
  const strict = { session: { disable_cpu_ep_fallback: '1', use_deterministic_compute: '1' } };
  return {
    executionProviders: [providerOption(provider)],
    intraOpNumThreads: threads,
    interOpNumThreads: 1,
    executionMode: 'sequential',
    graphOptimizationLevel: 'all',
    // Errors are thrown anyway, and the library would log directly to stderr.
    logSeverityLevel: 4,
    extra: { ...withoutFaultyOptimizers, ...(provider === 'cpu' ? {} : strict) },
  };
}

class AddonSession implements Session {
  readonly inputNames: readonly string[];
  readonly #session: NativeSession;

  constructor(session: NativeSession) {
    this.#session = session;
    this.inputNames = session.inputMetadata.map(({ name }) => name);
  }

  async run(
    feeds: Readonly<Record<string, Tensor>>,
    outputs: readonly string[],
  ): Promise<Readonly<Record<string, Tensor>>> {
    await idle();
    return this.#session.run(feeds, Object.fromEntries(outputs.map((name) => [name, null])), {});
  }

  release(): Promise<void> {
    this.#session.dispose();
    return Promise.resolve();
  }
}

/**
 * Yields to the event loop once, so that timers, signals and input are handled first: the next call blocks the thread
 * for a long time.
 */
function idle(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
