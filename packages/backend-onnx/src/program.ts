// A graph as a session of ONNX Runtime, and its runs.
import { createHash } from 'node:crypto';
import { cpus } from 'node:os';
import type { Execution, Graph, Named, Program, State, Tensor, Tensors, TensorType } from '@isonet/core';
import { BackendError, checkFeeds, DataError, messageOf, typeOf, wanted } from '@isonet/core';
import type { UniformInput } from '@isonet/onnx';
import { drawUniform } from '@isonet/onnx';
import type { OnnxKernels, WrittenGraph } from '@isonet/onnx/write';
import { encodeModel, encodeOperators, modelProto } from '@isonet/onnx/write';
import { execution } from './execution.ts';
import { write } from './lowering/portable.ts';
import type { InferenceSession, OrtTensor, Runtime } from './runtime/load.ts';
import { fromOrt } from './runtime/load.ts';
import { OnnxState } from './state.ts';
import { version } from './version.ts';

export interface ProgramOptions {
  readonly runtime: Runtime;
  readonly table: OnnxKernels;
  /** Legal: composites without a kernel are decomposed. */
  readonly graph: Graph;
  /** The state's values, to be baked in. */
  readonly frozen?: Tensors | undefined;
  /** Called when the session is gone. */
  readonly released: () => void;
}

/** A result of the graph: what it is called there and in ONNX. */
interface Result {
  readonly name: string;
  readonly onnxName: string;
  readonly type: TensorType;
}

type Inputs = ReadonlyMap<string, Tensor | undefined>;
type Feeds = Readonly<Record<string, OrtTensor>>;

export class OnnxProgram implements Program {
  readonly graph: Graph;
  readonly fingerprint: string;
  /** The runtime does not say. */
  readonly scratchBytes: number = 0;
  readonly #runtime: Runtime;
  readonly #session: InferenceSession;
  readonly #uniforms: ReadonlyMap<string, UniformInput>;
  readonly #stateTypes: ReadonlyMap<string, TensorType>;
  readonly #outputs: readonly Result[];
  readonly #updates: readonly Result[];
  readonly #underWay = new Set<Promise<unknown>>();
  readonly #released: () => void;
  #disposed = false;

  private constructor(
    { runtime, graph, released }: ProgramOptions,
    written: WrittenGraph,
    session: InferenceSession,
  ) {
    this.#runtime = runtime;
    this.#session = session;
    this.#uniforms = new Map(written.uniforms.map((uniform) => [uniform.name, uniform]));
    this.graph = graph;
    this.#released = released;
    this.#stateTypes = new Map(graph.state.map(({ name, value }) => [name, typeOf(graph, value)]));
    this.#outputs = resultsOf(graph, graph.outputs, written.outputs);
    this.#updates = resultsOf(graph, graph.updates, written.updates);
    this.fingerprint = fingerprintOf(runtime, written);
  }

  static async create(options: ProgramOptions): Promise<OnnxProgram> {
    const { runtime, table, graph, frozen } = options;
    // A graph that changes the state is not baked: its second run has to see what the first one did.
    const bake = frozen !== undefined && graph.updates.length === 0;
    const written = write(graph, table, bake ? frozen : undefined);
    try {
      const session = await runtime.createSession(encodeModel(modelProto(written.proto)));
      return new OnnxProgram(options, written, session);
    } catch (error) {
      const message = `${graph.name}: ONNX Runtime does not take the graph: ${messageOf(error)}`;
      throw new BackendError('COMPILE', message, { cause: error });
    }
  }

  run(state: State, feeds: Tensors): Execution {
    return execution(this.graph, (wantedNames) => {
      const done = this.#enqueue(state, feeds, wantedNames);
      this.#underWay.add(done);
      const forget = (): boolean => this.#underWay.delete(done);
      done.then(forget, forget);
      return done;
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#disposed) return;
    this.#disposed = true;
    await Promise.allSettled(this.#underWay);
    await this.#session.release();
    this.#released();
  }

  async #enqueue(state: State, feeds: Tensors, wantedNames: () => ReadonlySet<string>): Promise<Tensors> {
    const { graph } = this;
    if (this.#disposed) throw new BackendError('DISPOSED', `${graph.name}: the program is disposed`);
    if (!(state instanceof OnnxState)) {
      throw new BackendError('FOREIGN_STATE', `${graph.name}: the state belongs to another backend`);
    }
    const fed = checkFeeds(graph, feeds);
    const inputs = new Map(graph.inputs.map(({ name }, i) => [name, fed[i]]));
    return state.run(
      (values) => this.#feeds(inputs, values),
      (tensors) => this.#compute(tensors, wantedNames()),
    );
  }

  async #compute(
    feeds: Feeds,
    wantedNames: ReadonlySet<string>,
  ): Promise<{ updates: Tensors; result: Tensors }> {
    const outputs = this.#outputs.filter(({ name }) => wantedNames.has(name));
    const fetched = [...outputs, ...this.#updates].map(({ onnxName }) => onnxName);
    if (fetched.length === 0) return { updates: {}, result: {} };
    const results = await this.#session.run(feeds, fetched).catch((error: unknown) => {
      const message = `${this.graph.name}: ONNX Runtime failed: ${messageOf(error)}`;
      throw new BackendError('RUN', message, { cause: error });
    });
    const tensors = (list: readonly Result[]): Tensors =>
      Object.fromEntries(
        list.map(({ name, onnxName, type }) => [name, fromOrt(results[onnxName], type, name)]),
      );
    return { updates: tensors(this.#updates), result: tensors(outputs) };
  }

  /** The session's inputs: what was fed, the state, and the random numbers that a key stands for. */
  #feeds(inputs: Inputs, values: Tensors): Feeds {
    const pick = (name: string): Tensor => {
      const uniform = this.#uniforms.get(name);
      if (uniform) return drawUniform(uniform, inputs.get(uniform.random)?.data ?? []);
      const type = this.#stateTypes.get(name);
      const tensor = type ? wanted(values, name, type, 'state') : inputs.get(name);
      if (!tensor) throw new DataError('MISSING', `${this.graph.name}: "${name}" is missing`);
      return tensor;
    };
    return Object.fromEntries(
      this.#session.inputNames.map((name) => [name, this.#runtime.tensor(pick(name))]),
    );
  }
}

function resultsOf(
  graph: Graph,
  list: readonly Named[],
  names: ReadonlyMap<string, string>,
): readonly Result[] {
  return list.map(({ name, value }) => ({
    name,
    onnxName: names.get(name) ?? name,
    type: typeOf(graph, value),
  }));
}

/** Of everything that orders sums: the operators, the library, its threads, and the processor that picks its kernels. */
function fingerprintOf(runtime: Runtime, { proto }: WrittenGraph): string {
  const { platform, arch } = process;
  const place = [version, runtime.version, runtime.threads, platform, arch, cpus()[0]?.model];
  return createHash('sha256').update(JSON.stringify(place)).update(encodeOperators(proto)).digest('hex');
}
