// The final activation is removed only if the export, which restores it, reproduces the file's output.
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
    ['over the single pixel, where it is always one', [2, 4, 1, 1], {}, 17, undefined],
    ['over the classes of each pixel', [2, 4, 3, 3], { axis: 1 }, 17, undefined],
    ['over a whole image, as before operator set 13', [2, 4, 3], {}, 11, undefined],
  ] as const)('%s gives the same output after re-export', async (_, shape, attrs, opset, op) => {
    const nodes = [node('Relu', ['x'], ['z']), node('Softmax', ['z'], ['y'], attrs)];
    const bytes = onnxModel({ nodes, inputs: { x: shape }, outputs: ['y'], opset });
    const network = readOnnx(bytes);
    expect(network.activation?.op).toBe(op);
    const feeds = { x: scattered(shape) };
    const own = await runGraph(readGraph(bytes).graph, {}, feeds);
    const again = await runGraph(readGraph(exportOnnx(network, {}), { dims: { N: 2 } }).graph, {}, feeds);
    expect(again['y']?.data).toEqual(own['y']?.data);
  });

  it('is the only activation removed, before and after the head is replaced', () => {
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

  it('is removed before an Identity, but stays before a reshape, with a note', () => {
    const read = (tail: ReturnType<typeof node>) => {
      const nodes = [node('Relu', ['x'], ['z']), node('Softmax', ['z'], ['p'], { axis: 1 }), tail];
      return readOnnx(onnxModel({ nodes, inputs: { x: [2, 4] }, outputs: ['y'] }));
    };
    expect(read(node('Identity', ['p'], ['y'])).activation).toEqual({ op: 'softmax', output: 'y' });
    const { activation, report } = read(node('Flatten', ['p'], ['y']));
    expect(activation).toBeUndefined();
    expect(report.notes).toEqual(['"p" (Softmax) stays in the network, so losses take its result as logits']);
  });
});
