// The device of all backends: it checks, legalizes, keeps the rules of states and programs, and names plans. A backend
// supplies memory and a way to make a legal graph run.
import { BackendError } from '../errors.ts';
import type { Graph } from '../graph/graph.ts';
import { canonicalText, structureOf } from '../graph/canonical.ts';
import { legalize } from '../passes/legalize.ts';
import type { Supports } from '../passes/legalize.ts';
import type { Tensors } from '../tensor.ts';
import type {
  Claims,
  CompileOptions,
  Device,
  DeviceInfo,
  Execution,
  FloatType,
  OpenOptions,
  Plan,
  PlanData,
  Program,
  State,
} from './contract.ts';
import { executionOf } from './execution.ts';
import { checkFeeds, heldTensor } from './feeds.ts';
import { sha256 } from './digest.ts';
import type { BuildRequest, Executable, Memory, RunOutputs, RunResult } from './memory.ts';
import { KitState } from './state.ts';
import { UnderWay } from './underWay.ts';

/** What a backend supplies for a device. */
export interface DeviceParts<H> {
  /** The backend's name, for messages and plans. */
  readonly backend: string;
  /** What the device is, as `probe` lists it. */
  readonly info: DeviceInfo;
  /** What it claims of each float type: the suite tests every claim. */
  readonly numerics: Readonly<Record<FloatType, Claims>>;
  /** Everything outside the graph that decides bits: versions of package, runtime and driver, adapter, processor, threads. */
  readonly runtime: string;
  /** The options of `open` with defaults filled in: they become part of each plan's id. */
  readonly options: OpenOptions;
  /** Moves tensors between host and device. */
  readonly memory: Memory<H>;
  /**
   * immediate: the runtime keeps the order of what it is given, so jobs are handed to it when they are asked for.
   * queued: each job begins when the one before it is over.
   */
  readonly order: 'immediate' | 'queued';
  /** Which nodes it runs. Composites that it refuses are decomposed; a primitive that it refuses fails `compile`. */
  readonly supports: Supports;
  /** The plans that it can make again, where it chooses anything. */
  readonly plans?: Pick<PlanData, 'format' | 'version'>;
  /** Makes a legal graph ready to run. @throws BackendError `PLAN` when it cannot make the plan that it was given */
  build(request: BuildRequest<H>): Executable<H> | Promise<Executable<H>>;
  /** Resolves with the reason when the device goes away; left out, it cannot. */
  readonly lost?: Promise<string>;
  /** Throws DeviceLostError when the device is gone. */
  readonly check?: () => void;
  /** Called once, when every program is disposed. */
  close?(): void | Promise<void>;
}

/** A device of these parts: keeps names, types, order, poisoning, disposal, decomposition and plan ids for a backend. */
export function makeDevice<H>(parts: DeviceParts<H>): Device {
  return new KitDevice(parts);
}

class KitDevice<H> implements Device {
  readonly info: DeviceInfo;
  readonly numerics: Readonly<Record<FloatType, Claims>>;
  readonly lost: Promise<string>;
  readonly #parts: DeviceParts<H>;
  readonly #programs = new Set<KitProgram<H>>();
  readonly #compiling = new UnderWay();
  readonly #states = new WeakMap<State, KitState<H>>();
  #closing: Promise<void> | undefined;

  constructor(parts: DeviceParts<H>) {
    this.info = parts.info;
    this.numerics = parts.numerics;
    this.lost = parts.lost ?? new Promise(() => {});
    this.#parts = parts;
  }

  async createState(values: Tensors): Promise<State> {
    const { memory, order, numerics, check } = this.#parts;
    const checks = { checkOpen: () => this.#check(), checkLost: () => check?.() };
    const state = await KitState.create(
      { memory, order, heldAs: numerics.float32.heldAs, ...checks },
      values,
    );
    this.#states.set(state, state);
    return state;
  }

  async compile(graph: Graph, options: CompileOptions = {}): Promise<Program> {
    this.#check();
    return this.#compiling.add(this.#compile(graph, options));
  }

  async #compile(graph: Graph, { frozen, plan }: CompileOptions): Promise<Program> {
    this.#checkPlan(graph, plan);
    const legal = legalize(graph, this.#parts.supports);
    const held = frozen === undefined ? undefined : await this.#own(frozen, graph).hold(legal);
    let executable: Executable<H> | undefined;
    try {
      executable = await this.#parts.build({
        graph: legal,
        ...(held === undefined ? {} : { frozen: held.entries }),
        ...(plan === undefined ? {} : { plan }),
      });
      const planned = await planOf(this.#parts, legal, executable);
      this.#check(); // The device may have been disposed meanwhile.
      const program: KitProgram<H> = new KitProgram(legal, executable, planned, {
        heldAs: this.#parts.numerics.float32.heldAs,
        check: () => this.#check(),
        own: (state) => this.#own(state, legal),
        released: () => this.#programs.delete(program),
      });
      this.#programs.add(program);
      return program;
    } catch (error) {
      await executable?.dispose?.();
      throw error;
    } finally {
      held?.release();
    }
  }

