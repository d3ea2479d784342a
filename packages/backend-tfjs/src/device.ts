// An open provider: makes states and programs. All of them share the memory of the process's one TensorFlow.js.
import type {
  CompileOptions,
  Device,
  DeviceInfo,
  Graph,
  Node,
  Numerics,
  Program,
  State,
  Tensors,
  TensorType,
} from '@isonet/core';
import { BackendError, legalize } from '@isonet/core';
import { kernels } from './kernels/index.ts';
import { TfjsProgram } from './program.ts';
import type { OpenProvider } from './providers.ts';
import { TfjsState } from './state.ts';

/** XNNPACK, which wasm computes with, prints an error and leaves the result undefined beyond these. */
const MAX_RANK = 6;

export class TfjsDevice implements Device {
  readonly info: DeviceInfo;
  readonly numerics: Numerics;
  /** Never: it all happens in this process. */
  readonly lost: Promise<string> = new Promise(() => {});
  readonly #provider: OpenProvider;
  #disposed = false;

  constructor(provider: OpenProvider) {
    this.#provider = provider;
    this.info = provider.info;
    this.numerics = provider.numerics;
  }

  supports(node: Node, types: readonly TensorType[]): true | string {
    const rank = Math.max(0, ...types.map(({ shape }) => shape.length));
    const made = 'shape' in node.attrs ? node.attrs.shape.length : 0;
    if (Math.max(rank, made) > MAX_RANK)
      return `TensorFlow.js handles ${MAX_RANK} dimensions, not ${Math.max(rank, made)}`;
    return Object.hasOwn(kernels, node.op) || `TensorFlow.js has no ${node.op}; its decomposition runs`;
  }

  async createState(values: Tensors): Promise<State> {
    this.#enter();
    return new TfjsState(this.#provider, values);
  }

  /** `frozen` changes nothing: a state keeps its filters in the layout that convolution takes anyway. */
  async compile(graph: Graph, _options?: CompileOptions): Promise<Program> {
    this.#enter();
    return new TfjsProgram(
      this.#provider,
      legalize(graph, (node, types) => this.supports(node, types)),
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#disposed = true;
  }

  #enter(): void {
    if (this.#disposed) throw new BackendError('DISPOSED', 'tfjs: the device is disposed; open it again');
  }
}
