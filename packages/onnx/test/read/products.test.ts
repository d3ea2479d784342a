// Gemm and MatMul: expected values are computed by hand.
import { float32 } from '@isonet/core';
import type { Shape } from '@isonet/core';
import { readGraph } from '@isonet/onnx';
import { describe, expect, it } from 'vitest';
import { onnxTensor } from '../../src/write/writer/encode.ts';
import { counting, gradientError, node, onnxModel, outputOf, run, scattered } from './model.ts';

describe('Gemm', () => {
  const w = onnxTensor('w', float32([2, 3], [1, 0, 2, 0, 1, 3]));
  const x = float32([2, 2], [1, 2, 3, 4]);
  const gemm = async (c: readonly number[], dims: Shape, attrs = {}) =>
    (
      await outputOf(
        {
          nodes: [node('Gemm', ['x', 'w', 'c'], ['y'], attrs)],
          initializers: [w, onnxTensor('c', float32(dims, c))],
        },
        x,
      )
    ).data;

  it('adds C in every shape that broadcasts', async () => {
    const nodes = [node('Gemm', ['x', 'w'], ['y'])];
    const product = [1, 2, 8, 3, 4, 18];
    expect((await outputOf({ nodes, initializers: [w] }, x)).data).toEqual(product);
    expect(await gemm([10], [])).toEqual(product.map((value) => value + 10));
    expect(await gemm([10], [1])).toEqual(product.map((value) => value + 10));
    expect(await gemm([10, 20, 30], [3])).toEqual([11, 22, 38, 13, 24, 48]);
    expect(await gemm([10, 20, 30], [1, 3])).toEqual([11, 22, 38, 13, 24, 48]);
    expect(await gemm([10, 20], [2, 1])).toEqual([11, 12, 18, 23, 24, 38]);
    expect(await gemm([1, 2, 3, 4, 5, 6], [2, 3])).toEqual([2, 4, 11, 7, 9, 24]);
  });

  it('transposes and scales', async () => {
    const attrs = { transA: 1, alpha: { float: 0.5 }, beta: { float: 2 } };
    // x' = [[1, 3], [2, 4]].
    expect(await gemm([1, 0, 0], [3], attrs)).toEqual([2.5, 1.5, 5.5, 3, 2, 8]);
    expect(await gemm([1, 0, 0], [3], { ...attrs, beta: { float: 0 } })).toEqual([0.5, 1.5, 5.5, 1, 2, 8]);
    const model = {
      nodes: [node('Gemm', ['x', 'w', 'c'], ['y'], { ...attrs, transB: 1 })],
      initializers: [onnxTensor('w', scattered([3, 2])), onnxTensor('c', scattered([2, 1], 3))],
    };
    expect(await gradientError(model, scattered([2, 2], 1))).toBeLessThan(1e-4);
  });

  it('refuses a C that is larger than the product', async () => {
    await expect(gemm([1, 2], [2, 1, 1])).rejects.toThrow('C [2, 1, 1] does not broadcast to [2, 3]');
  });
});

describe('MatMul', () => {
  const product = async (a: Shape, b: Shape) => {
    const nodes = [node('MatMul', ['a', 'b'], ['y'])];
    const bytes = onnxModel({ nodes, inputs: { a, b }, outputs: ['y'] });
    const { y } = await run(bytes, { a: counting(a), b: counting(b) });
    return y;
  };

  it('multiplies vectors, matrices, and stacks of matrices that broadcast, as NumPy does', async () => {
    expect(await product([3], [3])).toEqual({ shape: [], data: [5] });
    expect(await product([2], [2, 3])).toEqual({ shape: [3], data: [3, 4, 5] });
    expect(await product([2, 3], [3])).toEqual({ shape: [2], data: [5, 14] });
    expect(await product([2, 1, 2], [2, 2])).toEqual({ shape: [2, 1, 2], data: [2, 3, 6, 11] });
    expect(await product([2, 2], [2, 2, 2])).toEqual({ shape: [2, 2, 2], data: [2, 3, 6, 11, 6, 7, 26, 31] });
    expect(await product([2, 1, 2], [2, 2, 1])).toEqual({ shape: [2, 1, 1], data: [1, 13] });
    // From numpy.matmul(arange(4).reshape(2, 1, 1, 2), arange(4).reshape(2, 2, 1)).
    expect(await product([2, 1, 1, 2], [2, 2, 1])).toEqual({ shape: [2, 2, 1, 1], data: [1, 3, 3, 13] });
    expect(await product([2, 2, 2], [2])).toEqual({ shape: [2, 2], data: [1, 3, 5, 7] });
  });

  it('learns an initializer on either side', async () => {
    const right = {
      nodes: [node('MatMul', ['x', 'w'], ['y'])],
      initializers: [onnxTensor('w', scattered([2, 3]))],
    };
    const left = { ...right, nodes: [node('MatMul', ['w', 'x'], ['y'])] };
    for (const [model, x] of [
      [right, scattered([2, 2, 2], 1)],
      [left, scattered([2, 3, 2], 1)],
    ] as const) {
      const bytes = onnxModel({ ...model, inputs: { x: x.shape }, outputs: ['y'] });
      expect(readGraph(bytes).graph.state.map(({ name }) => name)).toEqual(['w']);
      expect(await gradientError(model, x)).toBeLessThan(1e-4);
    }
    const stacks = { ...right, initializers: [onnxTensor('w', scattered([2, 2, 3]))] };
    expect(await gradientError(stacks, scattered([2, 1, 2], 1))).toBeLessThan(1e-4);
  });
});
