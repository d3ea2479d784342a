// Finds heads by shape or by name, and replaces them for other classes.
import {
  conv2d,
  dense,
  flatten,
  float32,
  forward,
  globalAvgPool2d,
  he,
  initialize,
  sequential,
  stateOf,
} from '@isonet/core';
import type { Layer, Model } from '@isonet/core';
import { exportOnnx, findHead, readOnnx, replaceHead } from '@isonet/onnx';
import type { OnnxNetwork } from '@isonet/onnx';
import { expect, it } from 'vitest';
import { int64Tensor, onnxTensor } from '../../src/write/writer/encode.ts';
import { node, onnxModel } from './model.ts';

function read(layer: Layer): OnnxNetwork {
  const model: Model = {
    name: 'small',
    input: { name: 'images', shape: [3, 8, 8] },
    output: { name: 'logits', shape: [10] },
    layer,
  };
  return readOnnx(exportOnnx(model, initialize(stateOf(model).parameters, he, 0)));
}

const body = conv2d(4, { kernel: 3, padding: 1, activation: 'relu' });
const withDense = (): OnnxNetwork => read(sequential({ body, flatten: flatten(), classifier: dense(10) }));

it('replaces a dense head with zeros for other classes, and keeps the body', () => {
  const before = withDense();
  const { network, head } = replaceHead(before, 3);
  expect(head).toMatchObject({ features: 256, classes: 3, parameters: ['classifier.w', 'classifier.b'] });
  expect(network.output.shape).toEqual([3]);
  expect(network.values['classifier.w']).toEqual({
    dtype: 'float32',
    shape: [3, 256],
    data: new Float32Array(768),
  });
  expect(network.values['body.w']).toEqual(before.values['body.w']);
  expect(findHead(before, 'classifier').classes).toBe(10);
});

it('replaces a 1x1 convolution before a global pool, and keeps the pool', () => {
  const before = read(
    sequential({ body, head: conv2d(10, { kernel: 1 }), gap: globalAvgPool2d(), flatten: flatten() }),
  );
  const { network, head } = replaceHead(before, 2);
  expect(head.parameters).toEqual(['head.w', 'head.b']);
  expect(network.output.shape).toEqual([2]);
  expect(network.values['head.w']?.shape).toEqual([2, 4, 1, 1]);
});

it('keeps a tail with a hard-coded number of classes, even in a Constant node', () => {
  const sizes = onnxModelOf([-1, 4]);
  expect(replaceHead(readOnnx(sizes), 7).network.file.graph.nodes.map(({ opType }) => opType)).toEqual([
    'Conv',
    'Reshape',
    'ReduceMean',
  ]);
});

it('distinguishes one class from a batch of one', () => {
  const nodes = [node('MatMul', ['x', 'w'], ['z']), node('Reshape', ['z', 'sizes'], ['y'])];
  const initializers = [onnxTensor('w', float32([2, 1], [3, 4])), int64Tensor('sizes', [1, 1])];
  const one = readOnnx(onnxModel({ nodes, initializers, inputs: { x: [1, 2] }, outputs: ['y'] }));
  const { network } = replaceHead(one, 2);
  // Includes a batch size equal to the number of classes.
  const shapes = [1, 2, 3].map((batch) => forward(network, batch).graph.values.at(-1)?.shape);
  expect(shapes).toEqual([
    [1, 2],
    [2, 2],
    [3, 2],
  ]);
});

it('lists the layers if the requested one does not exist', () => {
  expect(() => replaceHead(withDense(), 3, 'fc')).toThrow(
    /no layer with weights is named "fc"; the last layers with weights are .*\(classifier\.w\)/,
  );
  expect(() => replaceHead(withDense(), 0)).toThrow('expected at least 1 class, got 0');
});

/** Builds a network whose head is followed by a Reshape to `[...sizes, 9]` (a Constant node) and a mean over pixels. */
function onnxModelOf(sizes: readonly number[]): Uint8Array {
  const nodes = [
    node('Conv', ['x', 'w'], ['c']),
    node('Constant', [], ['sizes'], { value_ints: [...sizes, 9] }),
    node('Reshape', ['c', 'sizes'], ['r']),
    node('ReduceMean', ['r'], ['y'], { axes: [2], keepdims: 0 }),
  ];
  const initializers = [onnxTensor('w', float32([4, 1, 1, 1], [1, 2, 3, 4]))];
  return onnxModel({ nodes, initializers, inputs: { x: [1, 1, 3, 3] }, outputs: ['y'] });
}
