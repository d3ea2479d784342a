// Files exported for a fixed, hard-coded batch size run for other batch sizes.
import { reference } from '@isonet/backend-reference';
import type { Tensor } from '@isonet/core';
import { dimOf, float32, forward } from '@isonet/core';
import { readOnnx } from '@isonet/onnx';
import { describe, expect, it } from 'vitest';
import { int64Tensor, onnxTensor } from '../../src/write/writer/encode.ts';
import { counting, node, onnxModel } from './model.ts';
import type { SmallModel } from './model.ts';

describe('a shape with a hard-coded batch size', () => {
  // The file is for one image of 2 channels, but [1, -1] would also fit two images as one row.
  it('means one row per image, not one row for all', async () => {
    const nodes = [
      node('Reshape', ['x', 'row'], ['r']),
      node('Softmax', ['r'], ['s']),
      node('Reshape', ['s', 'back'], ['y']),
    ];
    const initializers = [int64Tensor('row', [1, -1]), int64Tensor('back', [-1, 2])];
    expect(await batchOf({ nodes, initializers }, float32([2, 2, 1, 1], [5, 5, 9, 9]))).toEqual([
      0.5, 0.5, 0.5, 0.5,
    ]);
  });

  it('may have the batch size as a factor of an axis', async () => {
    const nodes = [
      node('Reshape', ['x', 'pixels'], ['r']),
      node('MatMul', ['r', 'w'], ['p']),
      node('Reshape', ['p', 'images'], ['y']),
    ];
    const initializers = [
      int64Tensor('pixels', [2, 1]),
      int64Tensor('images', [1, 2]),
      onnxTensor('w', float32([1, 1], [10])),
    ];
    expect(await batchOf({ nodes, initializers }, counting([3, 1, 2]))).toEqual([0, 10, 20, 30, 40, 50]);
  });
});

describe('a node that would mix the images of a larger batch', () => {
  it.each([
    [
      'reads the first image',
      [node('Gather', ['x', 'first'], ['picked'], { axis: 0 }), node('Sub', ['x', 'picked'], ['y'])],
    ],
    [
      'averages over everything',
      [node('ReduceMean', ['x'], ['picked']), node('Sub', ['x', 'picked'], ['y'])],
    ],
  ])('is refused by name if it %s', (_, nodes) => {
    const initializers = [int64Tensor('first', [0])];
    const bytes = onnxModel({ nodes, initializers, inputs: { x: [1, 3] }, outputs: ['y'] });
    expect(() => readOnnx(bytes)).toThrow(
      'input "x": the file was exported for 1 sample at a time, and node "picked" would mix the samples of a larger batch',
    );
  });
});

/** Returns the output for a batch of a network that was exported for one image. */
async function batchOf(
  model: Pick<SmallModel, 'nodes' | 'initializers'>,
  x: Tensor,
): Promise<readonly number[]> {
  const network = readOnnx(onnxModel({ ...model, inputs: { x: [1, ...x.shape.slice(1)] }, outputs: ['y'] }));
  await using device = await reference.open();
  const program = await device.compile(forward(network, dimOf(x.shape, 0)).graph);
  const output = await program.run(await device.createState(network.values), { x }).read();
  return Array.from(output['y']!.data);
}
