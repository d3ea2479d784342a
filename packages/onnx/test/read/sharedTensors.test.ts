// Exporters store equal tensors once, under the first name, so a single tensor in the file can be several parameters in training.
import { float32, GraphBuilder, Scope } from '@isonet/core';
import { readGraph, readOnnx, replaceHead } from '@isonet/onnx';
import { describe, expect, it } from 'vitest';
import { onnxTensor } from '../../src/write/writer/encode.ts';
import { node, onnxModel, runGraph } from './model.ts';

const ones = onnxTensor('b1.weight', float32([2], [1, 1]));
const zeros = onnxTensor('b1.bias', float32([2], [0, 0]));

describe('tensors that are stored once', () => {
  // torch.onnx.export writes untrained batch norms like this: the tensors of the second are copies of those of the
  // first.
  it('are separate parameters if Identity nodes name them', () => {
    const copies = ['b2.weight', 'b2.running_var'].map((name) => node('Identity', ['b1.weight'], [name]));
    const others = ['b1.running_mean', 'b2.bias', 'b2.running_mean'].map((name) =>
      node('Identity', ['b1.bias'], [name]),
    );
    const nodes = [
      ...copies,
      ...others,
      norm('y1', 'x', ['b1.weight', 'b1.bias', 'b1.running_mean', 'b1.weight']),
      norm('y', 'y1', ['b2.weight', 'b2.bias', 'b2.running_mean', 'b2.running_var']),
    ];
    const network = readOnnx(
      onnxModel({ nodes, initializers: [ones, zeros], inputs: { x: [1, 2] }, outputs: ['y'] }),
    );
    const b = new GraphBuilder('training');
    const scope = Scope.root(b, { training: true });
    network.layer(scope, b.input('x', { dtype: 'float32', shape: [3, 2] }));
    expect(scope.parameters.map(({ name }) => name)).toEqual([
      'b1.weight',
      'b1.bias',
      'b2.weight',
      'b2.bias',
    ]);
    const buffers = ['b1.running_mean', 'y1.variance', 'b2.running_mean', 'b2.running_var'];
    expect([...scope.bufferValues.keys()]).toEqual(buffers);
    expect(Object.keys(network.values).toSorted()).toEqual(
      [...scope.parameters, ...scope.buffers].map(({ name }) => name).toSorted(),
    );
  });

  it('are separate statistics if two batch norms read them', () => {
    const nodes = [
      norm('y1', 'x', ['b1.weight', 'b1.bias', 'b1.bias', 'b1.weight']),
      norm('y', 'y1', ['b1.weight', 'b1.bias', 'b1.bias', 'b1.weight']),
    ];
    const { values } = readOnnx(
      onnxModel({ nodes, initializers: [ones, zeros], inputs: { x: [1, 2] }, outputs: ['y'] }),
    );
    expect(values['y.mean']).toEqual(float32([2], [0, 0]));
    expect(Object.keys(values)).toEqual([
      'b1.weight',
      'b1.bias',
      'y1.mean',
      'y1.variance',
      'y.mean',
      'y.variance',
    ]);
  });

  it('keep their values in the body when the head gets new ones', () => {
    const nodes = [
      node('Gemm', ['x', 'w', 'b'], ['hidden'], { transB: 1 }),
      node('Transpose', ['w'], ['turned']),
      node('MatMul', ['hidden', 'turned'], ['product']),
      node('Add', ['product', 'b'], ['y']),
    ];
    const initializers = [
      onnxTensor('w', float32([2, 2], [1, 2, 3, 4])),
      onnxTensor('b', float32([2], [5, 6])),
    ];
    const before = readOnnx(onnxModel({ nodes, initializers, inputs: { x: [1, 2] }, outputs: ['y'] }));
    const { network, head } = replaceHead(before, 3);
    expect(head).toMatchObject({ features: 2, classes: 3, parameters: ['w.head', 'b.head'] });
    expect(network.values['w']).toEqual(before.values['w']);
    expect(network.values['b']).toEqual(before.values['b']);
    expect(network.values['w.head']).toEqual(float32([2, 3], [0, 0, 0, 0, 0, 0]));
    expect(network.values['b.head']).toEqual(float32([3], [0, 0, 0]));
  });
});

describe('a weight computed from constants, and a constant that is a weight elsewhere', () => {
  it('are noted', () => {
    const nodes = [
      node('MatMul', ['x', 'w'], ['z']),
      node('Softmax', ['w'], ['s']),
      node('MatMul', ['z', 's'], ['a']),
      node('Sqrt', ['v'], ['root']),
      node('MatMul', ['a', 'root'], ['y']),
    ];
    const initializers = ['w', 'v'].map((name) => onnxTensor(name, float32([2, 2], [1, 2, 3, 4])));
    const bytes = onnxModel({ nodes, initializers, inputs: { x: [1, 2] }, outputs: ['y'] });
    const { report, values } = readOnnx(bytes);
    expect(Object.keys(values)).toEqual(['w']);
    expect(report.notes).toEqual([
      'weights computed from constants are not trained: those of "y"',
      '"w" is trained where it is a weight but stays constant in "s"; list it in the option parameters to train it there too',
    ]);
    expect(readOnnx(bytes, { parameters: ['w', 'v'] }).report.notes).toEqual([]);
    expect(() => readOnnx(bytes, { parameters: ['w', 'u'] })).toThrow(
      'parameters: expected names of float initializers that a node reads, got "u"',
    );
  });
});

describe('branches of two nodes', () => {
  it('may have different tensors with the same name', async () => {
    const branch = (x: string, y: string, factor: number) => ({
      graph: {
        name: y,
        inputs: [],
        nodes: [node('MatMul', [x, 'w'], [y])],
        initializers: [onnxTensor('w', float32([1, 1], [factor]))],
        outputs: [{ name: y, dtype: 'float32' as const, dims: [] }],
      },
    });
    const nodes = [
      node('If', ['is'], ['z'], { then_branch: branch('x', 'a', 2), else_branch: branch('x', 'b', 9) }),
      node('If', ['is'], ['y'], { then_branch: branch('z', 'c', 3), else_branch: branch('z', 'd', 9) }),
    ];
    const initializers = [onnxTensor('is', { dtype: 'bool', shape: [1], data: Uint8Array.of(1) })];
    const { graph, values } = readGraph(
      onnxModel({ nodes, initializers, inputs: { x: [1, 1] }, outputs: ['y'] }),
    );
    const { y } = await runGraph(graph, values, { x: float32([1, 1], [1]) });
    expect(Array.from(y!.data)).toEqual([6]);
    expect(Object.keys(values)).toEqual(['w', 'w_2']);
  });
});

function norm(y: string, x: string, tensors: readonly string[]): ReturnType<typeof node> {
  return node('BatchNormalization', [x, ...tensors], [y]);
}
