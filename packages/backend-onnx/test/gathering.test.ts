// Tests, on ONNX Runtime's CPU provider, that the gathering lowering, which is meant for GPUs, computes correct
// results.
import { runConformance } from '@isonet/conformance';
import { GraphBuilder, gradients, legalize } from '@isonet/core';
import { nin } from '@isonet/models';
import { supports, training } from '@isonet/onnx/write';
import { expect, test } from 'vitest';
import { backendOver } from '../src/native.ts';
import { gathering } from '../src/lowering/gathering/index.ts';
import { write } from '../src/lowering/write.ts';
import { loadRuntime } from '../src/runtime/load.ts';
import { overridden } from './overridden.ts';

test('every check of poolings, transposed convolutions and their gradients passes, and a network trains with them', async () => {
  const filter = /^(avgPool2dGrad|conv2dGradInput|maxPool2d(Grad|Gather)?)\/|^golden\/nin-he/;
  const { native, wrong, excused, rows } = await runConformance(backendOver(loadRuntime, gathering), {
    filter,
  });
  expect({ wrong, excused }).toEqual({ wrong: [], excused: [] });
  expect(rows.map(({ group }) => group)).toEqual([
    'avgPool2dGrad',
    'conv2dGradInput',
    'maxPool2d',
    'maxPool2dGather',
    'maxPool2dGrad',
    'golden',
  ]);
  expect(native.passed).toBe(native.all);
}, 120_000);

test('it writes no ScatterElements, unlike the plain training table', () => {
  const graph = legalize(gradients(nin(), 2), (node) => supports(node, training));
  const operators = (table: typeof training): readonly string[] =>
    write(graph, table, undefined).graph.nodes.map(({ opType }) => opType);
  expect(operators(training)).toContain('ScatterElements');
  expect(operators(gathering)).not.toContain('ScatterElements');
});

test('every other op is written as in the plain training table, not in the layout for processors', () => {
  expect(overridden(gathering)).toEqual(['avgPool2dGrad', 'conv2dGradInput', 'maxPool2dGrad']);
});

test("pads are equal at both ends, as CUDA's ConvTranspose kernel requires", () => {
  const b = new GraphBuilder('widened');
  const image = { dtype: 'float32', shape: [1, 1, 3, 3] } as const;
  const [dy, w] = [b.input('dy', image), b.input('w', image)];
  const attrs = { strides: [2, 2], pads: [0, 1, 2, 0], dilations: [1, 1], groups: 1 } as const;
  b.output('dx', b.op.conv2dGradInput(dy, w, { ...attrs, inputShape: [1, 1, 5, 6] }));
  const graph = b.build();
  const padsOf = (table: typeof training): unknown =>
    write(graph, table, undefined).graph.nodes.find(({ opType }) => opType === 'ConvTranspose')?.attrs[
      'pads'
    ];
  expect(padsOf(training)).toEqual([0, 1, 2, 0]);
  expect(padsOf(gathering)).toEqual([0, 0, 0, 0]);
});
