// Stand-ins for a device, its states and its programs in another thread. Checks that need no round trip run
// here; everything else is forwarded.
import { BackendError, DeviceLostError } from '../../errors.ts';
import type { Graph } from '../../graph/graph.ts';
import type { Tensors } from '../../tensor.ts';
import type { CompileOptions, Device, Execution, Plan, Program, State } from '../contract.ts';
import { executionOf } from '../execution.ts';
import { disposedDevice, GraphFeeds } from '../feeds.ts';
import { PendingWork } from '../pendingWork.ts';
import type { SentCall, Connection } from './connection.ts';
import { Parcel } from './parcel.ts';
import type { Body, CallName, Id, Value } from './protocol.ts';

/**
 * Waits for a device to open on the other side.
 * @param disposed called when the device is disposed
 * @throws any error of the other side; DeviceLostError if it goes away meanwhile
 */
export async function remoteDevice(
  connection: Connection,
  backend: string,
  { id, reply }: SentCall<Value<'open'>>,
  disposed: () => void,
): Promise<Device> {
  const line = new Line(connection, backend, id, disposed);
  try {
    return new RemoteDevice(line, await reply);
  } catch (error) {
    connection.unwatch(id);
    throw error;
  }
}

/** The connection that a device shares with its states and programs. */
class Line {
  readonly device: Id;
  readonly lost: Promise<string>;
  readonly #connection: Connection;
  readonly #backend: string;
  readonly #disposed: () => void;
  #lossReason: string | undefined;
  #disposal: Promise<void> | undefined;
  /** True once the other side has been told to release everything: runs can no longer be read. */
  #closed = false;
  /** Calls without a reply yet. Disposal waits for them. */
  readonly #pending = new PendingWork();

  constructor(connection: Connection, backend: string, device: Id, disposed: () => void) {
    this.device = device;
    this.#connection = connection;
    this.#backend = backend;
    this.#disposed = disposed;
    this.lost = new Promise((resolve) => {
      connection.watch(device, (reason) => {
        this.#lossReason = reason;
        resolve(reason);
      });
    });
  }

  /** @throws BackendError `DISPOSED`; DeviceLostError */
  check(): void {
    this.#refuse(this.#disposal !== undefined);
  }

  /** Sends a call immediately. @throws the errors of {@link check} */
  call<K extends CallName>(name: K, body: Body<K>, parcel?: Parcel): SentCall<Value<K>> {
    this.check();
    return this.#call(name, body, parcel);
  }

  /** Reads a run. Works until the device's disposal has finished waiting. @throws the errors of {@link check} */
  read(run: Id, names: readonly string[]): Promise<Tensors> {
    this.#refuse(this.#closed);
    return this.#call('readRun', { device: this.device, run, names }).reply;
  }

  discard(run: Id): void {
    if (!this.#closed) this.#connection.send('discardRun', { device: this.device, run });
  }

  /** Disposes of a state or a program, or waits for the disposal of the whole device. */
  async release(name: 'disposeState' | 'disposeProgram', id: Id): Promise<void> {
    await (this.#disposal ?? this.#gone(() => this.#call(name, { device: this.device, id })));
  }

  dispose(): Promise<void> {
    this.#disposal ??= this.#dispose();
    return this.#disposal;
  }

  async #dispose(): Promise<void> {
    const { device } = this;
    do await this.#pending.settled();
    while (this.#pending.busy);
    this.#closed = true;
    try {
      await this.#gone(() => this.#connection.call('disposeDevice', { device }));
    } finally {
      this.#connection.unwatch(device);
      this.#disposed();
    }
  }

  #call<K extends CallName>(name: K, body: Body<K>, parcel?: Parcel): SentCall<Value<K>> {
    const sent = this.#connection.call(name, body, parcel);
    void this.#pending.add(sent.reply);
    return sent;
  }

  #refuse(disposed: boolean): void {
    if (disposed) throw disposedDevice(this.#backend);
    if (this.#lossReason !== undefined) throw new DeviceLostError(this.#lossReason);
  }

  /** Sends a disposal. The loss of the device counts as success: its states and programs are gone with it. */
  async #gone(dispose: () => SentCall<void>): Promise<void> {
    try {
      await dispose().reply;
    } catch (error) {
      if (!(error instanceof DeviceLostError)) throw error;
    }
  }
}

class RemoteDevice implements Device {
  readonly info: Device['info'];
  readonly numerics: Device['numerics'];
  readonly lost: Promise<string>;
  readonly #line: Line;

