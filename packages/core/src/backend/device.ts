// The device that every backend shares: it validates, legalizes, enforces the rules of states and programs,
// and computes plan ids. A backend supplies memory and a way to build an executable from a legal graph.
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
import { PendingWork } from './pendingWork.ts';

/** The parts of a device that a backend supplies. */
export interface DeviceParts<H> {
  /** The backend's name, for messages and plans. */
  readonly backend: string;
  /** The device, as `probe` lists it. */
  readonly info: DeviceInfo;
  /** The device's claims about each float type. The conformance suite tests every claim. */
  readonly numerics: Readonly<Record<FloatType, Claims>>;
  /**
   * Everything outside the graph that affects result bits: the versions of package, runtime and driver, the
   * adapter, the processor, the number of threads.
   */
  readonly runtime: string;
  /** The options of `open` with defaults filled in. They become part of each plan's id. */
  readonly options: OpenOptions;
  /** Moves tensors between host and device. */
  readonly memory: Memory<H>;
  /**
   * - `immediate`: the runtime preserves submission order, so each job is submitted as soon as it is requested.
   * - `queued`: each job starts when the previous one has finished.
   */
  readonly order: 'immediate' | 'queued';
  /**
   * Tests whether the device runs a node. Unsupported composites are decomposed; an unsupported primitive
   * makes `compile` fail.
   */
  readonly supports: Supports;
  /** The format of the plans that the device can reproduce, if it makes any choices. */
  readonly plans?: Pick<PlanData, 'format' | 'version'>;
  /** Builds an executable from a legal graph. @throws BackendError `PLAN` if it cannot reproduce the given plan */
  build(request: BuildRequest<H>): Executable<H> | Promise<Executable<H>>;
  /** Resolves with the reason when the device is lost. Omit it for a device that cannot be lost. */
  readonly lost?: Promise<string>;
  /** Throws DeviceLostError if the device is lost. */
  readonly check?: () => void;
  /** Called once, after every program is disposed. */
  close?(): void | Promise<void>;
}

/**
 * Creates a device from a backend's parts. The device handles names, types, order, poisoning, disposal,
 * decomposition and plan ids.
 */
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
  /** Pending operations on the device, its states, its programs and its runs. Disposal waits for them. */
  readonly #pending = new PendingWork();
  /** Memory that disposal must free; undefined if memory is garbage-collected. */
  readonly #unfreed: { readonly states: Set<KitState<H>>; readonly outputs: Set<RunOutputs> } | undefined;
  #closing: Promise<void> | undefined;
  /** True once everything is released, including unread runs. */
  #closed = false;

  constructor(parts: DeviceParts<H>) {
    this.info = parts.info;
    this.numerics = parts.numerics;
    const never = new Promise<string>(() => {});
    // Closing destroys the runtime's device, which the runtime may report as a loss.
    this.lost = parts.lost?.then((reason) => (this.#closed ? never : reason)) ?? never;
    this.#parts = parts;
    this.#unfreed = parts.memory.free ? { states: new Set(), outputs: new Set() } : undefined;
  }

  async createState(values: Tensors): Promise<State> {
    this.#check();
    return this.#pending.add(this.#createState(values));
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
        track: (work) => this.#pending.add(work),
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
    return this.#pending.add(this.#compile(graph, options));
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
        track: (work) => this.#pending.add(work),
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

  /** @throws BackendError `PLAN` for another backend's plan */
  #checkPlan({ name }: Graph, plan: PlanData | undefined): void {
    const { backend, plans } = this.#parts;
    if (plan === undefined || (plans && plan.format === plans.format && plan.version === plans.version))
      return;
    const own = plans
      ? `accepts plans of format "${plans.format}", version ${plans.version}`
      : 'accepts no plans';
    throw new BackendError(
      'PLAN',
      `${name}: ${backend} ${own}, got format "${plan.format}", version ${plan.version}`,
    );
  }

  /** Rejects new operations, waits for the pending ones, then releases everything. */
  [Symbol.asyncDispose](): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    // Runs that have started may still be read meanwhile.
    do await this.#pending.settled();
    while (this.#pending.busy);
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

  /** @throws BackendError if the state belongs to another device */
  #own(state: State, { name }: Graph): KitState<H> {
    const own = this.#states.get(state);
    if (own) return own;
    throw new BackendError('FOREIGN_STATE', `${name}: the state belongs to another device`);
  }

  /** Throws if the device is disposed or lost. If it is both, reports the disposal, which is more useful. */
  #check(): void {
    if (this.#closing) throw this.#disposed();
    this.#parts.check?.();
  }

  #disposed(): BackendError {
    return disposedDevice(this.#parts.backend);
  }
}

/** Computes the plan. Its id is a digest of everything that affects result bits. */
async function planOf<H>(
  { backend, info, runtime, options }: DeviceParts<H>,
  graph: Graph,
  { digest = '', choices }: Executable<H>,
): Promise<Plan> {
  const settings = canonicalText([backend, runtime, { ...options, device: info.id }, choices]);
  const id = `${backend}-${await sha256(settings, ...structureOf(graph), digest)}`;
  return choices === undefined ? { id } : { id, data: choices };
}
