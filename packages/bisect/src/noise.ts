// Measures the error that rounding alone causes in the results of a graph: the float64 reference runs the graph again with every
// result of every op disturbed by about as much as float32 would lose there (Monte Carlo arithmetic; Parker 1997). The bounds of
// @isonet/conformance add up the worst case of every op; this noise grows as real errors do, cancellation included.
import type { Rounding, Section } from '@isonet/conformance/judging';
import { referenceDevice, roundingOf, runOnce, U } from '@isonet/conformance/judging';
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
import type { Values } from './section.ts';
import { valuesRead } from './section.ts';
import { distance } from './tensors.ts';

/** The number of disturbed runs: a single run may happen to leave a scalar, such as the loss, unchanged. */
const SAMPLES = 2;

/** A disturbance is this many times the error of one correctly rounded operation. */
const AMPLITUDE = 2 * U;

/**
 * Returns the L2 norm of the rounding error of each value read; 0 if the value is exact.
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

/** Replaces every result y and every term of a sum with y (1 +- r) +- a, with a random sign per value. */
function disturb(graph: Graph, sample: number): Graph {
  const b = new GraphBuilder(graph.name);
  let index = 0;
  const emit: CopyOptions['emit'] = (node, inputs) => {
    const stream = `bisect/noise ${sample} ${index++}`;
    const rounding = roundingOf(graph, node);
    const walk = walkOf(rounding);
    // Where the terms of a sum cancel, their errors do not. In a sum of products, disturbing one factor is enough.
    const [summed] = rounding.sums;
    const operands = inputs.map((input, i) =>
      i === summed && walk > 1 ? scaled(b, input, signs(`${stream} terms`, input), walk) : input,
    );
    const outputs = b.emit(node.op, operands, node.attrs);
    return outputs.map((y) => disturbed(b, y, signs(stream, y), rounding, inputs));
  };
  copyResults(b, graph, copyInto(b, graph, { emit }));
  return b.build();
}

/**
 * Returns the relative error of a sum, in units of {@link AMPLITUDE}: the rounding errors of its terms add up like a
 * random walk (Higham and Mary 2019).
 */
function walkOf({ sums, terms }: Rounding): number {
  return sums.length === 0 ? 0 : Math.ceil(Math.sqrt(terms));
}

function disturbed(
  b: GraphBuilder,
  y: Value,
  drawn: Float32Array,
  rounding: Rounding,
  [operand]: readonly Value[],
): Value {
  const { units, unitsPerMagnitude, floor } = rounding;
  const relative = units + walkOf(rounding);
  if (y.dtype !== 'float32' || relative + floor === 0) return y;
  const stretch = unitsPerMagnitude > 0 && operand ? magnitude(b, operand, unitsPerMagnitude) : undefined;
  const near = scaled(b, y, drawn, relative, stretch);
  if (floor === 0) return near;
  const shifts = drawn.map((sign) => sign * floor * AMPLITUDE);
  return b.op.add(near, b.constant(float32(y.shape, shifts)));
}

/** x (1 +- units), optionally with further units for each value. */
function scaled(b: GraphBuilder, x: Value, drawn: Float32Array, units: number, more?: Value): Value {
  const of = (factors: Float32Array): Value => b.constant(float32(x.shape, factors));
  const near = b.op.mul(x, of(drawn.map((sign) => 1 + sign * units * AMPLITUDE)));
  if (!more) return near;
  return b.op.add(near, b.op.mul(x, b.op.mul(more, of(drawn.map((sign) => sign * AMPLITUDE)))));
}

/** |x| times a factor. */
function magnitude(b: GraphBuilder, x: Value, factor: number): Value {
  const scale = (by: number): Value => b.op.mul(x, b.fill(by, x.shape));
  return b.op.max(scale(factor), scale(-factor));
}

/** Returns a random sign, -1 or 1, for each value. */
function signs(stream: string, { shape }: Value): Float32Array {
  return uniformBlock(0, streamKey(stream), 0, 0, sizeOf(shape)).map((u) => (u < 0.5 ? -1 : 1));
}
