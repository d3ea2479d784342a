// Valid ONNX files that the fuzzer mutates: one for each operator that is supported or planned, and some with several nodes.
import { exportGraph, exportOnnx } from '@isonet/onnx';
import type { Model } from '@isonet/core';
import {
  conv2d,
  dense,
  flatten,
  he,
  initialize,
  maxPool2d,
  relu,
  sequential,
  sgd,
  stateOf,
  step,
} from '@isonet/core';
import type { Given, Node } from './model.ts';
import { floats, graph, ints, model, node, scalar, tensor } from './model.ts';
import type { Field } from './wire.ts';
import { treeOf } from './wire.ts';

const two = [1, 1];
const unary = (op: string, attrs: Node['attrs'] = {}): readonly Node[] => [node(op, ['$'], attrs)];
const binary = (op: string, other: Given = floats(2, 1, 1)): readonly Node[] => [node(op, ['$', other])];
/** A graph without inputs; it reads `x` of the outer graph. */
const branch = graph([node('Relu', ['x'])]).filter(({ no }) => no !== 11);
const flat: readonly Node[] = [node('Flatten', ['$'])];

/** The nodes of each network, with the opset that they are written for. */
const NETWORKS: readonly (readonly [opset: number, nodes: readonly Node[]])[] = [
  [
    17,
    [
      node('Conv', ['$', floats(4, 2, 3, 3), floats(4)], {
        kernel_shape: [3, 3],
        pads: [1, 1, 1, 1],
        strides: [2, 2],
      }),
    ],
  ],
  [17, [node('Conv', ['$', floats(4, 1, 3, 3)], { group: 2, auto_pad: 'SAME_UPPER', dilations: two })]],
  [
    17,
    [node('ConvTranspose', ['$', floats(2, 3, 2, 2), floats(3)], { strides: [2, 2], output_padding: two })],
  ],
  [
    17,
    [
      node('BatchNormalization', ['$', floats(2), floats(2), floats(2), floats(2)], {
        epsilon: { float: 1e-5 },
      }),
    ],
  ],
  [17, [node('InstanceNormalization', ['$', floats(2), floats(2)], { epsilon: { float: 1e-5 } })]],
  [17, [node('LayerNormalization', ['$', floats(6), floats(6)], { axis: -1 })]],
  [17, unary('LRN', { size: 3, alpha: { float: 1e-4 } })],
  ...[
    'Relu',
    'Sigmoid',
    'Tanh',
    'Erf',
    'Abs',
    'Neg',
    'Floor',
    'Ceil',
    'Reciprocal',
    'Softplus',
    'HardSwish',
    'Sqrt',
    'Exp',
    'Log',
    'Sign',
    'Round',
    'Identity',
    'Shape',
    'Size',
    'GlobalAveragePool',
    'GlobalMaxPool',
    'Softsign',
    'Mish',
    'Selu',
    'Elu',
    'LeakyRelu',
    'HardSigmoid',
    'LpNormalization',
    'Celu',
    'ThresholdedRelu',
  ].map((op): readonly [number, readonly Node[]] => [18, unary(op)]),
  [20, unary('Gelu', { approximate: 'tanh' })],
  ...[
    'Add',
    'Sub',
    'Mul',
    'Div',
    'Pow',
    'PRelu',
    'Max',
    'Min',
    'Equal',
    'Greater',
    'Less',
    'GreaterOrEqual',
    'LessOrEqual',
    'Mod',
  ].map((op): readonly [number, readonly Node[]] => [13, binary(op)]),
  [17, [node('Clip', ['$', scalar('float', 0), scalar('float', 6)])]],
  [10, unary('Clip', { min: { float: 0 }, max: { float: 6 } })],
  [17, [node('Dropout', ['$', scalar('float', 0.5), scalar('bool', 0)], {}, 2)]],
  [17, unary('MaxPool', { kernel_shape: [3, 3], strides: [2, 2], pads: [0, 0, 1, 1], ceil_mode: 1 })],
  [17, unary('AveragePool', { kernel_shape: [2, 2], count_include_pad: 1, pads: [1, 0, 1, 0] })],
  [17, [...flat, node('Gemm', ['$', floats(72, 5), floats(5)], { alpha: { float: 0.5 } })]],
  [17, [...flat, node('Gemm', ['$', floats(5, 72)], { transB: 1 })]],
  [17, [...flat, node('MatMul', ['$', floats(72, 5)])]],
  [17, [node('MatMul', ['$', floats(2, 6, 3)])]],
  [17, [...flat, node('Softmax', ['$'], { axis: 1 })]],
  [11, [node('LogSoftmax', ['$'], { axis: 1 })]],
  [17, [node('Concat', ['$', 'x', '$'], { axis: 1 })]],
  [17, [node('Split', ['$', ints(1, 1)], { axis: 1 }, 2)]],
  [11, [node('Split', ['$'], { axis: 2, split: [2, 4] }, 2)]],
  [17, [node('Reshape', ['$', ints(0, -1)])]],
  [17, unary('Transpose', { perm: [0, 2, 3, 1] })],
  [17, [node('Unsqueeze', ['$', ints(1)]), node('Squeeze', ['$', ints(1)])]],
  [17, [node('Unsqueeze', ['$', ints(1, -1)])]],
  [17, [node('Gather', ['$', ints(0, 1, -1)], { axis: 2 })]],
  [17, [node('Slice', ['$', ints(0, 1), ints(9223372036854774784, -1), ints(2, 3), ints(2, 1)])]],
  [9, unary('Slice', { starts: [1], ends: [4], axes: [2] })],
  [17, [node('Pad', ['$', ints(0, 0, 1, 2, 0, 0, 1, 2), scalar('float', 1)], { mode: 'constant' })]],
  [17, [node('Pad', ['$', ints(0, 0, 1, 2, 0, 0, 1, 2)], { mode: 'reflect' })]],
  [
    17,
    [
      node('Resize', ['$', '', floats(0), ints(1, 2, 12, 12)], {
        mode: 'nearest',
        nearest_mode: 'floor',
        coordinate_transformation_mode: 'asymmetric',
      }),
    ],
  ],
  [17, [node('Resize', ['$', '', { kind: 'float', shape: [4], data: [1, 1, 2, 2] }], { mode: 'linear' })]],
  [9, [node('Upsample', ['$', { kind: 'float', shape: [4], data: [1, 1, 2, 2] }], { mode: 'nearest' })]],
  ...[
    'ReduceMean',
    'ReduceMax',
    'ReduceMin',
    'ReduceL1',
    'ReduceL2',
    'ReduceSumSquare',
    'ReduceProd',
    'ReduceLogSumExp',
  ].map((op): readonly [number, readonly Node[]] => [13, unary(op, { axes: [2, 3], keepdims: 0 })]),
  [13, [node('ReduceSum', ['$', ints(1)], { keepdims: 1 })]],
  [13, unary('ArgMax', { axis: 1, keepdims: 0 })],
  [17, [node('Expand', ['$', ints(1, 2, 6, 6)])]],
  [17, [node('Tile', ['$', ints(1, 2, 1, 3)])]],
  [17, unary('Cast', { to: 7 })],
  [17, [node('Cast', ['$'], { to: 9 }), node('Not', ['$']), node('Where', ['$', 'x', floats(1)])]],
  [17, [node('Greater', ['$', scalar('float', 0)]), node('And', ['$', '$']), node('Where', ['$', 'x', 'x'])]],
  [
    17,
    [
      node('Constant', [], { value: { type: 4, tree: tensor('', floats(2, 1, 1)) } }),
      node('Mul', ['x', '$']),
    ],
  ],
  [17, [node('ConstantOfShape', [ints(2, 1, 6)]), node('Add', ['x', '$'])]],
  [
    17,
    [
      node('Range', [scalar('int', 0), scalar('int', 6), scalar('int', 1)]),
      node('Cast', ['$'], { to: 1 }),
      node('Mul', ['x', '$']),
    ],
  ],
  [17, unary('DepthToSpace', { blocksize: 1, mode: 'DCR' })],
  [17, unary('SpaceToDepth', { blocksize: 2 })],
  [17, unary('LpPool', { kernel_shape: [2, 2], p: 2 })],
  [21, [node('GroupNormalization', ['$', floats(2), floats(2)], { num_groups: 2 })]],
  [
    17,
    [
      node('Trilu', [floats(3, 3), scalar('int', 1)]),
      node('MatMul', [floats(6, 3), '$']),
      node('MatMul', ['x', '$']),
    ],
  ],
  [
    17,
    [
      node('CumSum', [ints(1, 2, 3, 4, 5, 6), scalar('int', 0)]),
      node('Cast', ['$'], { to: 1 }),
      node('Add', ['x', '$']),
    ],
  ],
  [17, [node('NonZero', [floats(2, 3)]), node('Transpose', ['$']), node('Cast', ['$'], { to: 1 })]],
  [17, [node('OneHot', [ints(1, 0, 5, 2, 3, 4), scalar('int', 6), floats(2)]), node('MatMul', ['x', '$'])]],
  [17, [node('EyeLike', [floats(6, 6)], { k: 1 }), node('MatMul', ['x', '$'])]],
  [
    17,
    [
      node(
        'GatherElements',
        ['$', { kind: 'int', shape: [2, 2, 6, 6], data: Array.from({ length: 144 }, (_, i) => i % 6) }],
        { axis: 3 },
      ),
    ],
  ],
  [17, [node('GatherND', ['$', { kind: 'int', shape: [2, 2], data: [0, 0, 0, 1] }])]],
  [17, [node('ScatterND', ['$', { kind: 'int', shape: [1, 4], data: [0, 0, 1, 2] }, floats(1)])]],
  [
    13,
    [
      node('DequantizeLinear', [ints(1, 2), floats(2), ints(0, 1)], { axis: 0 }),
      node('Unsqueeze', ['$', ints(1, 2)]),
      node('Mul', ['x', '$']),
    ],
  ],
  [
    17,
    [
      node('If', [scalar('bool', 1)], {
        then_branch: { type: 5, tree: branch },
        else_branch: { type: 5, tree: branch },
      }),
      node('Add', ['x', '$']),
    ],
  ],
  // Computed shapes, as PyTorch writes them for x.view(x.size(0), -1) and for interpolations.
  [
    17,
    [
      node('Shape', ['x']),
      node('Gather', ['$', scalar('int', 0)]),
      node('Unsqueeze', ['$', ints(0)]),
      node('Concat', ['$', ints(-1)], { axis: 0 }),
      node('Reshape', ['x', '$']),
    ],
  ],
  [
    17,
    [
      node('Shape', ['x']),
      node('Slice', ['$', ints(2), ints(4)]),
      node('Mul', ['$', ints(2, 2)]),
      node('Concat', [ints(1, 2), '$'], { axis: 0 }),
      node('Resize', ['x', '', '', '$'], { mode: 'nearest' }),
    ],
  ],
  // A residual network.
  [
    13,
    [
      node('Conv', ['x', floats(2, 2, 3, 3)], { pads: [1, 1, 1, 1] }),
      node('BatchNormalization', ['$', floats(2), floats(2), floats(2), floats(2)]),
      node('Relu', ['$']),
      node('Add', ['$', 'x']),
      node('GlobalAveragePool', ['$']),
      node('Flatten', ['$']),
      node('Gemm', ['$', floats(2, 3), floats(3)]),
      node('Softmax', ['$']),
    ],
  ],
];

function exported(): readonly (readonly Field[])[] {
  const net: Model = {
    name: 'small',
    input: { name: 'images', shape: [1, 8, 8] },
    output: { name: 'logits', shape: [3] },
    layer: sequential({
      c1: conv2d(4, { kernel: 3 }),
      r1: relu(),
      p1: maxPool2d({ kernel: 2, stride: 2 }),
      flat: flatten(),
      fc: dense(3),
    }),
  };
  const weights = initialize(stateOf(net).parameters, he, 0);
  return [exportOnnx(net, weights), exportGraph(step(net, 2, sgd())).bytes].map((bytes) => treeOf(bytes));
}

/** The trees of valid files. */
export const networks: readonly (readonly Field[])[] = [
  ...NETWORKS.map(([opset, nodes]) => model(graph(nodes), opset)),
  ...exported(),
];
