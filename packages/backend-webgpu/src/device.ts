// The backend as core sees it: which devices there are, and a device over one of them.
import type {
  Backend,
  CompileOptions,
  Device,
  DeviceInfo,
  Graph,
  Node,
  Numerics,
  Probe,
  Program,
  State,
  Tensors,
  TensorType,
} from '@isonet/core';
import { BackendError, definitionOf, kernelFor, legalize } from '@isonet/core';
import { listAdapters, openAdapter } from './adapters.ts';
import { Context } from './context.ts';
import type { OpenAdapter } from './gpu.ts';
import { kernels } from './kernels/index.ts';
import { temporariesTooLarge, tooLarge } from './limits.ts';
import { WebGpuProgram } from './program.ts';
import { WebGpuState } from './state.ts';

export const webgpu: Backend = {
  name: 'webgpu',
  probe: async (): Promise<Probe> => {
    const { adapters, absent } = await listAdapters();
    if (adapters.length > 0) return { ok: true, devices: adapters };
    const { code = 'NO_ADAPTER', reason = 'no adapter', cure = '' } = absent[0] ?? {};
    return { ok: false, code, reason, cure };
  },
  open: async (deviceId) => {
    return new WebGpuDevice(await openAdapter(deviceId ?? (await firstHardware())));
  },
};

async function firstHardware(): Promise<string> {
  const { adapters, absent } = await listAdapters();
  const hardware = adapters.find(({ kind }) => kind !== 'software');
  if (hardware) return hardware.id;
  const { code = 'NO_ADAPTER', reason = 'there is no GPU', cure = '' } = absent[0] ?? {};
  const software = adapters.map(({ id }) => `; or open "${id}", which computes on the cpu`).join('');
  throw new BackendError(code, `webgpu: ${reason}; ${cure}${software}`);
}

export class WebGpuDevice implements Device {
  readonly info: DeviceInfo;
  /** WGSL may flush subnormals, and may assume that neither NaN nor infinities exist. */
  readonly numerics: Numerics = { float: 'float32', reproducible: true, subnormals: false, nonFinite: false };
  readonly lost: Promise<string>;
  readonly #open: OpenAdapter;
  readonly #context: Context;

  constructor(open: OpenAdapter) {
    this.info = open.info;
    this.lost = open.lost;
    this.#open = open;
    this.#context = new Context(open);
  }

  supports(node: Node, types: readonly TensorType[]): true | string {
    const { limits } = this.#context.gpu;
    const kernel = kernelFor(kernels, node);
    if (!kernel) return `${node.op} has no kernel of its own; its decomposition runs`;
    const outputs = definitionOf(node.op).infer(
      types,
      node.attrs,
      (message) => new BackendError('NODE', message),
    );
    const reasons = [...types, ...outputs].map((type) => tooLarge(type, limits));
    const reason = reasons.find((entry) => entry !== undefined);
    if (reason !== undefined) return reason;
    const lowered = kernel({ inputs: types, outputs });
    return (lowered === 'alias' ? undefined : temporariesTooLarge(lowered, limits)) ?? true;
  }

  async createState(values: Tensors): Promise<State> {
    this.#context.check();
    return WebGpuState.create(this.#context, values);
  }

  async compile(graph: Graph, { frozen }: CompileOptions = {}): Promise<Program> {
    const context = this.#context;
    context.check();
    if (frozen && !(frozen instanceof WebGpuState && frozen.context === context)) {
      throw new BackendError('FOREIGN_STATE', `${graph.name}: the frozen state belongs to another device`);
    }
    const legal = legalize(graph, (node, types) => this.supports(node, types));
    return WebGpuProgram.compile(context, legal, frozen);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#open.close();
  }
}
