// Device, state and program of another thread: what can be refused here is refused here, everything else is asked for.
import { BackendError, DeviceLostError } from '../../errors.ts';
import type { Graph } from '../../graph/graph.ts';
import type { Tensors } from '../../tensor.ts';
import type { CompileOptions, Device, Execution, Plan, Program, State } from '../contract.ts';
import { executionOf } from '../execution.ts';
import { disposedDevice, GraphFeeds } from '../feeds.ts';
import { UnderWay } from '../underWay.ts';
import type { Asked, Connection } from './connection.ts';
import { Parcel } from './parcel.ts';
import type { Body, CallName, Id, Value } from './protocol.ts';

/**
 * A device that is being opened.
 * @param disposed called when it is disposed
 * @throws whatever the other side throws; DeviceLostError when it goes away meanwhile
 */
export async function remoteDevice(
  connection: Connection,
  backend: string,
  { id, reply }: Asked<Value<'open'>>,
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

/** What a device, its states and its programs share. */
class Line {
  readonly device: Id;
  readonly lost: Promise<string>;
  readonly #connection: Connection;
  readonly #backend: string;
  readonly #disposed: () => void;
  #lossReason: string | undefined;
  #disposal: Promise<void> | undefined;
  /** The other side is told to let go of everything: runs can no longer be read. */
  #closed = false;
  /** Everything asked that is not answered yet: the disposal waits for it. */
  readonly #asked = new UnderWay();

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

  /** Sends a call at once. @throws as {@link check} does */
  ask<K extends CallName>(name: K, body: Body<K>, parcel?: Parcel): Asked<Value<K>> {
    this.check();
    return this.#ask(name, body, parcel);
  }

  /** Reads a run that was begun before the device's disposal, until nothing is left to wait for. @throws as {@link check} does */
  read(run: Id, names: readonly string[]): Promise<Tensors> {
    this.#refuse(this.#closed);
    return this.#ask('readRun', { device: this.device, run, names }).reply;
  }

  discard(run: Id): void {
    if (!this.#closed) this.#connection.tell('discardRun', { device: this.device, run });
  }

  /** Disposes of a state or a program. A device that is being disposed of takes it along. */
  async release(name: 'disposeState' | 'disposeProgram', id: Id): Promise<void> {
    await (this.#disposal ?? this.#gone(() => this.#ask(name, { device: this.device, id })));
  }

  dispose(): Promise<void> {
    this.#disposal ??= this.#dispose();
    return this.#disposal;
  }

  async #dispose(): Promise<void> {
    const { device } = this;
    do await this.#asked.settled();
    while (this.#asked.busy);
    this.#closed = true;
    try {
      await this.#gone(() => this.#connection.ask('disposeDevice', { device }));
    } finally {
      this.#connection.unwatch(device);
      this.#disposed();
    }
  }

  #ask<K extends CallName>(name: K, body: Body<K>, parcel?: Parcel): Asked<Value<K>> {
    const asked = this.#connection.ask(name, body, parcel);
    void this.#asked.add(asked.reply);
    return asked;
  }

  #refuse(disposed: boolean): void {
    if (disposed) throw disposedDevice(this.#backend);
    if (this.#lossReason !== undefined) throw new DeviceLostError(this.#lossReason);
  }

  /** A lost device takes its states and programs with it. */
  async #gone(dispose: () => Asked<void>): Promise<void> {
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
    const { id, reply } = line.ask('createState', body, parcel);
    await reply;
    line.check(); // It may have been disposed meanwhile, and takes the state along.
    return new RemoteState(line, id);
  }

  async compile(graph: Graph, { frozen, plan }: CompileOptions = {}): Promise<Program> {
    const line = this.#line;
    line.check();
    const parcel = new Parcel();
    const state = frozen === undefined ? undefined : idOf(frozen, line, graph);
    const body = { device: line.device, graph: parcel.graph(graph), frozen: state, plan };
    const { id, reply } = line.ask('compile', body, parcel);
    const made = await reply;
    line.check(); // As for a state.
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

  /** @throws BackendError `DISPOSED` when the device or the state is; DeviceLostError */
  get id(): Id {
    this.line.check();
    if (this.#disposal) throw new BackendError('DISPOSED', 'state: it is disposed');
    return this.#id;
  }

  async read(names?: Iterable<string>): Promise<Tensors> {
    const body = { device: this.line.device, state: this.id, names: names && [...names] };
    return this.line.ask('readState', body).reply;
  }

  async write(values: Tensors): Promise<void> {
    const { id } = this;
    const parcel = new Parcel();
    const body = { device: this.line.device, state: id, values: parcel.tensors(values) };
    await this.line.ask('writeState', body, parcel).reply;
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
          const outputs = line.read(run, names); // Sent before the run is over: it says what to compute and transfer.
          outputs.catch(() => undefined);
          await reply; // A refused run is not known over there: its refusal is told by the run's own reply.
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

  /** @throws what is refused before anything is sent */
  #start(state: State, feeds: Tensors): Asked<void> {
    const { graph } = this;
    const line = this.#line;
    line.check();
    if (this.#disposal) throw new BackendError('DISPOSED', `${graph.name}: the program is disposed`);
    const id = idOf(state, line, graph);
    this.#feeds.inOrder(feeds); // Throws for those that the graph does not take.
    const parcel = new Parcel();
    const body = { device: line.device, program: this.#id, state: id, feeds: parcel.tensors(feeds) };
    return line.ask('run', body, parcel);
  }
}

/** The id of a state. @throws BackendError when it is another device's, or disposed */
function idOf(state: State, line: Line, { name }: Graph): Id {
  if (state instanceof RemoteState && state.line === line) return state.id;
  throw new BackendError('FOREIGN_STATE', `${name}: the state belongs to another device`);
}
