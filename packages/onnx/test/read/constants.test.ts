// Values known while a network is read: constants, shape arithmetic, branches, and the limits on their computation.
import { bool, float32, int32 } from '@isonet/core';
import { readGraph } from '@isonet/onnx';
import { describe, expect, it } from 'vitest';
import type { OnnxNode, OnnxTensor } from '../../src/write/writer/encode.ts';
import { int64Tensor, onnxTensor } from '../../src/write/writer/encode.ts';
import { counting, node, onnxModel, run } from './model.ts';

const int = (name: string, value: number): OnnxTensor => ({ ...int64Tensor(name, [value]), dims: [] });

/** Returns the output y of a file without inputs. */
async function constant(nodes: readonly OnnxNode[], initializers: readonly OnnxTensor[] = [], opset = 17) {
  return (await run(onnxModel({ nodes, initializers, inputs: {}, outputs: ['y'], opset }), {}))['y'];
}

describe('known values', () => {
  it('come from every numeric attribute of Constant', async () => {
    expect(await constant([node('Constant', [], ['y'], { value_int: 3 })])).toEqual({ shape: [], data: [3] });
    expect(await constant([node('Constant', [], ['y'], { value_ints: [3, 4] })])).toEqual({
      shape: [2],
      data: [3, 4],
    });
    expect(await constant([node('Constant', [], ['y'], { value_float: { float: 0.5 } })])).toEqual({
      shape: [],
      data: [0.5],
    });
    expect(await constant([node('Constant', [], ['y'], { value_floats: { floats: [0.5] } })])).toEqual({
      shape: [1],
      data: [0.5],
    });
    await expect(constant([node('Constant', [], ['y'], { value_string: 'a' })])).rejects.toThrow(
      'expected numbers',
    );
  });

  it('come from Range, ConstantOfShape, EyeLike, NonZero and CumSum', async () => {
    const range = node('Range', ['a', 'b', 'c'], ['y']);
    expect(await constant([range], [int('a', 10), int('b', 4), int('c', -3)])).toEqual({
      shape: [2],
      data: [10, 7],
    });
    const shape = int64Tensor('s', [2, 2]);
    expect(await constant([node('ConstantOfShape', ['s'], ['y'])], [shape])).toEqual({
      shape: [2, 2],
      data: [0, 0, 0, 0],
    });
    const m = onnxTensor('m', counting([2, 3]));
    expect((await constant([node('EyeLike', ['m'], ['y'], { k: 1 })], [m]))?.data).toEqual([
      0, 1, 0, 0, 0, 1,
    ]);
    expect(
      (await constant([node('NonZero', ['m'], ['y'])], [onnxTensor('m', float32([2, 2], [1, 0, 1, 1]))]))
        ?.data,
    ).toEqual([0, 1, 1, 0, 0, 1]);
    const sums = node('CumSum', ['m', 'axis'], ['y'], { exclusive: 1, reverse: 1 });
    expect((await constant([sums], [m, int('axis', 1)]))?.data).toEqual([3, 2, 0, 9, 5, 0]);
  });

  it('come from Sin of known values, although the graph has no such op', async () => {
    expect((await constant([node('Sin', ['a'], ['y'])], [onnxTensor('a', float32([1], [1]))]))?.data).toEqual(
      [0.841471],
    );
    const bytes = onnxModel({ nodes: [node('Cos', ['x'], ['y'])], inputs: { x: [2] }, outputs: ['y'] });
    expect(() => readGraph(bytes)).toThrow('this operator is supported only for constants');
  });
});

describe('shapes', () => {
  it('are computed while the network is read', async () => {
    // The way PyTorch flattens: x.view(x.shape[0], -1).
    const nodes = [
      node('Shape', ['x'], ['shape']),
      node('Gather', ['shape', 'zero'], ['n']),
      node('Unsqueeze', ['n', 'axes'], ['rows']),
      node('Concat', ['rows', 'rest'], ['target'], { axis: 0 }),
      node('Reshape', ['x', 'target'], ['y']),
    ];
    const initializers = [int('zero', 0), int64Tensor('axes', [0]), int64Tensor('rest', [-1])];
    const bytes = onnxModel({ nodes, initializers, inputs: { x: [2, 3, 4] }, outputs: ['y'] });
    expect(readGraph(bytes).graph.nodes.map(({ op }) => op)).toEqual(['reshape']);
    expect((await run(bytes, { x: counting([2, 3, 4]) }))['y']?.shape).toEqual([2, 12]);
  });

  it('may be sliced', async () => {
    const nodes = [node('Shape', ['x'], ['y'], { start: -2, end: 3 })];
    const bytes = onnxModel({ nodes, inputs: { x: [2, 3, 4] }, outputs: ['y'] });
    expect((await run(bytes, { x: counting([2, 3, 4]) }))['y']).toEqual({ shape: [2], data: [3, 4] });
  });
});

