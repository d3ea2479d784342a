// A session of ONNX Runtime's over its Node addon, on one of its execution providers.
import type { Tensor } from 'onnxruntime-common';
import type { Binding, NativeSession } from './binding.ts';
import type { Session, SessionSettings } from './sessions.ts';
import { providerOption, withoutFaultyOptimizers } from './sessions.ts';

/** @throws (rejects) what ONNX Runtime says of a model that it does not take */
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
  // Nodes that a provider has no kernel for would run on the cpu without a word, and kernels that add in any order are left out
  // where there are others.
  const strict = { session: { disable_cpu_ep_fallback: '1', use_deterministic_compute: '1' } };
  return {
    executionProviders: [providerOption(provider)],
    intraOpNumThreads: threads,
    interOpNumThreads: 1,
    executionMode: 'sequential',
    graphOptimizationLevel: 'all',
    // Errors are thrown; the library's log would go straight to stderr.
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

/** The thread is held for long: timers, signals and input come first. */
function idle(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
