// The other end of `remote`: handles the calls that arrive through a port, in order.
import { BackendError } from '../../errors.ts';
import { validate } from '../../graph/validate.ts';
import type { Backend, Device, Execution, Program, State } from '../contract.ts';
import { sentError } from './errors.ts';
import { Parcel } from './parcel.ts';
import type { Port } from './port.ts';
import { listen, post } from './port.ts';
import type { Answer, Body, Call, CallName, Id, Value } from './protocol.ts';
import { isCall } from './protocol.ts';

/**
 * Serves a backend at this end of a port to {@link remote} or `inWorker` at the other end. When the other side closes the port,
 * all devices are disposed.
 * @param port Node's `parentPort`, a worker's `self`, either end of a MessageChannel
 * @throws BackendError `PORT` for null, the value of `parentPort` on the main thread
 */
export function serve(backend: Backend, port: Port | null): void {
  if (port === null) {
    throw new BackendError('PORT', `serve: ${backend.name} has no port; run this file in a worker`);
  }
  const server = new Server(backend, port);
  listen(port, {
    message: (message) => {
      if (isCall(message)) void server.answer(message);
    },
    gone: () => void server.end(),
  });
}

/** A device and the objects created on it, by the ids of the calls that created them. */
class Served {
  readonly device: Device;
  readonly states = new Map<Id, State>();
  readonly programs = new Map<Id, Program>();
  readonly runs = new Map<Id, Execution>();
  /** Calls in progress. They never reject. */
  readonly calls = new Set<Promise<void>>();
  #disposal: Promise<void> | undefined;

  constructor(device: Device) {
    this.device = device;
  }

  /** Waits for the calls in progress, then disposes of everything. */
  dispose(): Promise<void> {
    this.#disposal ??= this.#dispose();
    return this.#disposal;
  }

  async #dispose(): Promise<void> {
    while (this.calls.size > 0) await Promise.all(this.calls);
    try {
      await Promise.allSettled([...this.states.values()].map((state) => state[Symbol.asyncDispose]()));
      await this.device[Symbol.asyncDispose]();
    } finally {
      this.states.clear();
      this.programs.clear();
      this.runs.clear();
    }
  }
}

/** @param parcel copies the tensors of the reply: the device may still hold their arrays, or several may share one buffer */
type Handler<K extends CallName> = (body: Body<K>, id: Id, parcel: Parcel) => Value<K> | Promise<Value<K>>;

class Server {
  readonly #backend: Backend;
  readonly #port: Port;
  readonly #devices = new Map<Id, Served>();
  #ending: Promise<void> | undefined;

  constructor(backend: Backend, port: Port) {
    this.#backend = backend;
    this.#port = port;
  }

  /** Handles one call. A handler runs synchronously up to its first `await`, so calls keep their order. Never rejects. */
  async answer(call: Call): Promise<void> {
    const answered = this.#answer(call);
    const { device } = call.body as Partial<Body<'disposeDevice'>>;
    // disposeDevice waits for the tracked calls, so it must not be tracked.
    if (call.name === 'disposeDevice') return answered;
    const calls = device === undefined ? undefined : this.#devices.get(device)?.calls;
    calls?.add(answered);
    await answered;
    calls?.delete(answered);
  }

  /** Disposes of every device, then closes the port. */
  end(): Promise<void> {
    this.#ending ??= this.#end();
    return this.#ending;
  }

  async #end(): Promise<void> {
    await Promise.allSettled([...this.#devices.values()].map((served) => served.dispose()));
    this.#devices.clear();
    this.#port.close?.();
  }

  async #answer({ id, name, body }: Call): Promise<void> {
    const parcel = new Parcel();
    try {
      const value = await this.#handlerOf(name)(body, id, parcel);
      this.#post({ isonet: 'reply', id, value }, parcel);
    } catch (error) {
      this.#post({ isonet: 'failure', id, error: sentError(error) });
    }
  }

  #post(answer: Answer, { buffers }: Parcel = new Parcel()): void {
    post(this.#port, answer, buffers);
  }

