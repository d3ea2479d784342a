// Operators with several operands: broadcasting, learned operands, and computation while the network is read.
import type { Shape } from '@isonet/core';
import { bool, float32, int32 } from '@isonet/core';
import { readGraph, readOnnx } from '@isonet/onnx';
import { describe, expect, it } from 'vitest';
import type { OnnxNode } from '../../src/write/writer/encode.ts';
import { int64Tensor, onnxTensor } from '../../src/write/writer/encode.ts';
import { counting, gradientError, node, onnxModel, outputOf, run, scattered } from './model.ts';

const x = float32([2, 3], [1, 2, 3, 4, 5, 6]);

describe('broadcasting', () => {
  const rows = [
    ['Add', [11, 12, 13, 24, 25, 26]],
    ['Sub', [-9, -8, -7, -16, -15, -14]],
    ['Mul', [10, 20, 30, 80, 100, 120]],
    ['Div', [0.1, 0.2, 0.3, 0.2, 0.25, 0.3]],
    ['Max', [10, 10, 10, 20, 20, 20]],
    ['Min', [1, 2, 3, 4, 5, 6]],
    ['Sum', [11, 12, 13, 24, 25, 26]],
    ['Mean', [5.5, 6, 6.5, 12, 12.5, 13]],
  ] as const;

  it.each(rows)('%s repeats a column', async (opType, expected) => {
    const initializers = [onnxTensor('c', float32([2, 1], [10, 20]))];
    const model = { nodes: [node(opType, ['x', 'c'], ['y'])], initializers };
    expect(await outputOf(model, x)).toEqual({ shape: [2, 3], data: expected });
    expect(await gradientError(model, x)).toBeLessThan(1e-3);
  });

  it('repeats x as well, along more than four axes', async () => {
    const initializers = [onnxTensor('c', counting([2, 1, 2, 1, 1]))];
    const { shape, data } = await outputOf({ nodes: [node('Add', ['x', 'c'], ['y'])], initializers }, x);
    expect(shape).toEqual([2, 1, 2, 2, 3]);
    expect(data).toEqual([0, 1, 2, 3].flatMap((more) => [1, 2, 3, 4, 5, 6].map((value) => value + more)));
  });

  it('refuses operands that do not broadcast, naming every node', () => {
    const initializers = [onnxTensor('c', counting([4]))];
    const nodes = [node('Add', ['x', 'c'], ['a']), node('Mul', ['c', 'x'], ['b'])];
    const bytes = onnxModel({ nodes, initializers, inputs: { x: [2, 3] }, outputs: ['a', 'b'] });
    expect(() => readGraph(bytes)).toThrow(
      '2 nodes of the ONNX file cannot be read: Add (operator set 17): [2, 3] and [4] do not broadcast ("a"); ' +
        'Mul (operator set 17): [4] and [2, 3] do not broadcast ("b")',
    );
  });
});

describe('a per-channel operand of Add or Mul', () => {
  /** Returns the parameters of a network that multiplies its input by w, then applies `opType` with an initializer `c`. */
  const learned = (opType: string, dims: Shape, kernel: Shape, image: Shape): readonly string[] => {
    const product = image.length === 4 ? 'Conv' : 'MatMul';
    const bytes = onnxModel({
      nodes: [node(product, ['x', 'w'], ['h']), node(opType, ['h', 'c'], ['y'])],
      initializers: [onnxTensor('w', scattered(kernel)), onnxTensor('c', scattered(dims))],
      inputs: { x: image },
      outputs: ['y'],
    });
    return readGraph(bytes).graph.state.map(({ name }) => name);
  };

  it.each([
    [
      [4, 1, 1],
      [4, 3, 1, 1],
      [2, 3, 2, 2],
    ],
    [
      [1, 4, 1, 1],
      [4, 3, 1, 1],
      [2, 3, 2, 2],
    ],
    [[4], [3, 4], [2, 3]],
    [
      [1, 4],
      [3, 4],
      [2, 3],
    ],
    [[4], [3, 4], [2, 5, 3]],
    [[1], [3, 1], [2, 3]],
  ])('is learned: %j after %j', (dims, kernel, image) => {
    expect(learned('Add', dims, kernel, image)).toEqual(['w', 'c']);
  });

  it('is learned as a scale, unless it is a single number', () => {
    expect(learned('Mul', [4, 1, 1], [4, 3, 1, 1], [2, 3, 2, 2])).toEqual(['w', 'c']);
    expect(learned('Mul', [1], [3, 1], [2, 3])).toEqual(['w']);
  });

  it.each([
    [[], [3, 4], [2, 3]],
    [
      [2, 4],
      [3, 4],
      [2, 3],
    ],
    [
      [2, 1, 1, 1],
      [4, 3, 1, 1],
      [2, 3, 2, 2],
    ],
    [
      [2, 1],
      [4, 3, 1, 1],
      [2, 3, 2, 2],
    ],
  ])('is a constant: %j after %j', (dims, kernel, image) => {
    expect(learned('Add', dims, kernel, image)).toEqual(['w']);
    expect(learned('Mul', dims, kernel, image)).toEqual(['w']);
  });

  it('is a constant before the first weights, where it normalizes images', () => {
    const bytes = onnxModel({
      nodes: [node('Mul', ['x', 'c'], ['h']), node('Conv', ['h', 'w'], ['y'])],
      initializers: [onnxTensor('c', scattered([3, 1, 1])), onnxTensor('w', scattered([4, 3, 1, 1]))],
      inputs: { x: [2, 3, 2, 2] },
      outputs: ['y'],
    });
    expect(readGraph(bytes).graph.state.map(({ name }) => name)).toEqual(['w']);
  });

  it('has gradients', async () => {
    const nodes = [
      node('Conv', ['x', 'w'], ['h']),
      node('Mul', ['h', 'scale'], ['s']),
      node('Add', ['bias', 's'], ['y']),
    ];
    const initializers = [
      onnxTensor('w', scattered([2, 3, 1, 1])),
      onnxTensor('scale', scattered([2, 1, 1], 1)),
      onnxTensor('bias', scattered([1, 2, 1, 1], 2)),
    ];
    expect(await gradientError({ nodes, initializers }, scattered([2, 3, 1, 2]))).toBeLessThan(1e-3);
  });
});

