// A compiled program: pipelines, buffers and bind groups, created once. A run writes the feeds and encodes everything else,
// including the copies of outputs and updates, into one command buffer.
import type { BuildRequest, Executable, Graph, RunRequest, RunResult } from '@isonet/core';
import { defined, typeOf } from '@isonet/core';
import type { Allocation } from './allocation.ts';
import { allocate } from './allocation.ts';
import type { Context, Pipeline } from './context.ts';
import { Buffers } from './context.ts';
import { WORKGROUP_SIZE } from './kernels/kernel.ts';
import { requireFit } from './limits.ts';
import { lower } from './lower.ts';
import type { Plan, PlannedDispatch } from './plan.ts';
import { plan } from './plan.ts';
import { StagingPool } from './staging.ts';
import { Readback, upload } from './transfer.ts';

interface Launch extends PlannedDispatch {
  readonly pipeline: Pipeline;
  readonly params: GPUBufferBinding;
}

interface Parts {
  readonly context: Context;
  readonly graph: Graph;
  readonly plan: Plan;
  readonly launches: readonly Launch[];
  readonly buffers: Buffers;
  readonly allocation: Allocation;
  readonly readback: Readback;
}

/**
 * Builds the program of a graph.
 * @throws UnsupportedOpError that lists what does not fit; BackendError that names the op whose shader does not compile
 */
export async function build(
  context: Context,
  { graph, frozen }: BuildRequest<GPUBuffer>,
): Promise<Executable<GPUBuffer>> {
  const readback = new Readback(
    graph.outputs.map(({ name, value }) => ({ name, type: typeOf(graph, value) })),
  );
  requireFit(graph, readback.bytes, context.limits);
  const planned = plan(lower(graph));
  const pipelines = await Promise.all(
    planned.dispatches.map(async (entry) => ({
      entry,
      pipeline: await context.pipeline(entry.dispatch, entry.label),
    })),
  );
  const buffers = new Buffers(context);
  try {
    const allocation = await context.guarded(`${graph.name}: memory`, () =>
      allocate(context, buffers, graph, planned, frozen),
    );
    const launches = pipelines.map(({ entry, pipeline }) => {
      const params = defined(allocation.params.get(entry), `the params of ${entry.label}`);
      return { ...entry, pipeline, params };
    });
    return new WebGpuProgram({ context, graph, plan: planned, launches, buffers, allocation, readback });
  } catch (error) {
    buffers.destroy();
    throw error;
  }
}

class WebGpuProgram implements Executable<GPUBuffer> {
  readonly digest: string;
  readonly bytes: number;
  readonly #parts: Parts;
  readonly #staging: StagingPool;
  /** The bind groups of each state, because a dispatch is bound to the buffers of the state that it reads. */
  readonly #bindings = new WeakMap<object, readonly GPUBindGroup[]>();

  constructor(parts: Parts) {
    this.digest = digestOf(parts.plan);
    this.bytes = parts.buffers.bytes;
    this.#parts = parts;
    this.#staging = new StagingPool(parts.context, parts.graph.name, parts.readback);
  }

  /** Runs the program. Everything before the first `await` is synchronous, so runs are enqueued in the order of the calls. */
  async run(request: RunRequest<GPUBuffer>): Promise<RunResult<GPUBuffer>> {
    const { context, graph, allocation } = this.#parts;
    const { queue } = context.gpu;
    let staging: GPUBuffer | undefined;
    try {
      await context.guarded(graph.name, () => {
        allocation.inputs.forEach((buffer, i) => {
          upload(queue, buffer, defined(request.feeds[i], `${graph.name}: feed ${i}`));
        });
        staging = this.#staging.take();
        queue.submit([this.#encode(request, staging)]);
      });
    } catch (error) {
      // The buffer may be invalid: when memory runs out, createBuffer still returns one, and only the error scope reports it.
      staging?.destroy();
      throw error;
    }
    return { outputs: this.#staging.outputs(staging) };
  }

  dispose(): void {
    this.#parts.buffers.destroy();
    this.#staging.close();
  }

  #encode(request: RunRequest<GPUBuffer>, staging: GPUBuffer | undefined): GPUCommandBuffer {
    const { context, graph, plan: planned, allocation, readback } = this.#parts;
    const { state } = request;
    const encoder = context.gpu.createCommandEncoder({ label: graph.name });
    this.#encodePass(encoder, request);
    if (staging) {
      const sources = planned.outputs.map((place) => allocation.read(place, state));
      readback.copy(encoder, sources, staging);
    }
    for (const { from, to, bytes } of planned.updates) {
      const [source, target] = [allocation.read(from, state), allocation.write(to, state)];
      encoder.copyBufferToBuffer(source, 0, target, 0, bytes);
    }
    return encoder.finish();
  }

  #encodePass(encoder: GPUCommandEncoder, { state, owner }: RunRequest<GPUBuffer>): void {
    const { context, graph, launches } = this.#parts;
    const bindings = this.#bindings.get(owner) ?? this.#bind(state);
    this.#bindings.set(owner, bindings);
    const most = context.limits.maxComputeWorkgroupsPerDimension;
    const pass = encoder.beginComputePass({ label: graph.name });
    launches.forEach(({ dispatch: { threads }, pipeline: { pipeline } }, i) => {
      pass.setPipeline(pipeline);
      pass.setBindGroup(0, bindings[i]);
      pass.dispatchWorkgroups(...workgroups(threads, most));
    });
    pass.end();
  }

  #bind(state: readonly GPUBuffer[]): readonly GPUBindGroup[] {
    const { context, launches, allocation } = this.#parts;
    return launches.map(({ label, reads, writes, pipeline: { layout }, params }) => {
      const buffers = [...reads, ...writes].map((place) => ({ buffer: allocation.read(place, state) }));
      const entries = [params, ...buffers].map((resource, binding) => ({ binding, resource }));
      return context.gpu.createBindGroup({ label, layout, entries });
    });
  }
}

/** Identifies the kernels that run and how their sums are divided: by the shaders, their params and their threads. */
function digestOf({ dispatches }: Plan): string {
  return JSON.stringify(
    dispatches.map(({ dispatch: { source, params, threads } }) => [source, [...params], threads]),
  );
}

/** Returns a grid with enough workgroups for the threads: two-dimensional if one dimension is too small. */
function workgroups(threads: number, mostPerDimension: number): [x: number, y: number] {
  const groups = Math.ceil(threads / WORKGROUP_SIZE);
  const rows = Math.ceil(groups / mostPerDimension);
  return [Math.ceil(groups / rows), rows];
}
