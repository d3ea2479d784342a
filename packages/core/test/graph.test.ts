import {
  float32,
  fromJson,
  GraphBuilder,
  GraphError,
  int32,
  print,
  ShapeError,
  toJson,
  validate,
} from '@isonet/core';
import type { Graph } from '@isonet/core';
import { describe, expect, it } from 'vitest';

const type = { dtype: 'float32', shape: [2, 3] } as const;

function axpy(): Graph {
  const b = new GraphBuilder('axpy');
  const x = b.input('x', type);
  const y = b.state('y', type);
  const sum = b.within({ layer: 'sum' }, () => b.op.add(b.op.mul(x, b.fill(2, type.shape)), y));
  b.output('z', sum);
  b.update('y', sum);
  return b.build();
}

describe('a graph', () => {
  it('prints one line per value', () => {
    expect(print(axpy())).toMatchInlineSnapshot(`
      "graph axpy
        %0: float32 [2, 3] = input "x"
        %1: float32 [2, 3] = state "y"
        %2: float32 [] = constant 2
        %3: float32 [2, 3] = broadcast(%2) shape=[2,3]  # sum
        %4: float32 [2, 3] = mul(%0, %3)  # sum
        %5: float32 [2, 3] = add(%4, %1)  # sum
        output "z" = %5
        update "y" = %5"
    `);
  });

  it('survives JSON', () => {
    const { json, constants } = toJson(axpy());
    expect(fromJson(JSON.parse(JSON.stringify(json)) as typeof json, constants)).toEqual(axpy());
    expect(() => fromJson(json, {})).toThrow('constant/2 is missing');
  });

  it.each([-Infinity, Infinity, NaN, -0])('survives JSON with %f among its attributes', (value) => {
    const b = new GraphBuilder('padded');
    b.output('y', b.op.pad(b.input('x', type), { before: [1, 0], after: [0, 2], value }));
    const { json, constants } = toJson(b.build());
    const [node] = fromJson(JSON.parse(JSON.stringify(json)) as typeof json, constants).nodes;
    expect(node?.attrs).toStrictEqual({ before: [1, 0], after: [0, 2], value });
  });

  it.each<[string, (graph: Graph) => Graph, string]>([
    [
      'a value used before it is defined',
      (g) => ({ ...g, nodes: g.nodes.toReversed() }),
      'not defined before it',
    ],
    ['a value defined twice', (g) => ({ ...g, nodes: [...g.nodes, ...g.nodes] }), 'defined twice'],
    [
      'a wrong type',
      (g) => ({ ...g, values: g.values.map(() => ({ ...type, shape: [6] })) }),
      'does not match its data',
    ],
    ['two outputs with one name', (g) => ({ ...g, outputs: [...g.outputs, ...g.outputs] }), 'same name'],
    [
      'an update of an unknown state',
      (g) => ({ ...g, updates: [{ name: 'w', value: 5 }] }),
      'there is no such state',
    ],
    [
      'an output that is not a value',
      (g) => ({ ...g, outputs: [{ name: 'z', value: 9 }] }),
      'not defined before it',
    ],
  ])('is rejected with %s', (_, damage, message) => {
    expect(() => validate(damage(axpy()))).toThrow(GraphError);
    expect(() => validate(damage(axpy()))).toThrow(message);
  });
});

