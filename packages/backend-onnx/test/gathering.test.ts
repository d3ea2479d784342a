// The gathering lowering, which is for GPUs, gives the right numbers: judged on ONNX Runtime's cpu provider.
import { runConformance } from '@isonet/conformance';
import { gradients, legalize } from '@isonet/core';
import { nin } from '@isonet/models';
import { supports } from '@isonet/onnx/write';
import { expect, test } from 'vitest';
import { backendOver } from '../src/backend.ts';
import { gathering } from '../src/lowering/gathering/index.ts';
import { kernels, write } from '../src/lowering/portable.ts';
import { loadRuntime } from '../src/runtime/load.ts';

test('every check of max pooling and its gradients passes, and a network trains with them', async () => {
  const filter = /^maxPool2d(Grad|Gather)?\/|^golden\/nin-he/;
  const { native, wrong, excused, rows } = await runConformance(backendOver(loadRuntime, gathering), {
    filter,
  });
  expect({ wrong, excused }).toEqual({ wrong: [], excused: [] });
  expect(rows.map(({ subject }) => subject)).toEqual([
    'maxPool2d',
    'maxPool2dGather',
    'maxPool2dGrad',
    'golden',
  ]);
  expect(native.passed).toBe(native.all);
}, 120_000);

test('nothing of it adds by scattering, as the portable lowering does', () => {
  const graph = legalize(gradients(nin(), 2), (node) => supports(node, kernels));
  const operators = (table: typeof kernels): readonly string[] =>
    write(graph, table, undefined).graph.nodes.map(({ opType }) => opType);
  expect(operators(kernels)).toContain('ScatterElements');
  expect(operators(gathering)).not.toContain('ScatterElements');
});
