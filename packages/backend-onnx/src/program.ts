// A compiled program: a legal graph as a session of ONNX Runtime, and its runs. The addon computes on the calling thread, so a run
// starts when that thread is free. Outputs that have been discarded by then are not transferred.
import type {
  BuildRequest,
  Executable,
  Graph,
  Named,
  RunRequest,
  RunResult,
  Tensor,
  Tensors,
  TensorType,
} from '@isonet/core';
import { BackendError, defined, typeOf } from '@isonet/core';
import type { UniformInput } from '@isonet/onnx';
import { drawUniform } from '@isonet/onnx';
import type { OnnxKernels, WrittenGraph } from '@isonet/onnx/write';
import { digestedBytes, encodeModel, training as plain } from '@isonet/onnx/write';
import type { Gated } from './gates.ts';
import { gated } from './gates.ts';
import { chunksOf } from './lowering/chunks.ts';
import { write } from './lowering/write.ts';
import type { OrtTensor, Session, Sessions, SessionSettings } from './runtime/sessions.ts';
import { firstLine, fromOrt } from './runtime/tensors.ts';

export interface ProgramParts {
  readonly runtime: Sessions;
  readonly session: SessionSettings;
  readonly table: OnnxKernels;
  /** Whether batches are computed in chunks that fit the processor's cache. */
  readonly inChunks: boolean;
}

/** Builds the program of a graph. @throws BackendError `COMPILE` if ONNX Runtime rejects the graph */
export async function buildProgram(
  { runtime, session: settings, table, inChunks }: ProgramParts,
  { graph, frozen }: BuildRequest<Tensor>,
): Promise<Executable<Tensor>> {
  // Weights become constants only if the graph does not change the state: otherwise a second run must see the first
  // run's updates.
  const bake = frozen !== undefined && graph.updates.length === 0;
  const weights = bake
    ? Object.fromEntries([...frozen].map(([name, { handle }]) => [name, handle]))
    : undefined;
  const { graph: open, gates } = gated(graph);
  const chunks = inChunks ? chunksOf(open) : undefined;
  // ONNX Runtime itself converts constant weights to its layout, but not within a loop.
  const isPlain = weights !== undefined && !chunks && open.nodes.every(({ op }) => Object.hasOwn(plain, op));
  const written = write(open, isPlain ? plain : table, weights, chunks);
  const session = await runtime
    .createSession(encodeModel(written.graph), settings)
    .catch((error: unknown) => {
      const message = `${graph.name}: ${rejectionOf(firstLine(error), settings)}`;
      throw new BackendError('COMPILE', message, { cause: error });
    });
  const program = new Program(runtime, open, gates, written, session);
  return {
    digest: digestedBytes(written),
    run: (request) => program.run(request),
    dispose: () => session.release(),
  };
}

function rejectionOf(line: string, { provider }: SessionSettings): string {
  return line.includes('assigned to the default CPU EP')
    ? `ONNX Runtime's ${provider} provider has no kernel for some of the graph's nodes, and no node may fall back to the CPU; open "cpu"`
    : `ONNX Runtime rejects the graph: ${line}`;
}

/** A result of the graph, with its names in the graph and in ONNX. */
interface Result {
  readonly name: string;
  readonly onnxName: string;
  readonly type: TensorType;
}

/** The new value of a state entry. */
interface Update extends Result {
  /** The output that decides whether the update commits; undefined if it always commits. */
  readonly gate: string | undefined;
  /** The index of the entry in the graph's state. */
  readonly index: number;
}

/** Returns the tensor of one of the session's inputs. */
type Source = (request: RunRequest<Tensor>) => Tensor;

class Program {
  readonly #runtime: Sessions;
  readonly #name: string;
  readonly #session: Session;
  readonly #sources: readonly (readonly [onnxName: string, source: Source])[];
  readonly #outputs: readonly Result[];
  readonly #updates: readonly Update[];
  readonly #gates: readonly Result[];

