// The types of a backend's kernel table: one entry per op, under the op's name.
import type { Node, NodeOf, ValueId } from '../graph/graph.ts';
import type { CompositeOp, InputsOf, OpName, OutputsOf, PrimitiveOp } from '../ops/signatures.ts';
import { definitionOf } from '../ops/table.ts';
import type { Each } from '../tuple.ts';
import { each } from '../tuple.ts';

/** The parameter and result types of a backend's kernels. */
export interface KernelTypes {
  /** Represents an input of the node: a tensor, a buffer, a type. */
  readonly input: unknown;
  /** Represents an output. */
  readonly output: unknown;
  /** An extra argument of every kernel. */
  readonly context: unknown;
  /** The return value of every kernel. */
  readonly result: unknown;
}

/** The inputs and outputs of a node, as tuples of the lengths that its op defines. */
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
 * A kernel table. Every primitive needs an entry, so a forgotten or misspelled one is a compile error. A composite without an
 * entry is decomposed.
 */
export type Kernels<T extends KernelTypes> = { readonly [K in PrimitiveOp]: Kernel<K, T> } & {
  readonly [K in CompositeOp]?: Kernel<K, T>;
};

/** A kernel bound to one node and its values. */
export type BoundKernel<T extends KernelTypes> = (
  input: (value: ValueId) => T['input'],
  output: (value: ValueId) => T['output'],
  context: T['context'],
) => T['result'];

/** Returns the table's kernel for a node, or undefined if the op has no entry. */
export function kernelFor<T extends KernelTypes>(
  kernels: Partial<Kernels<T>>,
  node: Node,
): BoundKernel<T> | undefined {
  type Operand = { readonly inputs: readonly T['input'][]; readonly outputs: readonly T['output'][] };
  // Indexing by node.op selects the entry for this node; TypeScript cannot correlate the two unions.
  const kernel = kernels[node.op] as
    ((node: Node, operands: Operand, context: T['context']) => T['result']) | undefined;
  if (!kernel) return undefined;
  return (input, output, context) =>
    kernel(node, { inputs: each(node.inputs, input), outputs: each(node.outputs, output) }, context);
}

/** Returns a `supports` function that accepts exactly the ops in the table. */
export function inTable<T extends KernelTypes>(kernels: Partial<Kernels<T>>): (node: Node) => true | string {
  return ({ op }) => {
    if (Object.hasOwn(kernels, op)) return true;
    return definitionOf(op).kind === 'composite'
      ? `${op} has no native kernel; its decomposition runs`
      : `the kernel table lacks the primitive ${op}; add a kernel`;
  };
}
