// Small files that are valid except for the sizes that they request: 2^31 values, 2^40 values, a product that overflows.
import type { Node } from './model.ts';
import { floats, graph, ints, model, node, scalar, tensor } from './model.ts';
import type { Field } from './wire.ts';

const HUGE: readonly (readonly Node[])[] = [
  [node('ConstantOfShape', [ints(65_536, 32_768)])],
  [node('ConstantOfShape', [ints(2 ** 40)])],
  [node('ConstantOfShape', [ints(2 ** 31, 2 ** 31, 2 ** 31)])],
  [node('Expand', [floats(1), ints(65_536, 32_767)])],
  [node('Expand', ['x', ints(2 ** 31, 2, 6, 6)])],
  [node('Tile', [floats(2), ints(2 ** 30)])],
  [node('Tile', ['x', ints(1, 1, 1, 2 ** 30)])],
  [node('Range', [scalar('int', 0), scalar('int', 2 ** 40), scalar('int', 1)])],
  [node('Range', [scalar('float', 0), scalar('float', 1), scalar('float', 1e-30)])],
  [node('Pad', [floats(2), ints(2 ** 30, 2 ** 30)])],
  [node('Pad', ['x', ints(0, 0, 2 ** 30, 0, 0, 0, 2 ** 30, 0)])],
  [node('Resize', [floats(1, 1, 2, 2), '', '', ints(1, 1, 2 ** 20, 2 ** 20)], { mode: 'nearest' })],
  [node('Resize', ['x', '', '', ints(1, 2, 2 ** 30, 2 ** 30)], { mode: 'linear' })],
  [
    node('Add', [floats(256, 1), floats(1, 256)]),
    node('Add', ['$', { kind: 'float', shape: [256, 1, 1], data: floats(256).data }]),
    node('Add', ['$', { kind: 'float', shape: [256, 1, 1, 1], data: floats(256).data }]),
  ],
  [node('MatMul', [floats(256, 1), floats(1, 256)]), node('Expand', ['$', ints(2 ** 15, 256, 256)])],
  [node('ConvTranspose', ['x', floats(2, 1, 2, 2)], { strides: [2 ** 30, 2 ** 30] })],
  [node('MaxPool', ['x'], { kernel_shape: [2 ** 30, 2 ** 30], pads: [2 ** 30, 2 ** 30, 2 ** 30, 2 ** 30] })],
  [
    node('Gather', [
      floats(64, 64),
      { kind: 'int', shape: [1024], data: Array.from({ length: 1024 }, () => 1) },
    ]),
    node('Expand', ['$', ints(2 ** 14, 1024, 64)]),
  ],
  [
    node('Constant', [], { value: { type: 4, tree: tensor('', floats(4)) } }),
    ...Array.from({ length: 40 }, () => node('Concat', ['$', '$'], { axis: 0 })),
  ],
  Array.from({ length: 40 }, () => node('Concat', ['$', '$'], { axis: 1 })),
  Array.from({ length: 40 }, () => node('Add', ['$', '$'])),
  Array.from({ length: 14 }, () => node('Unsqueeze', ['$', ints(0)])),
  [node('OneHot', [ints(1, 2), scalar('int', 2 ** 40), floats(2)])],
  [node('OneHot', ['x', scalar('int', 2 ** 30), floats(2)])],
  [
    node('EyeLike', [floats(256, 1)]),
    node('MatMul', ['$', floats(1, 4096)]),
    node('MatMul', [floats(4096, 256), '$']),
  ],
  [node('NonZero', ['$'])],
  [
    node('ConstantOfShape', [ints(2 ** 21)]),
    node('NonZero', ['$']),
    node('Transpose', ['$']),
    node('Concat', ['$', '$'], { axis: 0 }),
  ],
  [node('Split', ['x'], { axis: 3, num_outputs: 2 ** 30 })],
  [node('DepthToSpace', ['x'], { blocksize: 2 ** 20 })],
  [node('GroupNormalization', ['x', floats(2), floats(2)], { num_groups: 2 ** 30 })],
  [node('LRN', ['x'], { size: 2 ** 31 - 1 })],
  [node('Reshape', ['x', ints(2 ** 31, 2 ** 31, 0)])],
  [
    node('AveragePool', ['x'], {
      kernel_shape: [1, 2 ** 20],
      pads: [0, 2 ** 20, 0, 2 ** 20],
      count_include_pad: 0,
    }),
  ],
  [
    node('AveragePool', ['x'], {
      kernel_shape: [2, 2],
      pads: [2 ** 12, 2 ** 12, 2 ** 12, 2 ** 12],
      strides: [1, 1],
    }),
  ],
  [
    node('Conv', ['x', floats(2, 2, 1, 1)], {
      pads: [2 ** 15, 2 ** 15, 2 ** 15, 2 ** 15],
      dilations: [2 ** 30, 1],
    }),
  ],
  [node('Resize', ['x', '', '', ints(1, 2, 4096, 4096)], { mode: 'linear' })],
  [node('Resize', ['x', '', '', ints(1, 2, 6, 2 ** 22)], { mode: 'cubic' })],
  [
    node(
      'Gather',
      ['x', { kind: 'int', shape: [4096], data: Array.from({ length: 4096 }, (_, i) => i % 6) }],
      { axis: 2 },
    ),
  ],
  Array.from({ length: 40 }, () =>
    node('Gather', ['$', { kind: 'int', shape: [64], data: Array.from({ length: 64 }, (_, i) => i % 2) }], {
      axis: 1,
    }),
  ),
  Array.from({ length: 40 }, () => node('Tile', ['$', ints(1, 2, 1, 1)])),
  Array.from({ length: 30 }, () => node('CumSum', ['$', scalar('int', 1)])),
];

/** The trees of these files. */
export const hugeNetworks: readonly (readonly Field[])[] = HUGE.map((nodes) => model(graph(nodes)));
