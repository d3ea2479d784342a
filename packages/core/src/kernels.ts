// The shape of a backend's table of kernels: one entry per op, under the op's name.
import type { Node, NodeOf } from './graph.ts';
import type { CompositeOp, OpName, PrimitiveOp } from './ops/table.ts';

type Kernel<K extends OpName, Context, Result> = (node: NodeOf<K>, context: Context) => Result;

/**
 * Primitives total, composites partial: a primitive that is forgotten or misspelt does not compile, a composite without an
 * entry is decomposed. `Context` is what the backend hands each kernel, `Result` what it gets back: buffers, dispatches,
 * ONNX nodes.
 */
export type Kernels<Context, Result> = {
  readonly [K in PrimitiveOp]: Kernel<K, Context, Result>;
} & { readonly [K in CompositeOp]?: Kernel<K, Context, Result> };

/** The table's entry for a node, or undefined for a composite that it leaves to its decomposition. */
export function kernelFor<Context, Result>(
  kernels: Partial<Kernels<Context, Result>>,
  node: Node,
): ((context: Context) => Result) | undefined {
  const entry = kernels[node.op];
  // Indexing by node.op picks the entry for this very node; TypeScript cannot follow the two unions side by side.
  const kernel = entry as ((node: Node, context: Context) => Result) | undefined;
  return kernel && ((context) => kernel(node, context));
}
