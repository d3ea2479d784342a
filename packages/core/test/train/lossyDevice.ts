// A device that is lost on demand, for tests.
import type {
  CompileOptions,
  Device,
  Execution,
  Graph,
  Plan,
  PlanData,
  Program,
  State,
  Tensors,
} from '@isonet/core';
import { DeviceLostError } from '@isonet/core';
import { reference } from '@isonet/backend-reference';

/** The operations of a device. */
export type Operation =
  'createState' | 'compile' | 'run' | 'accepted' | 'read' | 'state.read' | 'state.write';

/** A device that is lost at a chosen operation: that operation and all later ones fail. */
export class LossyDevice implements Device {
  readonly #inner: Device;
  readonly #loses: (operation: Operation, role: string) => boolean;
  readonly #states = new Map<State, State>();
  readonly #planOf: (plan: Plan) => Plan;
  readonly given: (PlanData | undefined)[] = [];
  #lost = false;

  constructor(
    inner: Device,
    loses: (operation: Operation, role: string) => boolean,
    planOf: (plan: Plan) => Plan = (plan) => plan,
  ) {
    this.#inner = inner;
    this.#loses = loses;
    this.#planOf = planOf;
  }

  get info(): Device['info'] {
    return this.#inner.info;
  }
  get numerics(): Device['numerics'] {
    return this.#inner.numerics;
  }
  get lost(): Device['lost'] {
    return this.#inner.lost;
  }

  #perform(operation: Operation, role: string): void {
    if (!this.#lost && !this.#loses(operation, role)) return;
    this.#lost = true;
    throw new DeviceLostError('the card fell off the bus');
  }

  async createState(values: Tensors): Promise<State> {
    this.#perform('createState', '');
    const inner = await this.#inner.createState(values);
    const state: State = {
      read: async (names) => {
        this.#perform('state.read', '');
        return inner.read(names);
      },
      write: async (written) => {
        this.#perform('state.write', '');
        return inner.write(written);
      },
      [Symbol.asyncDispose]: () => inner[Symbol.asyncDispose](),
    };
    this.#states.set(state, inner);
    return state;
  }

  async compile(graph: Graph, { frozen, plan }: CompileOptions = {}): Promise<Program> {
    this.#perform('compile', graph.name);
    this.given.push(plan);
    const held = frozen && this.#states.get(frozen);
    const program = await this.#inner.compile(graph, held ? { frozen: held } : {});
    return {
      graph: program.graph,
      plan: this.#planOf(program.plan),
      run: (state, feeds) => this.#run(program, state, feeds),
      [Symbol.asyncDispose]: () => program[Symbol.asyncDispose](),
    };
  }

  #run(program: Program, state: State, feeds: Tensors): Execution {
    const inner = this.#states.get(state);
    if (!inner) throw new Error('a state of another device');
    const { name } = program.graph;
    const started = Promise.resolve().then(() => {
      this.#perform('run', name);
      return program.run(inner, feeds);
    });
    const accepted = started.then(async (execution) => {
      this.#perform('accepted', name);
      return execution.accepted;
    });
    accepted.catch(() => undefined);
    return {
      accepted,
      read: async (names) => {
        const execution = await started;
        this.#perform('read', name);
        return execution.read(names);
      },
      discard: () => void started.then((execution) => execution.discard()).catch(() => undefined),
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#inner[Symbol.asyncDispose]();
  }
}

/** Opens a device in this process that is lost when `loses` returns true. */
export async function lossyDevice(
  ...[loses, planOf]: [(operation: Operation, role: string) => boolean, ((plan: Plan) => Plan)?]
): Promise<LossyDevice> {
  return new LossyDevice(await reference.open(), loses, planOf);
}

export const never = (): boolean => false;

/** Returns a function that is true only for the nth operation, or the nth of one kind, counted from 1. */
export function atNth(
  nth: number,
  what?: Operation,
  of: string = '',
): (operation: Operation, role: string) => boolean {
  let count = 0;
  return (operation, role) => {
    if (what !== undefined && (operation !== what || !role.includes(of))) return false;
    return ++count === nth;
  };
}
