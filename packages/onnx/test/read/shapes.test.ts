// Operators that rearrange values, in the graph and on constants: expected values are computed by hand from ONNX's Operators.md.
import type { Shape, Tensor } from '@isonet/core';
import { dimOf, float32, forward } from '@isonet/core';
import { reference } from '@isonet/backend-reference';
import { readGraph, readOnnx } from '@isonet/onnx';
import { describe, expect, it } from 'vitest';
import type { OnnxTensor } from '../../src/write/writer/encode.ts';
import { int64Tensor, onnxTensor } from '../../src/write/writer/encode.ts';
import { counting, gradientError, node, onnxModel, outputOf, run } from './model.ts';

type Attrs = Parameters<typeof node>[3];
interface Case {
  readonly name: string;
  readonly opType: string;
  readonly x: Shape;
  readonly attrs?: Attrs;
  /** Additional inputs. */
  readonly lists?: Readonly<Record<string, readonly number[]>>;
  readonly opset?: number;
  readonly shape: Shape;
  /** The expected values for x = 0, 1, 2 ... */
  readonly data: readonly number[];
}

const range = (count: number): readonly number[] => Array.from({ length: count }, (_, i) => i);

const cases: readonly Case[] = [
  {
    name: 'Reshape',
    opType: 'Reshape',
    x: [2, 3],
    lists: { s: [0, -1, 1] },
    shape: [2, 3, 1],
    data: range(6),
  },
  { name: 'Flatten', opType: 'Flatten', x: [2, 3, 2], attrs: { axis: 2 }, shape: [6, 2], data: range(12) },
  {
    name: 'Flatten from the front',
    opType: 'Flatten',
    x: [2, 3],
    attrs: { axis: 0 },
    shape: [1, 6],
    data: range(6),
  },
  {
    name: 'Flatten from the end',
    opType: 'Flatten',
    x: [2, 3, 2],
    attrs: { axis: -2 },
    shape: [2, 6],
    data: range(12),
  },
  { name: 'Squeeze', opType: 'Squeeze', x: [1, 3, 1], shape: [3], data: range(3) },
  {
    name: 'Squeeze of axes',
    opType: 'Squeeze',
    x: [1, 3, 1],
    lists: { axes: [-1] },
    shape: [1, 3],
    data: range(3),
  },
  {
    name: 'Squeeze in operator set 11',
    opType: 'Squeeze',
    x: [1, 3],
    attrs: { axes: [0] },
    opset: 11,
    shape: [3],
    data: range(3),
  },
  {
    name: 'Unsqueeze',
    opType: 'Unsqueeze',
    x: [3],
    lists: { axes: [-1, 0] },
    shape: [1, 3, 1],
    data: range(3),
  },
  {
    name: 'Unsqueeze in operator set 11',
    opType: 'Unsqueeze',
    x: [3],
    attrs: { axes: [1] },
    opset: 11,
    shape: [3, 1],
    data: range(3),
  },
  { name: 'Transpose', opType: 'Transpose', x: [2, 3], shape: [3, 2], data: [0, 3, 1, 4, 2, 5] },
  {
    name: 'Transpose by axes',
    opType: 'Transpose',
    x: [2, 1, 3],
    attrs: { perm: [1, 2, 0] },
    shape: [1, 3, 2],
    data: [0, 3, 1, 4, 2, 5],
  },
  {
    name: 'DepthToSpace',
    opType: 'DepthToSpace',
    x: [1, 4, 1, 2],
    attrs: { blocksize: 2 },
    shape: [1, 1, 2, 4],
    data: [0, 2, 1, 3, 4, 6, 5, 7],
  },
  {
    name: 'DepthToSpace, channels first',
    opType: 'DepthToSpace',
    x: [1, 8, 1, 1],
    attrs: { blocksize: 2, mode: 'CRD' },
    shape: [1, 2, 2, 2],
    data: range(8),
  },
  {
    name: 'SpaceToDepth',
    opType: 'SpaceToDepth',
    x: [1, 1, 2, 4],
    attrs: { blocksize: 2 },
    shape: [1, 4, 1, 2],
    data: [0, 2, 1, 3, 4, 6, 5, 7],
  },
  {
    name: 'Slice',
    opType: 'Slice',
    x: [3, 4],
    lists: { starts: [1, -3], ends: [1000, -1], axes: [0, 1] },
    shape: [2, 2],
    data: [5, 6, 9, 10],
  },
  {
    name: 'Slice in operator set 9',
    opType: 'Slice',
    x: [3, 4],
    attrs: { starts: [1], ends: [2], axes: [1] },
    opset: 9,
    shape: [3, 1],
    data: [1, 5, 9],
  },
  {
    name: 'Slice by steps',
    opType: 'Slice',
    x: [2, 5],
    lists: { starts: [1], ends: [5], axes: [1], steps: [3] },
    shape: [2, 2],
    data: [1, 4, 6, 9],
  },
  {
    name: 'Slice by steps that do not divide the size',
    opType: 'Slice',
    x: [2, 5],
    lists: { starts: [0], ends: [5], axes: [1], steps: [2] },
    shape: [2, 3],
    data: [0, 2, 4, 5, 7, 9],
  },
  {
    name: 'Slice backwards',
    opType: 'Slice',
    x: [2, 3],
    lists: { starts: [-1], ends: [-1000], axes: [1], steps: [-2] },
    shape: [2, 2],
    data: [2, 0, 5, 3],
  },
  {
    // ONNX clamps the start to the first entry, whereas Python returns nothing.
    name: 'Slice backwards from before the axis',
    opType: 'Slice',
    x: [2, 3],
    lists: { starts: [-1000], ends: [-2000], axes: [1], steps: [-1] },
    shape: [2, 1],
    data: [0, 3],
  },
  {
    name: 'Gather',
    opType: 'Gather',
    x: [2, 4],
    lists: { indices: [2, -1, 0, 0] },
    attrs: { axis: 1 },
    shape: [2, 4],
    data: [2, 3, 0, 0, 6, 7, 4, 4],
  },
  { name: 'GatherND', opType: 'GatherND', x: [2, 3], lists: { indices: [1, -1] }, shape: [], data: [5] },
  {
    name: 'Expand',
    opType: 'Expand',
    x: [3, 1],
    lists: { s: [2, 1, 2] },
    shape: [2, 3, 2],
    data: [0, 0, 1, 1, 2, 2, 0, 0, 1, 1, 2, 2],
  },
  {
    name: 'Tile',
    opType: 'Tile',
    x: [2, 2],
    lists: { repeats: [2, 3] },
    shape: [4, 6],
    data: [0, 1, 0, 1, 0, 1, 2, 3, 2, 3, 2, 3, 0, 1, 0, 1, 0, 1, 2, 3, 2, 3, 2, 3],
  },
  {
    name: 'Pad',
    opType: 'Pad',
    x: [1, 3],
    lists: { pads: [1, 0, 0, 1] },
    shape: [2, 4],
    data: [0, 0, 0, 0, 0, 1, 2, 0],
  },
  {
    name: 'Pad that crops',
    opType: 'Pad',
    x: [1, 3],
    lists: { pads: [0, -1, 1, 1] },
    shape: [2, 3],
    data: [1, 2, 0, 0, 0, 0],
  },
  {
    name: 'Pad in operator set 10',
    opType: 'Pad',
    x: [3],
    attrs: { pads: [1, 1], value: { float: 9 } },
    opset: 10,
    shape: [5],
    data: [9, 0, 1, 2, 9],
  },
  {
    name: 'Pad by reflection',
    opType: 'Pad',
    x: [1, 3],
    attrs: { mode: 'reflect' },
    lists: { pads: [0, 2, 0, 3] },
    shape: [1, 8],
    data: [2, 1, 0, 1, 2, 1, 0, 1],
  },
  {
    name: 'Pad by the edge',
    opType: 'Pad',
    x: [2, 2],
    attrs: { mode: 'edge' },
    lists: { pads: [1, 0, 0, 2] },
    shape: [3, 4],
    data: [0, 1, 1, 1, 0, 1, 1, 1, 2, 3, 3, 3],
  },
  {
    name: 'Pad by wrapping',
    opType: 'Pad',
    x: [3],
    attrs: { mode: 'wrap' },
    lists: { pads: [1, 2] },
    opset: 19,
    shape: [6],
    data: [2, 0, 1, 2, 0, 1],
  },
  { name: 'Trilu', opType: 'Trilu', x: [2, 2, 2], shape: [2, 2, 2], data: [0, 1, 0, 3, 4, 5, 0, 7] },
  {
    name: 'Trilu below',
    opType: 'Trilu',
    x: [2, 3],
    attrs: { upper: 0 },
    shape: [2, 3],
    data: [0, 0, 0, 3, 4, 0],
  },
];

