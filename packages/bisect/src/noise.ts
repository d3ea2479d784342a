// The error that rounding alone makes of a graph's results, measured: the float64 reference runs the graph once more with
// every result of every op disturbed by about as much as float32 would lose there (Monte Carlo arithmetic; Parker 1997).
// Unlike the bounds of tolerance.ts, which add up the worst case of every op, it grows as errors do and sees what cancels.
import { referenceDevice, runOnce } from '@isonet/conformance/judging';
import type { CopyOptions, Graph, Tensors, Value, ValueId } from '@isonet/core';
import {
  copyInto,
  copyResults,
  decompose,
  defined,
  float32,
  GraphBuilder,
  sizeOf,
  streamKey,
  uniformBlock,
} from '@isonet/core';
import { roundingOf, UNIT } from './primitives.ts';
import type { Section, Values } from './section.ts';
import { valuesRead } from './section.ts';
import { distance } from './tensors.ts';

/** Disturbed runs: a single one may happen to leave a single number, such as the loss, where it was. */
const SAMPLES = 2;

/**
 * The L2 norm of the error of each value read; 0 where the value is exact.
 * @param expected the outputs of the undisturbed section
 */
export async function noiseOf(
  section: Section,
  state: Tensors,
  feeds: Tensors,
  expected: Values,
): Promise<ReadonlyMap<ValueId, number>> {
  const primitive = decompose(section.graph, () => true);
  const device = await referenceDevice();
  const samples: Values[] = [];
  for (let sample = 0; sample < SAMPLES; sample++) {
    const outputs = await runOnce(device, disturb(primitive, sample), state, feeds);
    samples.push(valuesRead(section, outputs));
  }
  const noise = (value: ValueId, { data }: { readonly data: ArrayLike<number> }): number => {
    const errors = samples.map((values) => distance(defined(values.get(value), `%${value}`).data, data));
    return Math.sqrt(errors.reduce((sum, error) => sum + error ** 2 / SAMPLES, 0));
  };
  return new Map([...expected].map(([value, tensor]) => [value, noise(value, tensor)]));
}

/** The graph with each result y made y (1 +- u) +- a, and so the terms of each sum; the signs are drawn for each number. */
function disturb(graph: Graph, sample: number): Graph {
  const b = new GraphBuilder(graph.name);
  let index = 0;
  const emit: CopyOptions['emit'] = (node, inputs) => {
    const stream = `bisect/noise ${sample} ${index++}`;
    const { units, floor, summed } = defined(roundingOf(graph, node), `the rounding of ${node.op}`);
    const terms = summed === undefined || units === 1 ? undefined : node.inputs.indexOf(summed);
    const operands = inputs.map((input, place) =>
      place === terms ? scaled(b, input, signs(`${stream} terms`, input), units) : input,
    );
    const outputs = b.emit(node.op, operands, node.attrs);
    if (units === 0) return outputs;
    return outputs.map((y) => disturbed(b, y, signs(stream, y), units, floor));
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

/** -1 or 1 for each number. */
function signs(stream: string, { shape }: Value): Float32Array {
  return uniformBlock(0, streamKey(stream), 0, 0, sizeOf(shape)).map((u) => (u < 0.5 ? -1 : 1));
}
