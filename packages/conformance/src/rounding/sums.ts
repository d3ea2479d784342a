// How long the sums of a graph are, and how far its results may be off on the whole because of them.
import type { Graph, Node, Shape, ValueId } from '@isonet/core';
import { decompose, dimOf, shape2, shape4, sizeOf, typeOf } from '@isonet/core';
import { U, windowsOver } from './graph.ts';

/** Over what sqrt(n) roundings of the whole sum would leave. */
const SLACK = 8;

/**
 * Relative, in the L2 norm. The bounds of tolerance.ts are for the worst case, in which every rounding errs the same way: a
 * sum of n terms may lose n U. Over n = 1000 terms that is more than TF32's rounded inputs lose. But the roundings of many
 * sums do not conspire: taken together they are off by some sqrt(n) U (Higham and Mary 2019, "A new approach to
 * probabilistic rounding error analysis"); summed one by one by sqrt(n / 6) U, in blocks by less. TF32's 2e-4 is 13 times
 * what is allowed over 1000 terms.
 */
export function overallBound(graph: Graph): number {
  return SLACK * U * Math.sqrt(longestSum(graph));
}

/** The terms of the longest sum that some value of the graph is. */
export function longestSum(graph: Graph): number {
  const primitive = decompose(graph, () => true);
  return Math.max(1, ...primitive.nodes.map((node) => termsOf(primitive, node)));
}

function termsOf(graph: Graph, node: Node): number {
  const shapeOf = (value: ValueId): Shape => typeOf(graph, value).shape;
  switch (node.op) {
    case 'conv2d': {
      const [, ...perFilter] = shape4(shapeOf(node.inputs[1]));
      return sizeOf(perFilter);
    }
    case 'conv2dGradInput': {
      const [filters, , ...kernel] = shape4(shapeOf(node.inputs[1]));
      const { groups, strides } = node.attrs;
      return (filters / groups) * windowsOver({ kernel, strides });
    }
    case 'conv2dGradFilter': {
      const dy = shapeOf(node.inputs[1]);
      return sizeOf(dy) / dimOf(dy, 1);
    }
    case 'matMul': {
      const [rows, columns] = shape2(shapeOf(node.inputs[0]));
      return node.attrs.transposeA ? rows : columns;
    }
    case 'reduceSum':
      return sizeOf(shapeOf(node.inputs[0])) / sizeOf(shapeOf(node.outputs[0]));
    case 'avgPool2d':
      return sizeOf(node.attrs.kernel);
    case 'avgPool2dGrad':
    case 'maxPool2dGrad':
      return windowsOver(node.attrs);
    default:
      return 1;
  }
}