describe.each(cases)('$name', ({ opType, x, attrs, lists = {}, opset = 17, shape, data }) => {
  const nodes = [node(opType, ['x', ...Object.keys(lists)], ['y'], attrs)];
  const initializers = Object.entries(lists).map(([name, values]) => int64Tensor(name, values));
  const expected = { shape, data };

  it('rearranges computed values, and their gradients', async () => {
    const model = { nodes, initializers, opset };
    expect(await outputOf(model, counting(x))).toEqual(expected);
    expect(await gradientError(model, counting(x))).toBeLessThan(1e-3);
  });

  it('rearranges constants', async () => {
    const constants = [...initializers, onnxTensor('x', counting(x))];
    const bytes = onnxModel({ nodes, initializers: constants, inputs: {}, outputs: ['y'], opset });
    expect((await run(bytes, {}))['y']).toEqual(expected);
  });
});

describe('Split', () => {
  const parts = async (
    outputs: readonly string[],
    size: number,
    attrs: Attrs,
    opset: number,
    lists: readonly OnnxTensor[] = [],
  ) => {
    const bytes = onnxModel({
      nodes: [node('Split', ['x', ...lists.map(({ name }) => name)], outputs, attrs)],
      initializers: lists,
      inputs: { x: [1, size] },
      outputs,
      opset,
    });
    return Object.values(await run(bytes, { x: counting([1, size]) })).map(({ data }) => data);
  };

  it('accepts sizes as an attribute, as an input, and as a number of parts', async () => {
    expect(await parts(['a', 'b'], 4, { axis: 1 }, 12)).toEqual([
      [0, 1],
      [2, 3],
    ]);
    expect(await parts(['a', 'b'], 3, { axis: -1, split: [1, 2] }, 12)).toEqual([[0], [1, 2]]);
    expect(await parts(['a', 'b'], 3, { axis: 1 }, 13, [int64Tensor('s', [2, 1])])).toEqual([[0, 1], [2]]);
    expect(await parts(['a', 'b'], 3, { axis: 1, num_outputs: 2 }, 18)).toEqual([[0, 1], [2]]);
  });

  it('refuses parts that do not add up', async () => {
    await expect(parts(['a', 'b'], 3, { axis: 1 }, 13)).rejects.toThrow('cannot split 3 into 2 parts');
    await expect(parts(['a', 'b'], 3, { axis: 1, split: [1, 1] }, 11)).rejects.toThrow(
      'cannot split 3 into parts of 1, 1',
    );
  });
});