describe('a file of a few bytes', () => {
  it.each([
    ['Range', ['zero', 'end', 'one'], {}],
    ['Expand', ['x0', 'big'], {}],
    ['Tile', ['x0', 'big'], {}],
    ['Pad', ['x0', 'pads'], {}],
    ['Pad', ['x0', 'pads'], { mode: 'edge' }],
    ['EyeLike', ['long'], {}],
  ])('cannot make %s produce a billion values', (opType, inputs, attrs) => {
    const nodes = [
      node('ConstantOfShape', ['few'], ['x0']),
      node('Expand', ['x', 'wide'], ['long']),
      node(opType, inputs, ['y'], attrs),
    ];
    const initializers = [
      int64Tensor('big', [1e9]),
      int64Tensor('few', [1]),
      int64Tensor('wide', [1e9, 2]),
      int64Tensor('pads', [0, 1e9]),
      int('zero', 0),
      int('one', 1),
      int('end', 1e9),
    ];
    const bytes = onnxModel({ nodes, initializers, inputs: { x: [1, 1] }, outputs: ['y'] });
    expect(() => readGraph(bytes)).toThrow('to be computed while the network is built');
  });

  it('cannot request them in many pieces either', () => {
    const pieces = Array.from({ length: 100 }, (_, i) => node('Expand', ['one', 'some'], [`y${i}`]));
    const initializers = [int('one', 1), int64Tensor('some', [2 ** 20])];
    const bytes = onnxModel({ nodes: pieces, initializers, inputs: {}, outputs: ['y0'] });
    expect(() => readGraph(bytes)).toThrow('96 nodes of the ONNX file cannot be read');
  });
});

describe('ConstantOfShape', () => {
  it('stays a single number if it is as large as a weight', () => {
    const nodes = [node('ConstantOfShape', ['s'], ['w']), node('MatMul', ['x', 'w'], ['y'])];
    const initializers = [int64Tensor('s', [1024, 1024])];
    const { graph } = readGraph(onnxModel({ nodes, initializers, inputs: { x: [1, 1024] }, outputs: ['y'] }));
    expect(graph.constants.map(({ data }) => data.shape)).toEqual([[]]);
  });
});

describe('branches and loops', () => {
  const branch = (value: number) => ({
    graph: {
      name: 'branch',
      nodes: [
        node('Constant', [], [`c${value}`], { value_float: { float: value } }),
        node('Mul', ['x', `c${value}`], [`r${value}`]),
      ],
      initializers: [],
      inputs: [],
      outputs: [{ name: `r${value}`, dtype: 'float32' as const, dims: [] }],
    },
  });

  it('follow the branch of a known condition', async () => {
    const nodes = [
      node('Shape', ['x'], ['shape']),
      node('Equal', ['shape', 'two'], ['is']),
      node('If', ['is'], ['y'], { then_branch: branch(10), else_branch: branch(20) }),
    ];
    const bytes = onnxModel({
      nodes,
      initializers: [int64Tensor('two', [2])],
      inputs: { x: [2] },
      outputs: ['y'],
    });
    expect((await run(bytes, { x: counting([2]) }))['y']?.data).toEqual([0, 10]);
  });

  it('name the nodes in the taken branch that cannot be read', () => {
    const sine = {
      graph: { ...branch(1).graph, nodes: [node('Sin', ['x'], ['r1'])] },
    };
    const nodes = [node('If', ['is'], ['y'], { then_branch: sine, else_branch: branch(20) })];
    const initializers = [onnxTensor('is', bool([1], [true]))];
    const bytes = onnxModel({ nodes, initializers, inputs: { x: [1] }, outputs: ['y'] });
    expect(() => readGraph(bytes)).toThrow(
      /2 nodes.*Sin \(operator set 17\).*If \(operator set 17\): the selected branch cannot be read/,
    );
  });

  it('refuse a condition that the network computes, loops, and sequences', () => {
    const nodes = [
      node('Cast', ['x'], ['is'], { to: 9 }),
      node('If', ['is'], ['a'], { then_branch: branch(10), else_branch: branch(20) }),
      node('Loop', ['', 'is', 'x'], ['b'], { body: branch(1) }),
      node('SequenceConstruct', ['x'], ['c']),
    ];
    const bytes = onnxModel({ nodes, inputs: { x: [1] }, outputs: ['a'] });
    expect(() => readGraph(bytes)).toThrow(
      /3 nodes.*If.*the network computes it.*Loop.*loops are not supported.*SequenceConstruct.*sequences are not supported/,
    );
  });
});

describe('DequantizeLinear', () => {
  it('converts stored integers to floats, also per channel', async () => {
    const initializers = [
      onnxTensor('q', int32([2, 2], [1, 2, 3, 4])),
      onnxTensor('scale', float32([2], [0.5, 2])),
      onnxTensor('zero', int32([2], [1, 2])),
    ];
    const nodes = [node('DequantizeLinear', ['q', 'scale', 'zero'], ['y'], { axis: 0 })];
    expect((await constant(nodes, initializers))?.data).toEqual([0, 0.5, 2, 4]);
  });
});
