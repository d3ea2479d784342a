// The shape of a backend's table of kernels: one entry per op, under the op's name.
import type { Node, NodeOf, ValueId } from '../graph/graph.ts';
import type { CompositeOp, InputsOf, OpName, OutputsOf, PrimitiveOp } from '../ops/signatures.ts';
import type { Each } from '../tuple.ts';
import { each } from '../tuple.ts';

/** What a backend's kernels are handed and give back. */
export interface KernelTypes {
  /** What stands for an input of the node: a tensor, a buffer, a type. */
  readonly input: unknown;
  /** What stands for an output. */
  readonly output: unknown;
  /** What all kernels are handed besides. */
  readonly context: unknown;
  /** What each kernel gives back. */
  readonly result: unknown;
}

/** The inputs and outputs of a node, as many as its op has. */
export interface Operands<K extends OpName, T extends Pick<KernelTypes, 'input' | 'output'>> {
  readonly inputs: Each<InputsOf<K>, T['input']>;
  readonly outputs: Each<OutputsOf<K>, T['output']>;
}

/** One op's entry: `({ attrs }, { inputs: [x, w], outputs: [y] }, context) => result`. */
export type Kernel<K extends OpName, T extends KernelTypes> = (
  node: NodeOf<K>,
  operands: Operands<K, T>,
  context: T['context'],
) => T['result'];

/**
 * Primitives total, composites partial: a primitive that is forgotten or misspelt does not compile, a composite without an
 * entry is decomposed.
 */
export type Kernels<T extends KernelTypes> = { readonly [K in PrimitiveOp]: Kernel<K, T> } & {
  readonly [K in CompositeOp]?: Kernel<K, T>;
};

/** A kernel with its node and that node's values filled in. */
export type BoundKernel<T extends KernelTypes> = (
  input: (value: ValueId) => T['input'],
  output: (value: ValueId) => T['output'],
  context: T['context'],
) => T['result'];

/** The table's entry for a node, or undefined for an op that it does not have. */
export function kernelFor<T extends KernelTypes>(
  kernels: Partial<Kernels<T>>,
  node: Node,
): BoundKernel<T> | undefined {
  type Operand = { readonly inputs: readonly T['input'][]; readonly outputs: readonly T['output'][] };
  // Indexing by node.op picks the entry for this very node; TypeScript cannot follow the two unions side by side.
  const kernel = kernels[node.op] as
    ((node: Node, operands: Operand, context: T['context']) => T['result']) | undefined;
  if (!kernel) return undefined;
  return (input, output, context) =>
    kernel(node, { inputs: each(node.inputs, input), outputs: each(node.outputs, output) }, context);
}

/** `supports` of a device that runs exactly what its table holds. */
export function inTable<T extends KernelTypes>(kernels: Partial<Kernels<T>>): (node: Node) => true | string {
  return ({ op }) => Object.hasOwn(kernels, op) || `${op} has no kernel of its own; its decomposition runs`;
}
