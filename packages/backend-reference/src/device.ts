// The backend and its only device: this very process.
import type {
  Backend,
  CompileOptions,
  Device,
  DeviceInfo,
  Graph,
  Node,
  Numerics,
  Program,
  State,
  Tensors,
} from '@isonet/core';
import { BackendError, legalize } from '@isonet/core';
import { kernels } from './kernels/index.ts';
import { ReferenceProgram } from './program.ts';
import { ReferenceState } from './state.ts';

const info: DeviceInfo = { id: 'cpu', kind: 'cpu', text: 'float64 loops in JavaScript' };

export const reference: Backend = {
  name: 'reference',
  probe: () => Promise.resolve({ ok: true, devices: [info] }),
  open: async (deviceId = info.id) => {
    if (deviceId !== info.id) {
      throw new BackendError('NO_DEVICE', `reference: no device "${deviceId}"; there is "${info.id}"`);
    }
    return new ReferenceDevice();
  },
};

class ReferenceDevice implements Device {
  readonly info: DeviceInfo = info;
  readonly numerics: Numerics = { float: 'float64', reproducible: true, subnormals: true, nonFinite: true };
  /** Never: there is nothing that could go away. */
  readonly lost: Promise<string> = new Promise(() => {});
  #disposed = false;

  supports(node: Node): true | string {
    return (
      Object.hasOwn(kernels, node.op) || `${node.op} has no loops of its own here; its decomposition runs`
    );
  }

  async createState(values: Tensors): Promise<State> {
    this.#check();
    return new ReferenceState(values);
  }

  /** `frozen` changes nothing: loops gain nothing from constant weights. */
  async compile(graph: Graph, _options?: CompileOptions): Promise<Program> {
    this.#check();
    return new ReferenceProgram(legalize(graph, (node) => this.supports(node)));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#disposed = true;
  }

  #check(): void {
    if (this.#disposed)
      throw new BackendError('DISPOSED', 'reference: the device is disposed; open it again');
  }
}