describe('initializers that are rearranged before they are used', () => {
  it('are parameters in the shape that the file stores', async () => {
    const nodes = [
      node('Transpose', ['w'], ['t'], { perm: [1, 0] }),
      node('Identity', ['t'], ['i']),
      node('Slice', ['i', 'from', 'to'], ['part']),
      node('MatMul', ['x', 'part'], ['y']),
    ];
    const initializers = [
      onnxTensor('w', scattered([2, 4])),
      int64Tensor('from', [0]),
      int64Tensor('to', [3]),
    ];
    const bytes = onnxModel({ nodes, initializers, inputs: { x: [2, 3] }, outputs: ['y'] });
    expect(readGraph(bytes).values).toMatchObject({ w: { shape: [2, 4] } });
    expect(await gradientError({ nodes, initializers }, x)).toBeLessThan(1e-3);
  });

  it('are learned wherever they are used if the options name them', () => {
    const nodes = [node('Mul', ['c', 'two'], ['d']), node('Add', ['x', 'd'], ['y'])];
    const initializers = [onnxTensor('c', scattered([1, 3])), onnxTensor('two', float32([], [2]))];
    const bytes = onnxModel({ nodes, initializers, inputs: { x: [2, 3] }, outputs: ['y'] });
    expect(Object.keys(readOnnx(bytes).values)).toEqual([]);
    expect(Object.keys(readOnnx(bytes, { parameters: ['c'] }).values)).toEqual(['c']);
  });
});

describe('integers', () => {
  const folded = async (opType: string, a: readonly number[], b: readonly number[], attrs = {}) => {
    const bytes = onnxModel({
      nodes: [node(opType, ['a', 'b'], ['y'], attrs)],
      initializers: [int64Tensor('a', a), int64Tensor('b', b)],
      inputs: {},
      outputs: ['y'],
    });
    return (await run(bytes, {}))['y']!.data;
  };

  it('divide toward 0, and remainders have the sign of the divisor', async () => {
    expect(await folded('Div', [7, -7], [2, 2])).toEqual([3, -3]);
    expect(await folded('Mod', [7, -7, 7], [3, 3, -3])).toEqual([1, 2, -2]);
    expect(await folded('Mod', [7, -7, 7], [3, 3, -3], { fmod: 1 })).toEqual([1, -1, 1]);
    await expect(folded('Div', [1], [0])).rejects.toThrow('cannot divide an integer by 0');
  });

  it('may have more than 32 bits while the network is read, but not in the graph', async () => {
    const initializers = [int64Tensor('a', [2 ** 20])];
    const square = node('Mul', ['a', 'a'], ['square']);
    const file = (nodes: readonly OnnxNode[], output: string): Uint8Array =>
      onnxModel({ nodes, initializers, inputs: {}, outputs: [output] });
    const { root } = await run(file([square, node('Div', ['square', 'a'], ['root'])], 'root'), {});
    expect(root!.data).toEqual([1048580]); // Rounded to six digits.
    expect(() => readGraph(file([square], 'square'))).toThrow('expected 32-bit integers in the graph');
  });

  it('do not support arithmetic in the graph', () => {
    const nodes = [node('Cast', ['x'], ['i'], { to: 6 }), node('Add', ['i', 'i'], ['y'])];
    expect(() => readGraph(onnxModel({ nodes, inputs: { x: [3] }, outputs: ['y'] }))).toThrow(
      'expected input 0 to be floats, got int32 [3]',
    );
  });
});