  /** @throws BackendError `PLAN` for a plan that is not this backend's */
  #checkPlan({ name }: Graph, plan: PlanData | undefined): void {
    const { backend, plans } = this.#parts;
    if (plan === undefined || (plans && plan.format === plans.format && plan.version === plans.version))
      return;
    const own = plans
      ? `takes plans of format "${plans.format}", version ${plans.version}`
      : 'takes no plans';
    throw new BackendError(
      'PLAN',
      `${name}: ${backend} ${own}, got format "${plan.format}", version ${plan.version}`,
    );
  }

  /** Disposes of all programs, then closes the device. States are refused from now on. */
  [Symbol.asyncDispose](): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    await this.#compiling.settled();
    const disposals = await Promise.allSettled(
      [...this.#programs].map((program) => program[Symbol.asyncDispose]()),
    );
    await this.#parts.close?.();
    const failed = disposals.find(({ status }) => status === 'rejected');
    if (failed?.status === 'rejected') throw failed.reason;
  }

  /** @throws BackendError when the state is another device's */
  #own(state: State, { name }: Graph): KitState<H> {
    const own = this.#states.get(state);
    if (own) return own;
    throw new BackendError('FOREIGN_STATE', `${name}: the state belongs to another device`);
  }

  #check(): void {
    const { backend, check } = this.#parts;
    check?.();
    if (this.#closing)
      throw new BackendError('DISPOSED', `${backend}: the device is disposed; open it again`);
  }
}

interface ProgramParts<H> {
  readonly heldAs: Claims['heldAs'];
  /** @throws BackendError when the state is another device's */
  readonly own: (state: State) => KitState<H>;
  /** Throws when the device is disposed or lost. */
  readonly check: () => void;
  /** Called when the program is gone. */
  readonly released: () => void;
}

class KitProgram<H> implements Program {
  readonly graph: Graph;
  readonly plan: Plan;
  readonly bytes?: number;
  readonly #executable: Executable<H>;
  readonly #parts: ProgramParts<H>;
  readonly #underWay = new UnderWay();
  #disposal: Promise<void> | undefined;

  constructor(graph: Graph, executable: Executable<H>, plan: Plan, parts: ProgramParts<H>) {
    this.graph = graph;
    this.plan = plan;
    if (executable.bytes !== undefined) this.bytes = executable.bytes;
    this.#executable = executable;
    this.#parts = parts;
  }

  run(state: State, feeds: Tensors): Execution {
    let wanted: ReadonlySet<string> = new Set(this.graph.outputs.map(({ name }) => name));
    let begun = false;
    const onBegin = (): void => {
      begun = true;
    };
    const outputs = this.#underWay.add(this.#start(state, feeds, () => wanted, onBegin));
    const accepted = outputs.then(
      () => undefined,
      (error: unknown) => {
        if (!begun) throw error;
      },
    );
    return executionOf(this.graph, accepted, {
      read: async (names) => {
        wanted = new Set(names);
        return (await outputs).read(names);
      },
      discard: () => {
        wanted = new Set();
        outputs.then(
          (made) => made.discard?.(),
          () => undefined,
        );
      },
    });
  }

  /** Waits for the runs that are under way. */
  [Symbol.asyncDispose](): Promise<void> {
    this.#disposal ??= this.#dispose();
    return this.#disposal;
  }

  async #dispose(): Promise<void> {
    await this.#underWay.settled();
    try {
      await this.#executable.dispose?.();
    } finally {
      this.#parts.released();
    }
  }

  /** Async, so that what it throws becomes a rejection; everything up to the state's turn happens at once. */
  async #start(
    state: State,
    feeds: Tensors,
    wanted: () => ReadonlySet<string>,
    onBegin: () => void,
  ): Promise<RunOutputs> {
    const { graph } = this;
    const { heldAs, own, check } = this.#parts;
    check();
    if (this.#disposal) throw new BackendError('DISPOSED', `${graph.name}: the program is disposed`);
    const owner = own(state);
    const fed = checkFeeds(graph, feeds).map((tensor) => heldTensor(tensor, heldAs));
    const { outputs } = await owner.run<RunResult<H>>(graph, {
      launch: (handles) => this.#executable.run({ feeds: fed, state: handles, owner, wanted }),
      updatesOf: ({ updates }) => updates,
      discard: (result) => result.outputs.discard?.(),
      onBegin,
    });
    return outputs;
  }
}

/** Everything that decides bits, as one digest. */
async function planOf<H>(
  { backend, info, runtime, options }: DeviceParts<H>,
  graph: Graph,
  { digest = '', choices }: Executable<H>,
): Promise<Plan> {
  const settings = canonicalText([backend, runtime, { ...options, device: info.id }, choices]);
  const id = `${backend}-${await sha256(settings, ...structureOf(graph), digest)}`;
  return choices === undefined ? { id } : { id, data: choices };
}
