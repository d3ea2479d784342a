// ONNX Runtime's addon behind a gate.
import type { Binding, NativeSession } from '../runtime/binding.ts';
import type { Gate } from './gate.ts';

/** Wraps the addon so that each call that computes, or that creates or releases a session, passes the gate. */
export function gated(binding: Binding, gate: Gate): Binding {
  class GatedSession implements NativeSession {
    readonly #session: NativeSession = gate.pass(() => new binding.InferenceSession());

    get inputMetadata(): NativeSession['inputMetadata'] {
      return this.#session.inputMetadata;
    }

    get outputMetadata(): NativeSession['outputMetadata'] {
      return this.#session.outputMetadata;
    }

    loadModel(...args: Parameters<NativeSession['loadModel']>): void {
      gate.pass(() => this.#session.loadModel(...args));
    }

    run(...args: Parameters<NativeSession['run']>): ReturnType<NativeSession['run']> {
      return gate.pass(() => this.#session.run(...args));
    }

    dispose(): void {
      gate.pass(() => this.#session.dispose());
    }
  }
  return {
    InferenceSession: GatedSession,
    listSupportedBackends: () => binding.listSupportedBackends(),
    initOrtOnce: (...args) => binding.initOrtOnce(...args),
  };
}