  constructor(line: Line, { info, numerics }: Value<'open'>) {
    this.info = info;
    this.numerics = numerics;
    this.lost = line.lost;
    this.#line = line;
  }

  async createState(values: Tensors): Promise<State> {
    const line = this.#line;
    line.check();
    const parcel = new Parcel();
    const body = { device: line.device, values: parcel.tensors(values) };
    const { id, reply } = line.call('createState', body, parcel);
    await reply;
    line.check(); // The device may have been disposed meanwhile, and the state with it.
    return new RemoteState(line, id);
  }

  async compile(graph: Graph, { frozen, plan }: CompileOptions = {}): Promise<Program> {
    const line = this.#line;
    line.check();
    const parcel = new Parcel();
    const state = frozen === undefined ? undefined : idOf(frozen, line, graph);
    const body = { device: line.device, graph: parcel.graph(graph), frozen: state, plan };
    const { id, reply } = line.call('compile', body, parcel);
    const made = await reply;
    line.check(); // The device may have been disposed meanwhile, and the program with it.
    return new RemoteProgram(line, id, made);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#line.dispose();
  }
}

class RemoteState implements State {
  readonly line: Line;
  readonly #id: Id;
  #disposal: Promise<void> | undefined;

  constructor(line: Line, id: Id) {
    this.line = line;
    this.#id = id;
  }

  /** @throws BackendError `DISPOSED` if the device or the state is disposed; DeviceLostError */
  get id(): Id {
    this.line.check();
    if (this.#disposal) throw new BackendError('DISPOSED', 'state: the state is disposed');
    return this.#id;
  }

  async read(names?: Iterable<string>): Promise<Tensors> {
    const body = { device: this.line.device, state: this.id, names: names && [...names] };
    return this.line.call('readState', body).reply;
  }

  async write(values: Tensors): Promise<void> {
    const { id } = this;
    const parcel = new Parcel();
    const body = { device: this.line.device, state: id, values: parcel.tensors(values) };
    await this.line.call('writeState', body, parcel).reply;
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.#disposal ??= this.line.release('disposeState', this.#id);
    return this.#disposal;
  }
}

class RemoteProgram implements Program {
  readonly graph: Graph;
  readonly plan: Plan;
  readonly bytes?: number;
  readonly #line: Line;
  readonly #id: Id;
  readonly #feeds: GraphFeeds;
  #disposal: Promise<void> | undefined;

  constructor(line: Line, id: Id, { graph, plan, bytes }: Value<'compile'>) {
    this.graph = graph;
    this.#feeds = new GraphFeeds(graph);
    this.plan = plan;
    if (bytes !== undefined) this.bytes = bytes;
    this.#line = line;
    this.#id = id;
  }

  run(state: State, feeds: Tensors): Execution {
    const line = this.#line;
    try {
      const { id: run, reply } = this.#start(state, feeds);
      return executionOf(this.graph, reply, {
        read: async (names) => {
          const outputs = line.read(run, names); // Sent before the run finishes, so that the device computes only these outputs.
          outputs.catch(() => undefined);
          await reply; // The other side does not keep a refused run; only the run's own reply has the reason.
          return outputs;
        },
        discard: () => line.discard(run),
      });
    } catch (error) {
      const refused = Promise.reject(error);
      return executionOf(this.graph, refused, { read: () => refused, discard: () => undefined });
    }
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.#disposal ??= this.#line.release('disposeProgram', this.#id);
    return this.#disposal;
  }

  /** @throws errors that are detected before anything is sent */
  #start(state: State, feeds: Tensors): SentCall<void> {
    const { graph } = this;
    const line = this.#line;
    line.check();
    if (this.#disposal) throw new BackendError('DISPOSED', `${graph.name}: the program is disposed`);
    const id = idOf(state, line, graph);
    this.#feeds.inOrder(feeds); // Throws for feeds that do not fit the graph.
    const parcel = new Parcel();
    const body = { device: line.device, program: this.#id, state: id, feeds: parcel.tensors(feeds) };
    return line.call('run', body, parcel);
  }
}

/** Returns the id of a state. @throws BackendError if it belongs to another device or is disposed */
function idOf(state: State, line: Line, { name }: Graph): Id {
  if (state instanceof RemoteState && state.line === line) return state.id;
  throw new BackendError('FOREIGN_STATE', `${name}: the state belongs to another device`);
}
