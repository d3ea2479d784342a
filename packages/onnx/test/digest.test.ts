// The digest from which a plan's id is derived changes with the computation of a graph, but not with its names and
// weights.
import type { Graph, Tensors } from '@isonet/core';
import { float32, GraphBuilder, scalar } from '@isonet/core';
import { describe, expect, test } from 'vitest';
import { digestedBytes, staticDims, training, writeGraph } from '../src/write/index.ts';
import type { OnnxKernels } from '../src/write/index.ts';

const pair = { dtype: 'float32', shape: [2] } as const;

/** The names of the parts of {@link exponential}. */
interface Names {
  readonly graph: string;
  readonly layer: string;
  readonly input: string;
  readonly state: string;
  readonly output: string;
}

const plain: Names = { graph: 'g', layer: 'l', input: 'x', state: 'w', output: 'y' };

/** Builds the graph y = exp(w x noise + constants), and the update w' = w x. */
function exponential(names: Names = plain, constants: readonly number[] = [3, 4]): Graph {
  const b = new GraphBuilder(names.graph);
  const [x, w] = [b.input(names.input, pair), b.state(names.state, pair)];
  const random = b.input('random', { dtype: 'uint32', shape: [3] });
  b.within({ layer: names.layer }, () => {
    const product = b.op.mul(x, w);
    const noise = b.op.randomUniform(random, { shape: [2], stream: 1 });
    const shifted = b.op.add(b.op.mul(product, noise), b.constant(float32([2], constants)));
    b.output(names.output, b.op.exp(shifted));
    b.update(names.state, product);
  });
  return b.build();
}

/** Returns kernels that write exp as `exp(x) * factor`. */
const scaled = (factor: number): OnnxKernels => ({
  ...training,
  exp: (_, { inputs: [x], outputs: [y] }, writer) =>
    writer.set(
      y,
      writer.emit('Mul', [writer.emit('Exp', [writer.full(x)]), writer.constant(scalar(factor))]),
    ),
});

function digest(graph: Graph, table: OnnxKernels = training, weights?: Tensors): string {
  const options = { dims: staticDims(graph), table, ...(weights ? { weights } : {}) };
  return Buffer.from(digestedBytes(writeGraph(graph, options))).toString('hex');
}

describe('the digest', () => {
  const usual = digest(exponential());

  test('covers the constants that kernels write', () => {
    expect(digest(exponential(), scaled(1.5))).not.toBe(digest(exponential(), scaled(1.0000001)));
    expect(digest(exponential(), scaled(1.5))).toBe(digest(exponential(), scaled(1.5)));
  });

  test("covers the graph's constants", () => {
    expect(digest(exponential(plain, [3, 5]))).not.toBe(usual);
    expect(digest(exponential(plain, [3, Infinity]))).not.toBe(digest(exponential(plain, [3, -Infinity])));
  });

  test('ignores names', () => {
    for (const name of ['graph', 'layer', 'input', 'state', 'output'] as const) {
      expect(digest(exponential({ ...plain, [name]: 'another' })), name).toBe(usual);
    }
    const all = { graph: 'v1', layer: 'v2', input: 'v3', state: 'constant', output: 'v1' };
    expect(digest(exponential(all))).toBe(usual);
  });

  test('covers the types of embedded weights, but not their values', () => {
    const baked = (...numbers: readonly number[]): string =>
      digest(exponential(), training, { w: float32([2], numbers) });
    expect(baked(1, 2)).toBe(baked(3, 4));
    expect(baked(1, 2)).not.toBe(usual);
  });

  test('covers a constant that is equal to a weight', () => {
    const baked = (constant: number): string =>
      digest(exponential(plain, [constant, 0]), training, { w: float32([2], [1, 0]) });
    expect(baked(1)).not.toBe(baked(2));
  });

  test('distinguishes which value is used where', () => {
    const difference = (swapped: boolean): Graph => {
      const b = new GraphBuilder('g');
      const [a, c] = [b.input('a', pair), b.input('c', pair)];
      b.output('y', swapped ? b.op.sub(c, a) : b.op.sub(a, c));
      return b.build();
    };
    expect(digest(difference(true))).not.toBe(digest(difference(false)));
  });
});
