// Tests, on ONNX Runtime's CPU provider, that the windows lowering, which is meant for WebGPU, computes correct
// results.
import { runConformance } from '@isonet/conformance';
import { gradients, legalize } from '@isonet/core';
import { nin } from '@isonet/models';
import { supports, training } from '@isonet/onnx/write';
import { expect, test } from 'vitest';
import { write } from '../src/lowering/write.ts';
import { windows } from '../src/lowering/windows/index.ts';
import { backendOver } from '../src/native.ts';
import { loadRuntime } from '../src/runtime/load.ts';
import { overridden } from './overridden.ts';

test('every check of the ops that it writes passes, and a network trains with them', async () => {
  const filter = /^(argMax|conv2d(GradFilter|GradInput)?|maxPool2d(Grad|Gather)?)\/|^golden\/nin-he/;
  const { native, wrong, excused, rows } = await runConformance(backendOver(loadRuntime, windows), {
    filter,
  });
  expect({ wrong, excused }).toEqual({ wrong: [], excused: [] });
  expect(rows.map(({ group }) => group)).toEqual([
    'argMax',
    'conv2d',
    'conv2dGradFilter',
    'conv2dGradInput',
    'maxPool2d',
    'maxPool2dGather',
    'maxPool2dGrad',
    'golden',
  ]);
  expect(native.passed).toBe(native.all);
}, 120_000);

test('it writes no operator that the provider computes wrongly or lacks', () => {
  const graph = legalize(gradients(nin(), 2), (node) => supports(node, training));
  const operators = (table: typeof training): ReadonlySet<string> =>
    new Set(write(graph, table, undefined).graph.nodes.map(({ opType }) => opType));
  expect(operators(training)).toContain('ConvTranspose');
  for (const absent of ['ArgMax', 'ConvTranspose', 'ScatterElements'])
    expect(operators(windows)).not.toContain(absent);
});

test('every other op is written as in the plain training table, not in the layout for processors', () => {
  const own = ['argMax', 'conv2dGradFilter', 'conv2dGradInput', 'maxPool2dGather', 'maxPool2dGrad'];
  expect(overridden(windows)).toEqual(own);
});
