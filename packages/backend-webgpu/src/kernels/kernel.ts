// The kernel type: a function from one node of a graph to the compute shaders that run it. Nothing here touches a device, so that
// plans can be built and tested without one.
import type { Kernel as CoreKernel, Kernels as CoreKernels, OpName, TensorType, ValueId } from '@isonet/core';

/** A tensor that a node reads or returns: its type, and the value id that identifies it as an operand of a dispatch. */
export interface NodeTensor extends TensorType {
  readonly of: 'node';
  readonly value: ValueId;
}

/** Memory that exists only while its node runs. */
export interface Temporary {
  readonly of: 'temporary';
  /** Identifies the temporary among those of its node. */
  readonly index: number;
  readonly bytes: number;
}

/** Memory that a shader is bound to. */
export type Operand = NodeTensor | Temporary;

/** A result that shares the memory of an input, possibly with another type. */
export interface Alias {
  readonly aliasOf: NodeTensor;
}

/** An alias, or dispatches that run in sequence. */
export type Lowered = Alias | readonly Dispatch[];

export interface WgslKernelTypes {
  readonly input: NodeTensor;
  readonly output: NodeTensor;
  readonly context: undefined;
  readonly result: Lowered;
}

/** An op's entry in the kernel table: `({ attrs }, { inputs: [x, w], outputs: [y] }) => dispatches`. */
export type Kernel<K extends OpName> = CoreKernel<K, WgslKernelTypes>;
export type WgslKernels = CoreKernels<WgslKernelTypes>;

/** One shader over `threads` threads. Shapes are passed as `params`, so that a few shaders serve all layers. */
export interface Dispatch {
  readonly source: string;
  readonly reads: readonly Operand[];
  readonly writes: readonly Operand[];
  /** The uniform struct: one 32-bit word per parameter. */
  readonly params: Uint32Array<ArrayBuffer>;
  readonly threads: number;
  /** Whether the shader can read a single element instead of a tensor that repeats it: see pointwise.ts. */
  readonly acceptsScalars: boolean;
}

export const WORKGROUP_SIZE = 64;

/** Describes a temporary of `size` elements of 32 bits. */
export function temporary(index: number, size: number): Temporary {
  return { of: 'temporary', index, bytes: size * 4 };
}

/** The WGSL type of an element's 32 bits. A bool is a u32 of 0 or 1. */
export type Element = 'f32' | 'i32' | 'u32';

export interface Param {
  readonly type: 'f32' | 'u32';
  readonly value: number;
}

export function u32(value: number): Param {
  return { type: 'u32', value };
}

/** A param whose value is rounded to float32. */
export function f32(value: number): Param {
  return { type: 'f32', value };
}

/** Converts non-negative integers to params of the same names. */
export function u32s(values: Readonly<Record<string, number>>): Readonly<Record<string, Param>> {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, u32(value)]));
}

export type Binding = readonly [operand: Operand, element: Element];

export interface Shader {
  /** The arrays by the names that the body uses. */
  readonly reads: Readonly<Record<string, Binding>>;
  readonly writes: Readonly<Record<string, Binding>>;
  /** The params, `params.<name>` in the body. */
  readonly params: Readonly<Record<string, Param>>;
  readonly threads: number;
  /** WGSL functions that the body calls. */
  readonly functions?: string;
  /** Default: false. */
  readonly acceptsScalars?: boolean;
  /** The code of thread `i: u32`. */
  readonly body: string;
}

/** Completes a shader's body with its bindings: the params at 0, then the arrays to read, then the arrays to write. */
export function dispatch({
  reads,
  writes,
  params,
  threads,
  functions = '',
  acceptsScalars = false,
  body,
}: Shader): Dispatch {
  const all = { threads: u32(threads), ...params };
  const bindings = [
    ...Object.entries(reads).map(([name, [, element]]) => `var<storage, read> ${name}: array<${element}>;`),
    ...Object.entries(writes).map(
      ([name, [, element]]) => `var<storage, read_write> ${name}: array<${element}>;`,
    ),
  ];
  const source = `struct Params {
${Object.entries(all)
  .map(([name, { type }]) => `  ${name}: ${type},`)
  .join('\n')}
}
@group(0) @binding(0) var<uniform> params: Params;
${bindings.map((binding, i) => `@group(0) @binding(${i + 1}) ${binding}`).join('\n')}
${functions}
@compute @workgroup_size(${WORKGROUP_SIZE})
fn main(
  @builtin(workgroup_id) workgroup_id: vec3u,
  @builtin(num_workgroups) num_workgroups: vec3u,
  @builtin(local_invocation_index) local_index: u32,
) {
  let i = (workgroup_id.y * num_workgroups.x + workgroup_id.x) * ${WORKGROUP_SIZE}u + local_index;
  if (i >= params.threads) { return; }
  ${body}
}
`;
  return {
    source,
    reads: Object.values(reads).map(([operand]) => operand),
    writes: Object.values(writes).map(([operand]) => operand),
    params: words(Object.values(all)),
    threads,
    acceptsScalars,
  };
}

function words(params: readonly Param[]): Uint32Array<ArrayBuffer> {
  const view = new DataView(new ArrayBuffer(4 * params.length));
  params.forEach(({ type, value }, i) => {
    if (type === 'u32') view.setUint32(4 * i, value, true);
    else view.setFloat32(4 * i, value, true);
  });
  return new Uint32Array(view.buffer);
}
