// The backend and its device: ONNX Runtime's cpu provider.
import { cpus } from 'node:os';
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
} from '@isonet/core';
import { BackendError } from '@isonet/core';
import type { OnnxKernels } from '@isonet/onnx/write';
import { kernels, legal, supports } from './lowering/portable.ts';
import { OnnxProgram } from './program.ts';
import type { Runtime } from './runtime/load.ts';
import { cure, loadRuntime } from './runtime/load.ts';
import { OnnxState } from './state.ts';

/** ONNX Runtime, `onnxruntime-node`: the device `cpu`. */
export const onnx: Backend = backendOver(loadRuntime);

/** The backend over another way to load the runtime, or with other kernels of the same ops. */
export function backendOver(load: () => Promise<Runtime>, table: OnnxKernels = kernels): Backend {
  return {
    name: 'onnx',
    probe: async (): Promise<Probe> => {
      try {
        return { ok: true, devices: [infoOf(await load())] };
      } catch (error) {
        const known = error instanceof BackendError;
        return {
          ok: false,
          code: known ? error.code : 'LOAD',
          reason: known ? error.message : String(error),
          cure,
        };
      }
    },
    open: async (deviceId = 'cpu') => {
      if (deviceId !== 'cpu')
        throw new BackendError('NO_DEVICE', `onnx: no device "${deviceId}"; there is "cpu"`);
      return new OnnxDevice(await load(), table);
    },
  };
}

function infoOf({ version, threads }: Runtime): DeviceInfo {
  const processor = cpus()[0]?.model ?? process.arch;
  const count = threads === 1 ? '1 thread' : `${threads} threads`;
  return { id: 'cpu', kind: 'cpu', text: `ONNX Runtime ${version}, ${count}, ${processor}` };
}

class OnnxDevice implements Device {
  readonly info: DeviceInfo;
  /** Infinities and NaN are IEEE's in arithmetic; MaxPool and ReduceMax skip NaN. */
  readonly numerics: Numerics = { float: 'float32', reproducible: true, subnormals: true, nonFinite: true };
  /** Never: a processor does not go away. */
  readonly lost: Promise<string> = new Promise(() => {});
  readonly #runtime: Runtime;
  readonly #table: OnnxKernels;
  readonly #programs = new Set<OnnxProgram>();
  #disposed = false;

  constructor(runtime: Runtime, table: OnnxKernels) {
    this.#runtime = runtime;
    this.#table = table;
    this.info = infoOf(runtime);
  }

  supports(node: Node): true | string {
    return supports(node);
  }

  async createState(values: Tensors): Promise<State> {
    this.#check();
    return new OnnxState(values);
  }

  async compile(graph: Graph, { frozen }: CompileOptions = {}): Promise<Program> {
    this.#check();
    if (frozen && !(frozen instanceof OnnxState)) {
      throw new BackendError('FOREIGN_STATE', `${graph.name}: the frozen state belongs to another backend`);
    }
    const program: OnnxProgram = await OnnxProgram.create({
      runtime: this.#runtime,
      table: this.#table,
      graph: legal(graph),
      frozen: await frozen?.values(),
      released: () => this.#programs.delete(program),
    });
    this.#programs.add(program);
    return program;
  }

  /** Releases every session; states stay readable, they are host memory. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#disposed = true;
    await Promise.all([...this.#programs].map((program) => program[Symbol.asyncDispose]()));
  }

  #check(): void {
    if (this.#disposed) throw new BackendError('DISPOSED', 'onnx: the device is disposed; open it again');
  }
}
