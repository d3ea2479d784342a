// A session of ONNX Runtime in WebAssembly, through npm's onnxruntime-web.
import type { Env, InferenceSession } from 'onnxruntime-common';
import type { OrtTensor, Session } from '../sessions.ts';
import { providerOption, withoutFaultyOptimizers } from '../sessions.ts';

/** The part of a package entry that is used here. Each entry has its own settings and its own WebAssembly module. */
export interface Ort {
  readonly env: Env;
  readonly InferenceSession: Pick<typeof InferenceSession, 'create'>;
}

const fatal = 4;

/**
 * Creates a session. Rejects with ONNX Runtime's error if it rejects the model.
 * @param idle returns a promise that resolves after the thread has handled its pending events
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
    // Errors are thrown anyway, and the library would log directly to the console.
    logSeverityLevel: fatal,
    // Disables the silent fallback to the CPU for nodes without a kernel.
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
