// A compiled graph: pipelines, buffers and bind groups, made once. A run writes the feeds and encodes all the rest, copies
// of outputs and updates included, into one command buffer.
import type { Execution, Graph, Program, State, Tensors } from '@isonet/core';
import { BackendError, checkFeeds, typeOf } from '@isonet/core';
import type { Context, Pipeline } from './context.ts';
import { Buffers } from './context.ts';
import { execution, StagingPool } from './execution.ts';
import { fingerprintOf } from './fingerprint.ts';
import { WORKGROUP_SIZE } from './kernels/kernel.ts';
import { requireFit } from './limits.ts';
import { lower } from './lower.ts';
import type { ProgramMemory } from './memory.ts';
import { allocate } from './memory.ts';
import type { Plan } from './plan.ts';
import { plan } from './plan.ts';
import { WebGpuState } from './state.ts';
import { Readback, upload } from './transfer.ts';

interface Parts {
  readonly context: Context;
  readonly graph: Graph;
  readonly plan: Plan;
  readonly fingerprint: string;
  readonly pipelines: readonly Pipeline[];
  readonly buffers: Buffers;
  readonly memory: ProgramMemory;
  readonly readback: Readback;
}

export class WebGpuProgram implements Program {
  readonly graph: Graph;
  readonly fingerprint: string;
  readonly scratchBytes: number;
  readonly #parts: Parts;
  readonly #staging: StagingPool;
  /** Per state: which buffers a dispatch is bound to depends on the entries that it reads. */
  readonly #bindings = new WeakMap<WebGpuState, readonly GPUBindGroup[]>();
  #disposed = false;

  private constructor(parts: Parts) {
    this.graph = parts.graph;
    this.fingerprint = parts.fingerprint;
    this.scratchBytes = parts.plan.scratch.reduce((sum, bytes) => sum + bytes, 0);
    this.#parts = parts;
    this.#staging = new StagingPool(parts.context, `${parts.graph.name} outputs`, parts.readback.bytes);
  }

  /**
   * @param graph legal: every node has a kernel, and its tensors fit
   * @throws BackendError naming the op whose shader does not compile, or the tensor that does not fit
   */
  static async compile(
    context: Context,
    graph: Graph,
    frozen: WebGpuState | undefined,
  ): Promise<WebGpuProgram> {
    const readback = new Readback(
      graph.outputs.map(({ name, value }) => ({ name, type: typeOf(graph, value) })),
    );
    requireFit(graph, readback.bytes, context.gpu.limits);
    const planned = plan(lower(graph));
    const [fingerprint, pipelines] = await Promise.all([
      fingerprintOf(context, planned),
      Promise.all(planned.dispatches.map(({ dispatch, label }) => context.pipeline(dispatch, label))),
      frozen?.sound(),
    ]);
    const buffers = new Buffers(context);
    try {
      const allocation = (): ProgramMemory => allocate(context, buffers, graph, planned, frozen);
      const memory = await context.guarded(`${graph.name}: memory`, allocation);
      return new WebGpuProgram({
        context,
        graph,
        plan: planned,
        fingerprint,
        pipelines,
        buffers,
        memory,
        readback,
      });
    } catch (error) {
      buffers.destroy();
      throw error;
    }
  }

  run(state: State, feeds: Tensors): Execution {
    const { context, graph, readback } = this.#parts;
    return execution(context, graph, readback, this.#staging, this.#enqueue(state, feeds));
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.#disposed = true;
    this.#parts.buffers.destroy();
    this.#staging.close();
    return Promise.resolve();
  }

  /** Everything up to the first `await` happens at once, so runs are enqueued in the order of their calls. */
  async #enqueue(state: State, feeds: Tensors): Promise<GPUBuffer | undefined> {
    const { context, graph, memory } = this.#parts;
    context.check();
    if (this.#disposed) throw new BackendError('DISPOSED', `${graph.name}: the program is disposed`);
    if (!(state instanceof WebGpuState) || state.context !== context) {
      throw new BackendError('FOREIGN_STATE', `${graph.name}: the state belongs to another device`);
    }
    const fed = checkFeeds(graph, feeds);
    const entries = graph.state.map(({ name, value }) => state.buffer(name, typeOf(graph, value)));
    const sound = state.sound();
    let staging: GPUBuffer | undefined;
    const done = context.guarded(graph.name, () => {
      fed.forEach((tensor, i) => {
        const buffer = memory.inputs[i];
        if (buffer) upload(context.gpu.queue, buffer, tensor);
      });
      staging = this.#staging.take();
      context.gpu.queue.submit([this.#encode(state, entries, staging)]);
    });
    state.follow(done);
    try {
      await Promise.all([done, sound]);
      return staging;
    } catch (error) {
      this.#staging.give(staging);
      throw error;
    }
  }

  #encode(
    state: WebGpuState,
    entries: readonly GPUBuffer[],
    staging: GPUBuffer | undefined,
  ): GPUCommandBuffer {
    const { context, graph, plan: planned, pipelines, memory, readback } = this.#parts;
    const bindings = this.#bindings.get(state) ?? this.#bind(state);
    this.#bindings.set(state, bindings);
    const most = context.gpu.limits.maxComputeWorkgroupsPerDimension;
    const encoder = context.gpu.createCommandEncoder({ label: graph.name });
    const pass = encoder.beginComputePass({ label: graph.name });
    planned.dispatches.forEach(({ dispatch: { threads } }, i) => {
      const pipeline = pipelines[i];
      if (!pipeline) return;
      pass.setPipeline(pipeline.pipeline);
      pass.setBindGroup(0, bindings[i]);
      pass.dispatchWorkgroups(...workgroups(threads, most));
    });
    pass.end();
    if (staging) {
      const sources = planned.outputs.map((place) => memory.read(place, state));
      readback.copy(encoder, sources, staging);
    }
    for (const { from, to, bytes } of planned.updates) {
      const target = to.kind === 'state' ? entries[to.index] : memory.read(to, state);
      if (target) encoder.copyBufferToBuffer(memory.read(from, state), 0, target, 0, bytes);
    }
    return encoder.finish();
  }

  #bind(state: WebGpuState): readonly GPUBindGroup[] {
    const { context, plan: planned, pipelines, memory } = this.#parts;
    return planned.dispatches.flatMap(({ label, reads, writes }, i) => {
      const [pipeline, params] = [pipelines[i], memory.params[i]];
      if (!pipeline || !params) return [];
      const buffers = [...reads, ...writes].map((place) => ({ buffer: memory.read(place, state) }));
      const entries = [params, ...buffers].map((resource, binding) => ({ binding, resource }));
      return [context.gpu.createBindGroup({ label, layout: pipeline.layout, entries })];
    });
  }
}

/** Enough workgroups for this many threads, over as many dimensions as it takes. */
function workgroups(threads: number, mostPerDimension: number): [x: number, y: number] {
  const groups = Math.ceil(threads / WORKGROUP_SIZE);
  const rows = Math.ceil(groups / mostPerDimension);
  return [Math.ceil(groups / rows), rows];
}
