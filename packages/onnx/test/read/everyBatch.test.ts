// Re-exports, for every batch size, networks that repeat something for each image.
import { float32 } from '@isonet/core';
import type { Tensor } from '@isonet/core';
import { exportOnnx, readGraph, readOnnx } from '@isonet/onnx';
import { expect, it } from 'vitest';
import { int64Tensor, onnxTensor } from '../../src/write/writer/encode.ts';
import { counting, node, onnxModel, runGraph } from './model.ts';
import type { SmallModel } from './model.ts';

it('repeats a constant for each image', async () => {
  // The way PyTorch writes a class token: [1, 1, 2] -> [N, 1, 2].
  const nodes = [
    node('Shape', ['x'], ['shape']),
    node('Slice', ['shape', 'zero', 'one'], ['batch']),
    node('Concat', ['batch', 'one', 'two'], ['sizes'], { axis: 0 }),
    node('Expand', ['token', 'sizes'], ['tokens']),
    node('Concat', ['tokens', 'x'], ['y'], { axis: 1 }),
  ];
  const initializers = [
    int64Tensor('zero', [0]),
    int64Tensor('one', [1]),
    int64Tensor('two', [2]),
    onnxTensor('token', float32([1, 1, 2], [8, 9])),
  ];
  expect(await outputAfterExport({ nodes, initializers }, counting([3, 1, 2]))).toEqual([
    8, 9, 0, 1, 8, 9, 2, 3, 8, 9, 4, 5,
  ]);
});

it('reshapes a repeated value', async () => {
  // The Reshape needs all axes of the repeated value, so the repetition must be written out.
  const nodes = [
    node('Expand', ['x', 'sizes'], ['pairs']),
    node('Reshape', ['pairs', 'halves'], ['z']),
    node('ReduceSum', ['z', 'last'], ['y']),
  ];
  const initializers = [
    int64Tensor('sizes', [1, 2, 2]),
    int64Tensor('halves', [-1, 4]),
    int64Tensor('last', [1]),
  ];
  expect(await outputAfterExport({ nodes, initializers }, counting([3, 1, 2]))).toEqual([2, 10, 18]);
});

/** Returns the output of a network after reading and re-exporting it, for a batch size other than its original one. */
async function outputAfterExport(
  model: Pick<SmallModel, 'nodes' | 'initializers'>,
  x: Tensor,
): Promise<readonly number[]> {
  const network = readOnnx(onnxModel({ ...model, inputs: { x: [1, ...x.shape.slice(1)] }, outputs: ['y'] }));
  const { graph } = readGraph(exportOnnx(network, {}), { dims: { N: x.shape[0]! } });
  const { y } = await runGraph(graph, {}, { x });
  return Array.from(y!.data);
}
