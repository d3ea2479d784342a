// A session of ONNX Runtime in WebAssembly, as npm's onnxruntime-web exports it.
import type { Env, InferenceSession } from 'onnxruntime-common';
import type { OrtTensor, Session } from '../sessions.ts';
import { providerOption, withoutFaultyOptimizers } from '../sessions.ts';

/** One of the package's entries, as far as it is used here. Each has settings and a WebAssembly module of its own. */
export interface Ort {
  readonly env: Env;
  readonly InferenceSession: Pick<typeof InferenceSession, 'create'>;
}

const fatal = 4;

/**
 * @param idle resolves when the thread has seen to all else that waits
 * @throws (rejects) what ONNX Runtime says of a model that it does not take
 */
export async function createWebSession(
  ort: Ort,
  model: Uint8Array,
  provider: string,
  idle: () => Promise<void>,
): Promise<Session> {
  await idle();
  const session = await ort.InferenceSession.create(model, {
    executionProviders: [providerOption(provider)],
    executionMode: 'sequential',
    graphOptimizationLevel: 'all',
    // Errors are thrown; the library's log would go straight to the console.
    logSeverityLevel: fatal,
    // Nodes that a provider has no kernel for would run on the processor without a word.
    extra: {
      ...withoutFaultyOptimizers,
      ...(provider === 'wasm' ? {} : { session: { disable_cpu_ep_fallback: '1' } }),
    },
  });
  return {
    inputNames: session.inputNames,
    run: async (
      feeds: Readonly<Record<string, OrtTensor>>,
      outputs: readonly string[],
    ): Promise<Readonly<Record<string, OrtTensor>>> => {
      await idle();
      return session.run(feeds, outputs, { logSeverityLevel: fatal });
    },
    release: () => session.release(),
  };
}
