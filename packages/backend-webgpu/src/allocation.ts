// The buffers of one program: feeds, constants, scratch memory, the shaders' params, and a copy of the frozen state.
import type { Frozen, Graph } from '@isonet/core';
import { defined } from '@isonet/core';
import type { Buffers, Context } from './context.ts';
import { USAGE } from './context.ts';
import type { Place, Plan, PlannedDispatch } from './plan.ts';
import { bytesOf } from './plan.ts';
import { upload } from './transfer.ts';

export interface Allocation {
  /** The buffers of the inputs, in the graph's order. */
  readonly inputs: readonly GPUBuffer[];
  /** The params of each dispatch. */
  readonly params: ReadonlyMap<PlannedDispatch, GPUBufferBinding>;
  /**
   * Returns the buffer to read a place from, in a run on this state; frozen entries are read from the program's own
   * copies.
   */
  read(place: Place, state: readonly GPUBuffer[]): GPUBuffer;
  /** Returns the buffer to write a place to; entries of the state are always written to the state's own buffers. */
  write(place: Place, state: readonly GPUBuffer[]): GPUBuffer;
}

const { STORAGE, UNIFORM, COPY_SRC, COPY_DST } = USAGE;

/** Creates and fills the buffers. Must be called within an error scope. */
export function allocate(
  context: Context,
  buffers: Buffers,
  graph: Graph,
  plan: Plan,
  frozen: Frozen<GPUBuffer> | undefined,
): Allocation {
  const make = (label: string, bytes: number): GPUBuffer =>
    buffers.make(`${graph.name} ${label}`, bytes, STORAGE | COPY_SRC | COPY_DST);
  const inputs = graph.inputs.map(({ name, value }) => make(`input ${name}`, bytesOf(graph, value)));
  const scratch = plan.scratch.map((bytes, i) => make(`scratch ${i}`, bytes));
  const constant = graph.constants.map(({ value, data }) => {
    const buffer = make(`constant %${value}`, bytesOf(graph, value));
    upload(context.gpu.queue, buffer, data);
    return buffer;
  });
  const encoder = context.gpu.createCommandEncoder({ label: graph.name });
  const copies =
    frozen &&
    graph.state.map(({ name, value }) => {
      const bytes = bytesOf(graph, value);
      const buffer = make(`frozen ${name}`, bytes);
      const { handle } = defined(frozen.get(name), `the frozen "${name}"`);
      encoder.copyBufferToBuffer(handle, 0, buffer, 0, bytes);
      return buffer;
    });
  const params = uploadParams(context, buffers, graph, plan);
  // Submits the queued writes, followed by the copies.
  context.gpu.queue.submit([encoder.finish()]);

  const bufferOf = ({ kind, index }: Place, state: readonly GPUBuffer[]): GPUBuffer => {
    const list = { input: inputs, scratch, constant, state }[kind];
    return defined(list[index], `graph "${graph.name}": ${kind} buffer ${index}`);
  };
  return {
    inputs,
    params,
    read: (place, state) => bufferOf(place, copies ?? state),
    write: bufferOf,
  };
}

/** Uploads all params into one uniform buffer, each at an aligned offset. */
function uploadParams(
  context: Context,
  buffers: Buffers,
  graph: Graph,
  { dispatches }: Plan,
): ReadonlyMap<PlannedDispatch, GPUBufferBinding> {
  const alignment = context.gpu.limits.minUniformBufferOffsetAlignment;
  let bytes = 0;
  const slices = dispatches.map((planned) => {
    const { params } = planned.dispatch;
    const offset = bytes;
    bytes += Math.ceil(params.byteLength / alignment) * alignment;
    return { planned, params, offset };
  });
  const all = new Uint8Array(Math.max(bytes, alignment));
  for (const { params, offset } of slices) all.set(new Uint8Array(params.buffer), offset);
  const buffer = buffers.make(`${graph.name} params`, all.byteLength, UNIFORM | COPY_DST);
  context.gpu.queue.writeBuffer(buffer, 0, all);
  return new Map(
    slices.map(({ planned, params, offset }) => [planned, { buffer, offset, size: params.byteLength }]),
  );
}
