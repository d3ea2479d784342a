// What a kernel is: from one node of a graph to the compute shaders that run it. Nothing here touches a device, so that
// plans can be made, and tested, without one.
import type { Kernel as CoreKernel, Kernels as CoreKernels, OpName, TensorType, ValueId } from '@isonet/core';

/** A tensor that a node reads or gives: its type, and the operand that stands for it in a dispatch. */
export interface NodeTensor extends TensorType {
  readonly of: 'node';
  readonly value: ValueId;
}

/** Memory that exists during the node alone. */
export interface Temporary {
  readonly of: 'temporary';
  /** Tells the temporaries of one node apart. */
  readonly index: number;
  readonly bytes: number;
}

/** Memory that a shader is bound to. */
export type Operand = NodeTensor | Temporary;

/** The same memory under another type. */
export interface Alias {
  readonly aliasOf: NodeTensor;
}

/** An alias, or dispatches that run one after the other. */
export type Lowered = Alias | readonly Dispatch[];

export interface WgslKernelTypes {
  readonly input: NodeTensor;
  readonly output: NodeTensor;
  readonly context: undefined;
  readonly result: Lowered;
}

/** One op's entry in the table: `({ attrs }, { inputs: [x, w], outputs: [y] }) => dispatches`. */
export type Kernel<K extends OpName> = CoreKernel<K, WgslKernelTypes>;
export type WgslKernels = CoreKernels<WgslKernelTypes>;

/** One shader over `threads` threads. Shapes go in as `params`, so that few shaders serve all layers. */
export interface Dispatch {
  readonly source: string;
  readonly reads: readonly Operand[];
  readonly writes: readonly Operand[];
  /** The uniform struct: one 32-bit word per parameter. */
  readonly params: Uint32Array<ArrayBuffer>;
  readonly threads: number;
  /** Whether an input of one value would do where the node has a tensor that repeats it: see pointwise.ts. */
  readonly takesSingles: boolean;
}

export const WORKGROUP_SIZE = 64;

/** `size` values of 32 bits. */
export function temporary(index: number, size: number): Temporary {
  return { of: 'temporary', index, bytes: size * 4 };
}

/** How WGSL reads the 32 bits of a value. Bools are u32, 0 or 1. */
export type Element = 'f32' | 'i32' | 'u32';

export interface Param {
  readonly type: 'f32' | 'u32';
  readonly value: number;
}

export function u32(value: number): Param {
  return { type: 'u32', value };
}

/** Rounded to float32 once. */
export function f32(value: number): Param {
  return { type: 'f32', value };
}

/** Whole numbers of 0 or more, as params of the same names. */
export function u32s(values: Readonly<Record<string, number>>): Readonly<Record<string, Param>> {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, u32(value)]));
}

export type Binding = readonly [operand: Operand, element: Element];

export interface Shader {
  /** Arrays by the name that the body calls them by. */
  readonly reads: Readonly<Record<string, Binding>>;
  readonly writes: Readonly<Record<string, Binding>>;
  /** `params.<name>` in the body. */
  readonly params: Readonly<Record<string, Param>>;
  readonly threads: number;
  /** WGSL functions that the body calls. */
  readonly functions?: string;
  /** False unless given. */
  readonly takesSingles?: boolean;
  /** What the thread `i: u32` does. */
  readonly body: string;
}

/** Completes a shader's body with its bindings: the params at 0, then what it reads, then what it writes. */
export function dispatch({
  reads,
  writes,
  params,
  threads,
  functions = '',
  takesSingles = false,
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
    takesSingles,
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
