// The final activation is taken off only where export, which puts it back, gives the numbers of the file again.
import { float32 } from '@isonet/core';
import { exportOnnx, readGraph, readOnnx, replaceHead } from '@isonet/onnx';
import { onnxTensor } from '../../src/write/writer/encode.ts';
import { describe, expect, it } from 'vitest';
import { node, onnxModel, runGraph, scattered } from './model.ts';

describe('a final softmax', () => {
  it.each([
    ['over the classes', [2, 4], { axis: 1 }, 17, 'softmax'],
    ['over the classes of a single pixel', [2, 4, 1, 1], { axis: 1 }, 17, 'softmax'],
    ['over the last axis', [2, 4, 3], {}, 17, 'softmax'],
    ['over that single pixel, all ones', [2, 4, 1, 1], {}, 17, undefined],
    ['over the classes of each pixel', [2, 4, 3, 3], { axis: 1 }, 17, undefined],
    ['over all of an image, as before operator set 13', [2, 4, 3], {}, 11, undefined],
  ] as const)('%s has the same numbers when it is written again', async (_, shape, attrs, opset, op) => {
    const nodes = [node('Relu', ['x'], ['z']), node('Softmax', ['z'], ['y'], attrs)];
    const bytes = onnxModel({ nodes, inputs: { x: shape }, outputs: ['y'], opset });
    const network = readOnnx(bytes);
    expect(network.activation?.op).toBe(op);
    const feeds = { x: scattered(shape) };
    const own = await runGraph(readGraph(bytes).graph, {}, feeds);
    const again = await runGraph(readGraph(exportOnnx(network, {}), { dims: { N: 2 } }).graph, {}, feeds);
    expect(again['y']?.data).toEqual(own['y']?.data);
  });

  it('is the only one that is taken off, before and after the head is replaced', () => {
    const nodes = [
      node('MatMul', ['x', 'w'], ['z']),
      node('Sigmoid', ['z'], ['s']),
      node('Softmax', ['s'], ['y'], { axis: 1 }),
    ];
    const initializers = [onnxTensor('w', float32([2, 3], [1, 2, 3, 4, 5, 6]))];
    const before = readOnnx(onnxModel({ nodes, initializers, inputs: { x: [1, 2] }, outputs: ['y'] }));
    const { network } = replaceHead(before, 5);
    expect(network.activation).toEqual({ op: 'softmax', output: 'y' });
    expect(network.file.graph.nodes.map(({ opType }) => opType)).toEqual(['MatMul', 'Sigmoid']);
  });

  it('is taken off behind an Identity; where it is laid out anew it stays, and is noted', () => {
    const read = (tail: ReturnType<typeof node>) => {
      const nodes = [node('Relu', ['x'], ['z']), node('Softmax', ['z'], ['p'], { axis: 1 }), tail];
      return readOnnx(onnxModel({ nodes, inputs: { x: [2, 4] }, outputs: ['y'] }));
    };
    expect(read(node('Identity', ['p'], ['y'])).activation).toEqual({ op: 'softmax', output: 'y' });
    const { activation, report } = read(node('Flatten', ['p'], ['y']));
    expect(activation).toBeUndefined();
    expect(report.notes).toEqual(['"p" (Softmax) stays in the network: losses take its result as logits']);
  });
});
