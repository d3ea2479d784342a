// The buffers of one program: feeds, constants, scratch memory, the shaders' params, and a copy of frozen state.
import type { Graph } from '@isonet/core';
import { GraphError, typeOf } from '@isonet/core';
import type { Buffers, Context } from './context.ts';
import { USAGE } from './context.ts';
import type { Place, Plan } from './plan.ts';
import { bytesOf } from './plan.ts';
import type { WebGpuState } from './state.ts';
import { upload } from './transfer.ts';

export interface ProgramMemory {
  /** In the graph's order. */
  readonly inputs: readonly GPUBuffer[];
  /** The params of each dispatch, in the plan's order. */
  readonly params: readonly GPUBufferBinding[];
  /** What a place is for a run on this state; frozen entries are the program's own copies. */
  read(place: Place, state: WebGpuState): GPUBuffer;
}

const { STORAGE, UNIFORM, COPY_SRC, COPY_DST } = USAGE;

/** Makes and fills the buffers; to be called in an error scope. */
export function allocate(
  context: Context,
  buffers: Buffers,
  graph: Graph,
  plan: Plan,
  frozen: WebGpuState | undefined,
): ProgramMemory {
  const make = (label: string, bytes: number): GPUBuffer =>
    buffers.make(`${graph.name} ${label}`, bytes, STORAGE | COPY_SRC | COPY_DST);
  const inputs = graph.inputs.map(({ name, value }) => make(`input ${name}`, bytesOf(graph, value)));
  const scratch = plan.scratch.map((bytes, i) => make(`scratch ${i}`, bytes));
  const constants = graph.constants.map(({ value, data }) => {
    const buffer = make(`constant %${value}`, bytesOf(graph, value));
    upload(context.gpu.queue, buffer, data);
    return buffer;
  });
  const encoder = context.gpu.createCommandEncoder({ label: graph.name });
  const copies = graph.state.map(({ name, value }) => {
    if (!frozen) return undefined;
    const buffer = make(`frozen ${name}`, bytesOf(graph, value));
    encoder.copyBufferToBuffer(
      frozen.buffer(name, typeOf(graph, value)),
      0,
      buffer,
      0,
      bytesOf(graph, value),
    );
    return buffer;
  });
  const params = uploadParams(context, buffers, graph, plan);
  // The copies, and the writes before them.
  context.gpu.queue.submit([encoder.finish()]);

  const own = { input: inputs, scratch, constant: constants, state: copies };
  const read = ({ kind, index }: Place, state: WebGpuState): GPUBuffer => {
    const buffer = own[kind][index];
    if (buffer) return buffer;
    const entry = kind === 'state' ? graph.state[index] : undefined;
    if (!entry) throw new GraphError(`graph "${graph.name}": no ${kind} buffer ${index}`);
    return state.buffer(entry.name, typeOf(graph, entry.value));
  };
  return { inputs, params, read };
}

/** All params in one uniform buffer, each at an offset that may be bound. */
function uploadParams(
  context: Context,
  buffers: Buffers,
  graph: Graph,
  { dispatches }: Plan,
): GPUBufferBinding[] {
  const alignment = context.gpu.limits.minUniformBufferOffsetAlignment;
  let bytes = 0;
  const slices = dispatches.map(({ dispatch: { params } }) => {
    const offset = bytes;
    bytes += Math.ceil(params.byteLength / alignment) * alignment;
    return { offset, size: params.byteLength };
  });
  const all = new Uint8Array(Math.max(bytes, alignment));
  dispatches.forEach(({ dispatch: { params } }, i) => {
    all.set(new Uint8Array(params.buffer), slices[i]?.offset);
  });
  const buffer = buffers.make(`${graph.name} params`, all.byteLength, UNIFORM | COPY_DST);
  context.gpu.queue.writeBuffer(buffer, 0, all);
  return slices.map((slice) => ({ buffer, ...slice }));
}