describe('Concat', () => {
  it('joins computed values and constants', async () => {
    const nodes = [node('Concat', ['x', 'c', 'x'], ['y'], { axis: -1 })];
    const model = { nodes, initializers: [onnxTensor('c', float32([2, 1], [7, 8]))] };
    expect(await outputOf(model, counting([2, 2]))).toEqual({
      shape: [2, 5],
      data: [0, 1, 7, 0, 1, 2, 3, 8, 2, 3],
    });
    expect(await gradientError(model, counting([2, 2]))).toBeLessThan(1e-3);
  });
});

describe('picking', () => {
  const picked = (indices: readonly number[], size: number): Promise<{ readonly data: readonly number[] }> =>
    outputOf(
      {
        nodes: [node('Gather', ['x', 'i'], ['y'], { axis: 1 })],
        initializers: [int64Tensor('i', indices)],
      },
      counting([2, size]),
    );

  it('supports more pieces than are sliced one by one', async () => {
    const indices = Array.from({ length: 200 }, (_, i) => (i * 77) % 200);
    const { data } = await picked(indices, 200);
    expect(data).toEqual([...indices, ...indices.map((index) => index + 200)]);
  });

  it('copies a few pieces without a gather, in which infinities would spread', async () => {
    const nodes = [node('Gather', ['x', 'i'], ['y'])];
    const bytes = onnxModel({
      nodes,
      initializers: [int64Tensor('i', [2, 0, 0])],
      inputs: { x: [3] },
      outputs: ['y'],
    });
    expect(readGraph(bytes).graph.nodes.map(({ op }) => op)).not.toContain('gather');
    const { y } = await run(bytes, { x: float32([3], [Infinity, NaN, 1]) });
    expect(y?.data).toEqual([1, Infinity, Infinity]);
  });

  it('refuses indices outside the axis', async () => {
    await expect(picked([3], 3)).rejects.toThrow('expected indices from -3 to 2, got 3');
  });

  it('accepts computed indices, and counts negative ones from the end', async () => {
    const nodes = [node('Cast', ['x'], ['i'], { to: 7 }), node('Gather', ['table', 'i'], ['y'])];
    const initializers = [onnxTensor('table', counting([3, 2]))];
    expect(await outputOf({ nodes, initializers }, float32([2, 1], [2, -3]))).toEqual({
      shape: [2, 1, 2],
      data: [4, 5, 0, 1],
    });
  });

  it('replaces rows', async () => {
    const nodes = [node('ScatterND', ['x', 'i', 'updates'], ['y'])];
    const initializers = [
      { ...int64Tensor('i', [2, -4]), dims: [2, 1] },
      onnxTensor('updates', float32([2, 2], [10, 11, 12, 13])),
    ];
    expect((await outputOf({ nodes, initializers }, counting([4, 2]))).data).toEqual([
      12, 13, 2, 3, 10, 11, 6, 7,
    ]);
  });
});

