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
  FloatType,
  OpenOptions,
  Plan,
  PlanData,
  Program,
  State,
} from './contract.ts';
import { sha256 } from './digest.ts';
import { disposedDevice } from './feeds.ts';
import type { BuildRequest, Executable, Memory, RunOutputs } from './memory.ts';
import { KitProgram } from './program.ts';
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
  readonly #states = new WeakMap<State, KitState<H>>();
  /** What the disposal waits for: whatever was asked of the device, its states, its programs and its runs. */
  readonly #asked = new UnderWay();
  /** What the disposal has to free; undefined where memory is garbage-collected. */
  readonly #unfreed: { readonly states: Set<KitState<H>>; readonly outputs: Set<RunOutputs> } | undefined;
  #closing: Promise<void> | undefined;
  /** Nothing is held any more: runs that were not read are gone. */
  #closed = false;

  constructor(parts: DeviceParts<H>) {
    this.info = parts.info;
    this.numerics = parts.numerics;
    const never = new Promise<string>(() => {});
    // Closing destroys what a runtime has for a device, which it may call a loss.
    this.lost = parts.lost?.then((reason) => (this.#closed ? never : reason)) ?? never;
    this.#parts = parts;
    this.#unfreed = parts.memory.free ? { states: new Set(), outputs: new Set() } : undefined;
  }

  async createState(values: Tensors): Promise<State> {
    this.#check();
    return this.#asked.add(this.#createState(values));
  }

  async #createState(values: Tensors): Promise<State> {
    const { memory, order, numerics, check } = this.#parts;
    const state: KitState<H> = await KitState.create(
      {
        memory,
        order,
        heldAs: numerics.float32.heldAs,
        checkOpen: () => this.#check(),
        checkLost: () => check?.(),
        track: (work) => this.#asked.add(work),
        released: () => this.#unfreed?.states.delete(state),
      },
      values,
    );
    try {
      this.#check(); // The device may have been disposed meanwhile.
    } catch (error) {
      await state[Symbol.asyncDispose]();
      throw error;
    }
    this.#states.set(state, state);
    this.#unfreed?.states.add(state);
    return state;
  }

  async compile(graph: Graph, options: CompileOptions = {}): Promise<Program> {
    this.#check();
    return this.#asked.add(this.#compile(graph, options));
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
        checkHeld: () => {
          if (this.#closed) throw this.#disposed();
        },
        own: (state) => this.#own(state, legal),
        track: (work) => this.#asked.add(work),
        unread: this.#unfreed?.outputs,
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

  /** Refuses everything from now on, and lets go of everything once what was asked before is done. */
  [Symbol.asyncDispose](): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    // Runs that were begun may still be read meanwhile.
    do await this.#asked.settled();
    while (this.#asked.busy);
    this.#closed = true;
    const { states = [], outputs = [] } = this.#unfreed ?? {};
    const unread = [...outputs];
    this.#unfreed?.outputs.clear();
    for (const one of unread) one.discard?.();
    const disposals = await Promise.allSettled(
      [...this.#programs, ...states].map((one) => one[Symbol.asyncDispose]()),
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

  /** A device that was disposed of may be lost as well: that it is disposed says more. */
  #check(): void {
    if (this.#closing) throw this.#disposed();
    this.#parts.check?.();
  }

  #disposed(): BackendError {
    return disposedDevice(this.#parts.backend);
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
