// How long the sums of a graph are, and how far its results may be off on the whole because of them.
import type { Graph, Node } from '@isonet/core';
import { decompose, sizeOf, typesOf } from '@isonet/core';
import { U, windowsOver } from '../analysis.ts';

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
  const shapes = typesOf(graph, [...node.inputs, ...node.outputs]).map(({ shape }) => shape);
  const [x = [], y = []] = shapes;
  switch (node.op) {
    case 'conv2d':
      return sizeOf(y.slice(1));
    case 'conv2dGradInput':
      return (
        ((y[0] ?? 1) / node.attrs.groups) * windowsOver({ kernel: y.slice(2), strides: node.attrs.strides })
      );
    case 'conv2dGradFilter':
      return sizeOf(y) / (y[1] ?? 1);
    case 'matMul':
      return x[node.attrs.transposeA ? 0 : 1] ?? 1;
    case 'reduceSum':
      return sizeOf(x) / sizeOf(y);
    case 'avgPool2d':
      return sizeOf(node.attrs.kernel);
    case 'avgPool2dGrad':
    case 'maxPool2dGrad':
      return windowsOver(node.attrs);
    default:
      return 1;
  }
}