describe('OneHot', () => {
  it.each([
    [-1, [2, 3], [1, 5, 1, 1, 1, 5]],
    [0, [3, 2], [1, 1, 5, 1, 1, 5]],
  ])('along axis %i', async (axis, shape, data) => {
    const nodes = [node('OneHot', ['x', 'depth', 'values'], ['y'], { axis })];
    const initializers = [int64Tensor('depth', [3]), onnxTensor('values', float32([2], [1, 5]))];
    expect(await outputOf({ nodes, initializers }, float32([2], [1, -1]))).toEqual({ shape, data });
  });
});

describe('a file that was exported for one image', () => {
  it('joins a constant to each image of a batch', async () => {
    const nodes = [node('Concat', ['token', 'x'], ['y'], { axis: 1 })];
    const initializers = [onnxTensor('token', float32([1, 1, 2], [8, 9]))];
    const bytes = onnxModel({ nodes, initializers, inputs: { x: [1, 1, 2] }, outputs: ['y'] });
    expect(await batchOf(bytes, counting([2, 1, 2]))).toEqual([8, 9, 0, 1, 8, 9, 2, 3]);
  });

  it('keeps the batch where its size is hard-coded', async () => {
    const sizes = int64Tensor('sizes', [1, 1, 2, 4]);
    const nodes = [
      node('Resize', ['x', '', '', 'sizes'], ['y'], {
        coordinate_transformation_mode: 'asymmetric',
        nearest_mode: 'floor',
      }),
    ];
    const bytes = onnxModel({ nodes, initializers: [sizes], inputs: { x: [1, 1, 1, 2] }, outputs: ['y'] });
    expect(await batchOf(bytes, counting([2, 1, 1, 2]))).toEqual([
      0, 0, 1, 1, 0, 0, 1, 1, 2, 2, 3, 3, 2, 2, 3, 3,
    ]);
  });
});

/** Returns the output of a network for a batch. */
async function batchOf(bytes: Uint8Array, x: Tensor): Promise<readonly number[]> {
  const network = readOnnx(bytes);
  const { graph } = forward(network, dimOf(x.shape, 0));
  await using device = await reference.open();
  const output = await (await device.compile(graph)).run(await device.createState({}), { x }).read();
  return Array.from(output['y']!.data);
}

it('Squeeze without axes keeps the batch axis, even for one image', () => {
  const bytes = onnxModel({
    nodes: [node('Squeeze', ['x'], ['y'])],
    inputs: { x: ['N', 1, 3] },
    outputs: ['y'],
  });
  const network = readOnnx(bytes);
  for (const batch of [1, 2]) {
    const { graph } = forward(network, batch);
    expect(graph.values[graph.outputs[0]!.value]?.shape).toEqual([batch, 3]);
  }
});
