// What rounding alone makes of a graph's results, measured: the float64 reference runs the graph once more with every
// result of every op disturbed by about as much as float32 would lose there (Monte Carlo arithmetic; Parker 1997). Unlike
// the bounds of tolerance.ts, which add up the worst of every op and say nothing any more after a few convolutions, it
// grows as errors do, and knows what cancels.
import { referenceDevice, runOnce } from '@isonet/conformance/judging';
import type { CopyOptions, Graph, Node, OpName, Shape, Tensors, Value } from '@isonet/core';
import {
  copyInto,
  copyResults,
  decompose,
  float32,
  GraphBuilder,
  sizeOf,
  streamKey,
  uniformBlock,
} from '@isonet/core';
import { distance } from './distance.ts';

/** One unit in the last place of 1, as float32. */
const UNIT = 2 ** -23;

/** Of the disturbed runs: one alone may happen to leave a single number, like the loss, where it was. */
const SAMPLES = 2;

/** Ops that copy, choose or compare: their results are exact. */
const EXACT: ReadonlySet<OpName> = new Set([
  'argMax',
  'broadcast',
  'cast',
  'concat',
  'equal',
  'greater',
  'isFinite',
  'max',
  'maxPool2d',
  'maxPool2dGather',
  'min',
  'oneHot',
  'pad',
  'randomUniform',
  'reduceMax',
  'reshape',
  'select',
  'slice',
  'stopGradient',
  'transpose',
]);

/** Relative to the result, in units. What is not here is off by one. */
const UNITS: { readonly [K in OpName]?: number } = { div: 3, exp: 8, log: 6, sqrt: 5 };

/** Absolute, as tolerance.ts has it: where the result is near 0, nothing relative holds for these. */
const FLOORS: { readonly [K in OpName]?: number } = { erf: 2 ** -20, log: 2 ** -21, tanh: 2 ** -20 };

/**
 * By output, the L2 norm of its error; 0 for what is exact.
 * @param expected the outputs of the undisturbed graph
 */
export async function noiseOf(
  graph: Graph,
  state: Tensors,
  feeds: Tensors,
  expected: Tensors,
): Promise<Readonly<Record<string, number>>> {
  const primitive = decompose(graph, () => true);
  const device = await referenceDevice();
  const squares: Record<string, number> = {};
  for (let sample = 0; sample < SAMPLES; sample++) {
    const outputs = await runOnce(device, disturb(primitive, sample), state, feeds);
    for (const [name, { data }] of Object.entries(outputs)) {
      const error = distance(data, expected[name]?.data ?? []);
      squares[name] = (squares[name] ?? 0) + error ** 2 / SAMPLES;
    }
  }
  return Object.fromEntries(Object.entries(squares).map(([name, square]) => [name, Math.sqrt(square)]));
}

/**
 * The graph with each result y made y (1 +- u) or y +- a, the sign drawn for each value. Rounding errors of a sum of n terms
 * add up like a random walk (Higham and Mary 2019): the sum is off by sqrt(n) units, and so is one factor of each term,
 * for where the terms cancel their errors do not.
 */
function disturb(graph: Graph, sample: number): Graph {
  const b = new GraphBuilder(graph.name);
  let index = 0;
  const emit: CopyOptions['emit'] = (node, inputs) => {
    const stream = `bisect/noise ${sample} ${index++}`;
    const walk = Math.ceil(Math.sqrt(termsOf(node, inputs)));
    const place = node.op === 'maxPool2dGrad' ? 2 : 0;
    const operands = inputs.map((input, i) =>
      i === place && walk > 1 ? scaled(b, input, signs(`${stream} terms`, input), walk) : input,
    );
    const outputs = b.emit(node.op, operands, node.attrs);
    if (EXACT.has(node.op)) return outputs;
    const units = UNITS[node.op] ?? walk;
    return outputs.map((y) => disturbed(b, y, signs(stream, y), units, FLOORS[node.op] ?? 0));
  };
  copyResults(b, graph, copyInto(b, graph, { emit }));
  return b.build();
}

function disturbed(b: GraphBuilder, y: Value, drawn: Float32Array, units: number, floor: number): Value {
  if (y.dtype !== 'float32') return y;
  const near = scaled(b, y, drawn, units);
  const shift = float32(
    y.shape,
    drawn.map((sign) => sign * floor),
  );
  return floor === 0 ? near : b.op.add(near, b.constant(shift));
}

/** x (1 +- units) */
function scaled(b: GraphBuilder, x: Value, drawn: Float32Array, units: number): Value {
  const factors = float32(
    x.shape,
    drawn.map((sign) => 1 + sign * units * UNIT),
  );
  return b.op.mul(x, b.constant(factors));
}

function signs(stream: string, { shape }: Value): Float32Array {
  return uniformBlock(0, streamKey(stream), 0, 0, sizeOf(shape)).map((u) => (u < 0.5 ? -1 : 1));
}

/** How many products or values each number of the result is the sum of; 1 where it is no sum. */
function termsOf(node: Node, [x, y]: readonly Value[]): number {
  const [first, second]: readonly [Shape, Shape] = [x?.shape ?? [], y?.shape ?? []];
  switch (node.op) {
    case 'reduceSum':
      return sizeOf(node.attrs.axes.map((axis) => first[axis] ?? 1));
    case 'matMul':
      return first[node.attrs.transposeA ? 0 : 1] ?? 1;
    case 'conv2d':
      return sizeOf(second.slice(1));
    case 'conv2dGradInput':
      return sizeOf(second) / (second[1] ?? 1) / node.attrs.groups;
    case 'conv2dGradFilter':
      return sizeOf(second) / (second[1] ?? 1);
    case 'avgPool2d':
    case 'avgPool2dGrad':
    case 'maxPool2dGrad':
      return sizeOf(node.attrs.kernel);
    default:
      return 1;
  }
}
