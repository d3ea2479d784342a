// Reductions and ArgMax: expected values are computed by hand from the definitions in ONNX's Operators.md.
import { float32 } from '@isonet/core';
import { readGraph } from '@isonet/onnx';
import { describe, expect, it } from 'vitest';
import { int64Tensor } from '../../src/write/writer/encode.ts';
import { gradientError, node, onnxModel, outputOf, run, scattered } from './model.ts';

type Attrs = Parameters<typeof node>[3];

const x = float32([2, 3], [1, -2, 4, 3, 0, -1]);
/** The expected results of reducing the last axis of x, and of reducing its shape: the integers 2 and 3. */
const rows = [
  ['ReduceSum', [3, 2], 5],
  ['ReduceMean', [1, 2 / 3], 2],
  ['ReduceMax', [4, 3], 3],
  ['ReduceMin', [-2, -1], 2],
  ['ReduceProd', [-8, 0], 6],
  ['ReduceL1', [7, 4], 5],
  ['ReduceL2', [Math.sqrt(21), Math.sqrt(10)], 3],
  ['ReduceLogSum', [Math.log(3), Math.log(2)], 1],
  [
    'ReduceLogSumExp',
    [Math.log(Math.E + Math.exp(-2) + Math.exp(4)), Math.log(Math.exp(3) + 1 + Math.exp(-1))],
    3,
  ],
  ['ReduceSumSquare', [21, 10], 13],
] as const;
const rounded = (values: readonly number[]): readonly number[] =>
  values.map((value) => Number(value.toPrecision(6)));

describe.each(rows)('%s', (opType, expected, ofShape) => {
  const axes = int64Tensor('axes', [-1]);

  it('reads its axes from an attribute in old operator sets and from an input in new ones', async () => {
    const old = { nodes: [node(opType, ['x'], ['y'], { axes: [1] })], opset: 12 };
    expect(await outputOf(old, x)).toEqual({ shape: [2, 1], data: rounded(expected) });
    const now = {
      nodes: [node(opType, ['x', 'axes'], ['y'], { keepdims: 0 })],
      initializers: [axes],
      opset: 18,
    };
    expect(await outputOf(now, x)).toEqual({ shape: [2], data: rounded(expected) });
  });

  it('computes constants on the host', async () => {
    // Reduces the integers 2 and 3, and squares the result.
    const nodes = [
      node('Shape', ['x'], ['shape']),
      node(opType, ['shape'], ['reduced'], { keepdims: 0 }),
      node('Mul', ['reduced', 'reduced'], ['y']),
    ];
    const bytes = onnxModel({ nodes, inputs: { x: x.shape }, outputs: ['y'], opset: 18 });
    expect(readGraph(bytes).graph.nodes).toEqual([]);
    expect((await run(bytes, { x }))['y']).toEqual({ shape: [], data: [ofShape ** 2] });
  });

  it('has gradients', async () => {
    // Positive values, so that logarithms exist.
    const positive = scattered([2, 3]);
    const model = { nodes: [node(opType, ['x'], ['y'], { axes: [1] })], opset: 12 };
    const shifted = float32(
      [2, 3],
      Float32Array.from(positive.data, (value) => value + 2.5),
    );
    expect(await gradientError(model, shifted)).toBeLessThan(1e-3);
  });
});

it('reduces all axes if none is named, or none with noop_with_empty_axes', async () => {
  const all = (attrs: Attrs) =>
    outputOf({ nodes: [node('ReduceSumSquare', ['x'], ['y'], attrs)], opset: 18 }, x);
  expect(await all({ keepdims: 0 })).toEqual({ shape: [], data: [31] });
  expect(await all({ noop_with_empty_axes: 1 })).toEqual({ shape: [2, 3], data: [1, 4, 16, 9, 0, 1] });
});

it('refuses missing and duplicate axes', () => {
  const bytes = onnxModel({
    nodes: [
      node('ReduceMax', ['x'], ['a'], { axes: [2] }),
      node('ReduceMax', ['x'], ['b'], { axes: [1, -1] }),
    ],
    inputs: { x: [2, 3] },
    outputs: ['a', 'b'],
  });
  expect(() => readGraph(bytes)).toThrow(
    'ReduceMax (operator set 17): expected an axis for a tensor of rank 2, got 2 ("a"); ' +
      'ReduceMax (operator set 17): expected distinct axes, got 1, -1 ("b")',
  );
});

it('ArgMax and ArgMin find the first or the last of a tie', async () => {
  const ties = float32([2, 3], [1, 4, 4, 0, 5, 0]);
  const at = async (opType: string, attrs: Attrs) => {
    const nodes = [node(opType, ['x'], ['y'], attrs)];
    const { y } = await run(onnxModel({ nodes, inputs: { x: [2, 3] }, outputs: ['y'] }), { x: ties });
    return y;
  };
  expect(await at('ArgMax', { axis: -1 })).toEqual({ shape: [2, 1], data: [1, 1] });
  expect(await at('ArgMax', { axis: 1, select_last_index: 1, keepdims: 0 })).toEqual({
    shape: [2],
    data: [2, 1],
  });
  expect(await at('ArgMin', { axis: 1 })).toEqual({ shape: [2, 1], data: [0, 0] });
  expect(await at('ArgMin', { axis: 1, select_last_index: 1 })).toEqual({ shape: [2, 1], data: [0, 2] });
  expect(await at('ArgMax', {})).toEqual({ shape: [1, 3], data: [0, 1, 0] });
});