describe('the builder', () => {
  const conv = { strides: [1, 1], pads: [0, 0, 0, 0], dilations: [1, 1], groups: 1 } as const;
  const images = (b: GraphBuilder, ...shape: number[]) => b.input('x', { dtype: 'float32', shape });
  const filter = (b: GraphBuilder, ...shape: number[]) => b.state('w', { dtype: 'float32', shape });

  it.each<[string, (b: GraphBuilder) => unknown]>([
    [
      'conv2d "here": kernel 7x7 is larger than the padded input 3x3',
      (b) => b.op.conv2d(images(b, 1, 1, 3, 3), filter(b, 2, 1, 7, 7), conv),
    ],
    [
      'conv2d "here": kernel 5x5 (with dilations 2x2) is larger than the padded input 4x4',
      (b) => b.op.conv2d(images(b, 1, 1, 4, 4), filter(b, 2, 1, 3, 3), { ...conv, dilations: [2, 2] }),
    ],
    [
      'conv2d "here": the filter expects 3 channels (3 x 1 groups), the input has 4',
      (b) => b.op.conv2d(images(b, 1, 4, 3, 3), filter(b, 2, 3, 1, 1), conv),
    ],
    [
      'conv2d "here": 3 output channels cannot be split into 2 groups',
      (b) => b.op.conv2d(images(b, 1, 4, 3, 3), filter(b, 3, 2, 1, 1), { ...conv, groups: 2 }),
    ],
    [
      'maxPool2d "here": pads [2, 0, 0, 0] must be smaller than the kernel 2x2',
      (b) => b.op.maxPool2d(images(b, 1, 1, 3, 3), { kernel: [2, 2], strides: [1, 1], pads: [2, 0, 0, 0] }),
    ],
    [
      'add "here": expected inputs of the same shape, got float32 [2] and float32 [3]; broadcast explicitly',
      (b) => b.op.add(images(b, 2), filter(b, 3)),
    ],
    [
      'reshape "here": cannot reshape float32 [2, 3] to [4]',
      (b) => b.op.reshape(images(b, 2, 3), { shape: [4] }),
    ],
    [
      'broadcast "here": cannot repeat float32 [2, 3] to [2, 6]',
      (b) => b.op.broadcast(images(b, 2, 3), { shape: [2, 6] }),
    ],
    [
      'reduceSum "here": axes [2] are not distinct axes of [2, 3]',
      (b) => b.op.reduceSum(images(b, 2, 3), { axes: [2] }),
    ],
    [
      'matMul "here": cannot multiply float32 [2, 3] transposed by float32 [3, 4]',
      (b) => b.op.matMul(images(b, 2, 3), filter(b, 3, 4), { transposeA: true, transposeB: false }),
    ],
    [
      'batchMatMul "here": cannot multiply float32 [2, 3, 4] transposed by float32 [3, 3, 5], matrix by matrix',
      (b) =>
        b.op.batchMatMul(images(b, 2, 3, 4), filter(b, 3, 3, 5), { transposeA: true, transposeB: false }),
    ],
    [
      'batchMatMul "here": cannot multiply float32 [2, 3, 4] by float32 [2, 3, 5], matrix by matrix',
      (b) =>
        b.op.batchMatMul(images(b, 2, 3, 4), filter(b, 2, 3, 5), { transposeA: false, transposeB: false }),
    ],
    [
      'gather "here": expected x float32 with an axis 2, got float32 [2, 3]',
      (b) => b.op.gather(images(b, 2, 3), b.constant(int32([1], [0])), { axis: 2 }),
    ],
    [
      'gather "here": expected indices int32 [n], got float32 [4]',
      (b) => b.op.gather(images(b, 2, 3), filter(b, 4), { axis: 0 }),
    ],
    [
      'concat "here": expected shapes that differ only in axis 1, got [2, 3], [3, 3]',
      (b) => b.op.concat(images(b, 2, 3), filter(b, 3, 3), { axis: 1 }),
    ],
    ['concat "here": axis 2 does not exist in [2, 3]', (b) => b.op.concat(images(b, 2, 3), { axis: 2 })],
    ['concat "here": expected inputs (...xs), got 0', (b) => b.op.concat({ axis: 0 })],
    [
      'slice "here": a block [2, 2] at [1, 1] is not within [2, 3]',
      (b) => b.op.slice(images(b, 2, 3), { starts: [1, 1], sizes: [2, 2] }),
    ],
    [
      'pad "here": cannot pad float32 [2, 3] by [1] before and [0, 0] after',
      (b) => b.op.pad(images(b, 2, 3), { before: [1], after: [0, 0], value: 0 }),
    ],
    [
      'transpose "here": [0, 0] is not a permutation of the axes of [2, 3]',
      (b) => b.op.transpose(images(b, 2, 3), { permutation: [0, 0] }),
    ],
    ['cast "here": cannot cast float32 [2] to float32', (b) => b.op.cast(images(b, 2), { to: 'float32' })],
    [
      'argMax "here": axes [2] are not distinct axes of [2, 3]',
      (b) => b.op.argMax(images(b, 2, 3), { axis: 2 }),
    ],
    [
      'avgPool2d "here": kernel 4x4 is larger than the padded input 3x3',
      (b) =>
        b.op.avgPool2d(images(b, 1, 1, 3, 3), {
          kernel: [4, 4],
          strides: [1, 1],
          pads: [0, 0, 0, 0],
          countPadding: false,
        }),
    ],
    ['clip "here": low 1 must not be above high 0', (b) => b.op.clip(images(b, 2), { low: 1, high: 0 })],
    [
      'dense "here": the weight expects 4 inputs, x has 3',
      (b) => b.op.dense(images(b, 2, 3), filter(b, 5, 4), b.state('b', { dtype: 'float32', shape: [5] })),
    ],
    [
      'prelu "here": expected x float32 [N, C, ...] and the others float32 [C], got float32 [2, 3, 4], float32 [4]',
      (b) => b.op.prelu(images(b, 2, 3, 4), filter(b, 4)),
    ],
    [
      'lrn "here": size must be an integer of at least 1, got 0',
      (b) => b.op.lrn(images(b, 1, 3, 2, 2), { size: 0, alpha: 1, beta: 1, bias: 1 }),
    ],
    [
      'dropout "here": rate must be at least 0 and less than 1, got 1',
      (b) => b.op.dropout(images(b, 2), filter(b, 2), { rate: 1 }),
    ],
  ])('%s', (message, build) => {
    const b = new GraphBuilder('g');
    expect(() => b.within({ layer: 'here' }, () => build(b))).toThrow(new ShapeError(message));
  });

  it('rejects a value of another graph', () => {
    const x = images(new GraphBuilder('one'), 2);
    expect(() => new GraphBuilder('two').op.exp(x)).toThrow('exp "two": an input belongs to another graph');
  });

  it('rejects dimensions of 0 and duplicate names', () => {
    const b = new GraphBuilder('g');
    expect(() => images(b, 0, 3)).toThrow('not an integer of at least 1');
    images(b, 3);
    expect(() => b.state('x', type)).toThrow('state "x" is declared twice');
  });

  it('checks the data of tensors', () => {
    expect(() => float32([2, 2], [1, 2, 3])).toThrow('expected 4 values, got 3');
  });
});
