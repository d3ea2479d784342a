// A session of ONNX Runtime's cpu provider over its Node addon.
import type { Tensor } from 'onnxruntime-common';
import type { Binding, NativeSession } from './binding.ts';

export interface Session {
  readonly inputNames: readonly string[];
  /** Computes the named outputs, of which there is at least one. It holds the thread until they are there. */
  run(
    feeds: Readonly<Record<string, Tensor>>,
    outputs: readonly string[],
  ): Promise<Readonly<Record<string, Tensor>>>;
  release(): Promise<void>;
}

/** @throws (rejects) what ONNX Runtime says of a model that it does not take */
export async function createSession(
  { InferenceSession }: Binding,
  model: Uint8Array,
  threads: number,
): Promise<Session> {
  await idle();
  const session = new InferenceSession();
  session.loadModel(model.buffer, model.byteOffset, model.byteLength, optionsOf(threads));
  return new AddonSession(session);
}

function optionsOf(threads: number): object {
  return {
    executionProviders: ['cpu'],
    intraOpNumThreads: threads,
    interOpNumThreads: 1,
    executionMode: 'sequential',
    graphOptimizationLevel: 'all',
    // Errors are thrown; what is logged besides would be printed past everybody.
    logSeverityLevel: 4,
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