  /** @param gates for each update, the output that decides whether it commits */
  constructor(
    runtime: Sessions,
    graph: Graph,
    gates: Gated['gates'],
    written: WrittenGraph,
    session: Session,
  ) {
    this.#runtime = runtime;
    this.#name = graph.name;
    this.#session = session;
    const sources = sourcesOf(graph, written.uniforms);
    this.#sources = session.inputNames.map((name) => [
      name,
      defined(sources.get(name), `${graph.name}: the source of the input "${name}"`),
    ]);
    this.#outputs = resultsOf(graph, graph.outputs, written.outputs);
    const indexOf = new Map(graph.state.map(({ name }, index) => [name, index]));
    this.#updates = resultsOf(graph, graph.updates, written.updates).map((result, i) => ({
      ...result,
      gate: gates[i],
      index: defined(indexOf.get(result.name), `${graph.name}: the state "${result.name}"`),
    }));
    this.#gates = this.#outputs.filter(({ name }) => gates.includes(name));
  }

  async run(request: RunRequest<Tensor>): Promise<RunResult<Tensor>> {
    // ONNX Runtime reads the memory of feeds and state in place.
    const fed = this.#sources.map(([name, source]) => [name, this.#runtime.tensor(source(request))] as const);
    const wanted = request.wanted();
    const outputs = this.#outputs.filter(({ name }) => wanted.has(name));
    const results = await this.#compute(Object.fromEntries(fed), [
      ...outputs,
      ...this.#gates,
      ...this.#updates,
    ]);
    const tensorOf = ({ name, onnxName, type }: Result): Tensor => fromOrt(results[onnxName], type, name);
    const read: Tensors = Object.fromEntries(outputs.map((output) => [output.name, tensorOf(output)]));
    const shut = new Set(this.#gates.filter((gate) => tensorOf(gate).data[0] === 0).map(({ name }) => name));
    const next = (update: Update): Tensor =>
      update.gate !== undefined && shut.has(update.gate)
        ? defined(request.state[update.index], `the state "${update.name}"`)
        : tensorOf(update);
    return {
      updates: this.#updates.map(next),
      outputs: {
        read: (names) =>
          Object.fromEntries(names.map((name) => [name, defined(read[name], `the output "${name}"`)])),
      },
    };
  }

  async #compute(
    feeds: Readonly<Record<string, OrtTensor>>,
    fetched: readonly Result[],
  ): Promise<Readonly<Record<string, OrtTensor>>> {
    if (fetched.length === 0) return {};
    const names = [...new Set(fetched.map(({ onnxName }) => onnxName))]; // without duplicates: an output may also be a gate
    return this.#session.run(feeds, names).catch((error: unknown) => {
      const message = `${this.#name}: ONNX Runtime failed: ${firstLine(error)}`;
      throw new BackendError('RUN', message, { cause: error });
    });
  }
}

/** Returns the source of each ONNX input: a feed, the state, or random numbers drawn with a key. */
function sourcesOf(graph: Graph, uniforms: readonly UniformInput[]): ReadonlyMap<string, Source> {
  const fed = new Map(
    graph.inputs.map(({ name }, i): [string, Source] => [
      name,
      ({ feeds }) => defined(feeds[i], `the feed "${name}"`),
    ]),
  );
  const held = graph.state.map(({ name }, i): [string, Source] => [
    name,
    ({ state }) => defined(state[i], `the state "${name}"`),
  ]);
  const drawn = uniforms.map((uniform): [string, Source] => {
    const key = defined(fed.get(uniform.random), `the input "${uniform.random}"`);
    return [uniform.name, (request) => drawUniform(uniform, key(request).data)];
  });
  return new Map([...fed, ...held, ...drawn]);
}

function resultsOf(
  graph: Graph,
  list: readonly Named[],
  names: ReadonlyMap<string, string>,
): readonly Result[] {
  return list.map(({ name, value }) => ({
    name,
    onnxName: defined(names.get(name), `ONNX's name of "${name}"`),
    type: typeOf(graph, value),
  }));
}