describe('comparisons and logic', () => {
  const compared = async (opType: string): Promise<readonly number[]> => {
    const initializers = [onnxTensor('c', float32([4], [1, 1, 1, NaN]))];
    const model = { nodes: [node(opType, ['x', 'c'], ['y'])], initializers };
    return (await outputOf(model, float32([4], [0, 1, 2, 3]))).data;
  };

  it('are false for NaN', async () => {
    expect(await compared('Equal')).toEqual([0, 1, 0, 0]);
    expect(await compared('Greater')).toEqual([0, 0, 1, 0]);
    expect(await compared('GreaterOrEqual')).toEqual([0, 1, 1, 0]);
    expect(await compared('Less')).toEqual([1, 0, 0, 0]);
    expect(await compared('LessOrEqual')).toEqual([1, 1, 0, 0]);
  });

  it('compare integers of the graph with small constants', async () => {
    const nodes = [node('Cast', ['x'], ['i'], { to: 7 }), node('Equal', ['i', 'two'], ['y'])];
    const initializers = [int64Tensor('two', [2])];
    expect((await outputOf({ nodes, initializers }, float32([3], [1, 2, 16777217]))).data).toEqual([0, 1, 0]);
  });

  it.each([
    ['And', [0, 0, 0, 1]],
    ['Or', [0, 1, 1, 1]],
    ['Xor', [0, 1, 1, 0]],
  ])('%s', async (opType, expected) => {
    const nodes = [node('Cast', ['x'], ['b'], { to: 9 }), node(opType, ['b', 'c'], ['y'])];
    const initializers = [onnxTensor('c', bool([4], [false, true, false, true]))];
    expect((await outputOf({ nodes, initializers }, float32([4], [0, 0, -2, 3]))).data).toEqual(expected);
  });

  it('find NaN and infinities', async () => {
    const odd = float32([4], [NaN, Infinity, -Infinity, 3e38]);
    const found = async (opType: string, attrs = {}): Promise<readonly number[]> =>
      (await outputOf({ nodes: [node(opType, ['x'], ['y'], attrs)] }, odd)).data;
    expect(await found('IsNaN')).toEqual([1, 0, 0, 0]);
    expect(await found('IsInf')).toEqual([0, 1, 1, 0]);
    expect(await found('IsInf', { detect_negative: 0 })).toEqual([0, 1, 0, 0]);
  });

  it('Where ignores the side that it does not select, even a NaN', async () => {
    const nodes = [
      node('Greater', ['x', 'zero'], ['is']),
      node('Not', ['is'], ['not']),
      node('Log', ['x'], ['log']),
      node('Where', ['not', 'zero', 'log'], ['y']),
    ];
    const initializers = [onnxTensor('zero', float32([], [0]))];
    const model = { nodes, initializers };
    expect((await outputOf(model, float32([3], [-1, 1, 2]))).data).toEqual([
      0,
      0,
      Number(Math.LN2.toPrecision(6)),
    ]);
  });
});

describe('Cast', () => {
  it('truncates, and converts bools to numbers', async () => {
    const to = async (type: number, back: number): Promise<readonly number[]> => {
      const nodes = [node('Cast', ['x'], ['c'], { to: type }), node('Cast', ['c'], ['y'], { to: back })];
      return (await outputOf({ nodes }, float32([4], [-1.75, 0, 0.5, 2.75]))).data.map((value) => value + 0);
    };
    expect(await to(7, 1)).toEqual([-1, 0, 0, 2]);
    expect(await to(9, 1)).toEqual([1, 0, 1, 1]);
    expect(await to(9, 6)).toEqual([1, 0, 1, 1]);
  });

  it('keeps the lowest bits of out-of-range integers', async () => {
    const bytes = onnxModel({
      nodes: [node('Cast', ['a'], ['y'], { to: 3 })],
      initializers: [onnxTensor('a', int32([3], [300, -129, 5]))],
      inputs: {},
      outputs: ['y'],
    });
    expect((await run(bytes, {}))['y']!.data).toEqual([44, 127, 5]);
  });

  it('notes that narrower and wider floats stay float32', () => {
    const nodes = [node('Cast', ['x'], ['y'], { to: 10 })];
    const { report } = readOnnx(onnxModel({ nodes, inputs: { x: [2, 3] }, outputs: ['y'] }));
    expect(report.notes).toEqual(['a Cast to float16 keeps float32: the graph has no other floats']);
  });
});
