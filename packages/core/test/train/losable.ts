// A device that goes away when a test wants it to.
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

/** What can be asked of a device. */
export type Asked = 'createState' | 'compile' | 'run' | 'accepted' | 'read' | 'state.read' | 'state.write';

/** A device that goes away at a moment: what is asked then, and all that comes later, is lost. */
export class Losable implements Device {
  readonly #inner: Device;
  readonly #loses: (asked: Asked, role: string) => boolean;
  readonly #states = new Map<State, State>();
  readonly #planOf: (plan: Plan) => Plan;
  readonly given: (PlanData | undefined)[] = [];
  #lost = false;

  constructor(
    inner: Device,
    loses: (asked: Asked, role: string) => boolean,
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

  #ask(asked: Asked, role: string): void {
    if (!this.#lost && !this.#loses(asked, role)) return;
    this.#lost = true;
    throw new DeviceLostError('the card fell off the bus');
  }

  async createState(values: Tensors): Promise<State> {
    this.#ask('createState', '');
    const inner = await this.#inner.createState(values);
    const state: State = {
      read: async (names) => {
        this.#ask('state.read', '');
        return inner.read(names);
      },
      write: async (written) => {
        this.#ask('state.write', '');
        return inner.write(written);
      },
      [Symbol.asyncDispose]: () => inner[Symbol.asyncDispose](),
    };
    this.#states.set(state, inner);
    return state;
  }

  async compile(graph: Graph, { frozen, plan }: CompileOptions = {}): Promise<Program> {
    this.#ask('compile', graph.name);
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
    const begun = Promise.resolve().then(() => {
      this.#ask('run', name);
      return program.run(inner, feeds);
    });
    const accepted = begun.then(async (execution) => {
      this.#ask('accepted', name);
      return execution.accepted;
    });
    accepted.catch(() => undefined);
    return {
      accepted,
      read: async (names) => {
        const execution = await begun;
        this.#ask('read', name);
        return execution.read(names);
      },
      discard: () => void begun.then((execution) => execution.discard()).catch(() => undefined),
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#inner[Symbol.asyncDispose]();
  }
}

/** A device of this process, lost when this says so. */
export async function losable(
  ...[loses, planOf]: [(asked: Asked, role: string) => boolean, ((plan: Plan) => Plan)?]
): Promise<Losable> {
  return new Losable(await reference.open(), loses, planOf);
}

export const never = (): boolean => false;

/** Loses the device at the nth time that something is asked of it, from 1. */
export function atThe(nth: number, what?: Asked, of: string = ''): (asked: Asked, role: string) => boolean {
  let count = 0;
  return (asked, role) => {
    if (what !== undefined && (asked !== what || !role.includes(of))) return false;
    return ++count === nth;
  };
}