  #handlerOf(name: string): (body: object, id: Id, parcel: Parcel) => unknown {
    if (Object.hasOwn(this.#handlers, name)) {
      // Each handler expects the body of its own call. A malformed body causes an error when it is read.
      return this.#handlers[name as CallName] as (body: object, id: Id, parcel: Parcel) => unknown;
    }
    const names = Object.keys(this.#handlers).join(', ');
    throw new BackendError('PROTOCOL', `${this.#backend.name}: no call "${name}"; there are ${names}`);
  }

  readonly #handlers: { readonly [K in CallName]: Handler<K> } = {
    probe: (expected) => {
      this.#check(expected);
      return this.#backend.probe();
    },
    open: async ({ options, ...expected }, id) => {
      this.#check(expected);
      const device = await this.#backend.open(options);
      const served = new Served(device);
      this.#devices.set(id, served);
      if (this.#ending) await served.dispose(); // The other side went away meanwhile.
      void device.lost.then((reason) => this.#post({ isonet: 'lost', id, reason }));
      return { info: device.info, numerics: device.numerics };
    },
    createState: async ({ device, values }, id) => {
      const served = this.#served(device);
      served.states.set(id, await served.device.createState(values));
    },
    readState: async ({ device, state, names }, _, parcel) =>
      parcel.tensors(await known(this.#served(device).states, state, 'state').read(names)),
    writeState: ({ device, state, values }) =>
      known(this.#served(device).states, state, 'state').write(values),
    compile: async ({ device, graph, frozen, plan }, id, parcel) => {
      const served = this.#served(device);
      const program = await served.device.compile(validate(graph), {
        ...(frozen === undefined ? {} : { frozen: known(served.states, frozen, 'state') }),
        ...(plan === undefined ? {} : { plan }),
      });
      served.programs.set(id, program);
      const { bytes } = program;
      const made = { graph: parcel.graph(program.graph), plan: program.plan };
      return bytes === undefined ? made : { ...made, bytes };
    },
    run: ({ device, program, state, feeds }, id) => {
      const { programs, states, runs } = this.#served(device);
      const run = known(programs, program, 'program').run(known(states, state, 'state'), feeds);
      runs.set(id, run);
      run.accepted.catch(() => runs.delete(id)); // The reply carries the refusal; there is nothing to read.
      return run.accepted;
    },
    readRun: async ({ device, run, names }, _, parcel) => {
      const { runs } = this.#served(device);
      const execution = known(runs, run, 'run');
      runs.delete(run);
      return parcel.tensors(await execution.read(names));
    },
    discardRun: ({ device, run }) => {
      const { runs } = this.#served(device);
      runs.get(run)?.discard();
      runs.delete(run);
    },
    disposeState: ({ device, id }) => release(this.#served(device).states, id),
    disposeProgram: ({ device, id }) => release(this.#served(device).programs, id),
    disposeDevice: async ({ device }) => {
      const served = this.#served(device);
      try {
        await served.dispose();
      } finally {
        this.#devices.delete(device);
      }
    },
    end: () => this.end(),
  };

  #check(expected: Body<'probe'>): void {
    const { name, contract } = this.#backend;
    if (expected.backend === name && expected.contract === contract) return;
    throw new BackendError(
      'PROTOCOL',
      `expected ${expected.backend} with contract ${expected.contract}, the port serves ${name} with contract ${contract}`,
    );
  }

  #served(device: Id): Served {
    return known(this.#devices, device, 'device');
  }
}

/** @throws BackendError for an unknown id */
function known<T>(all: ReadonlyMap<Id, T>, id: Id, what: string): T {
  const one = all.get(id);
  if (one === undefined) throw new BackendError('PROTOCOL', `no ${what} with id ${String(id)}`);
  return one;
}

async function release(all: Map<Id, AsyncDisposable>, id: Id): Promise<void> {
  const one = all.get(id);
  all.delete(id);
  await one?.[Symbol.asyncDispose]();
}
