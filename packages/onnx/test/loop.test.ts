// Chunked graphs as ONNX: which nodes are in the body of the Loop, and which are written once outside it.
import type { Graph } from '@isonet/core';
import { chunked, defined, GraphBuilder } from '@isonet/core';
import { expect, test } from 'vitest';
import type { Form, OnnxGraph, OnnxKernels, OnnxNode } from '../src/write/index.ts';
import { digestedBytes, encodeModel, staticDims, training, writeGraph } from '../src/write/index.ts';
import { decode } from './decode.ts';

const N = 6;
const plain = { transposeA: false, transposeB: false };

/** Builds two chained products with a state, and a sum over the batch with a constant. */
function products(layer = ''): Graph {
  const b = new GraphBuilder('products');
  const x = b.input('x', { dtype: 'float32', shape: [N, 4] });
  const w = b.state('w', { dtype: 'float32', shape: [4, 4] });
  const y = b.within({ layer }, () => b.op.matMul(b.op.matMul(x, w, plain), w, plain));
  b.output('y', y);
  b.output('sum', b.op.reduceSum(b.op.add(y, b.fill(2, [N, 4])), { axes: [0] }));
  return b.build();
}

const turned: Form = {
  name: 'turned',
  enter: (writer, name) => writer.emit('Transpose', [name], { perm: [1, 0] }),
  leave: (writer, name) => writer.emit('Transpose', [name], { perm: [1, 0] }),
};

/** Returns kernels that write products in a form, with a runtime's own operator. */
const formedBy = (operator: string): OnnxKernels => ({
  ...training,
  matMul: (_, { inputs: [x, y], outputs: [z] }, writer) => {
    const names = [writer.inForm(x, turned, 'any'), writer.inForm(y, turned, 'any')];
    writer.setForm(z, turned, writer.emit(operator, names, {}, 'own'), 'zero');
  },
});
const formed = formedBy('Product');

function write(table: OnnxKernels): {
  readonly outer: OnnxGraph;
  readonly body: OnnxGraph;
  readonly loop: OnnxNode;
} {
  const graph = products();
  const chunks = defined(chunked(graph, { x: 0 }, 2), 'chunks');
  const { graph: outer } = writeGraph(graph, { dims: staticDims(graph), table, chunks });
  const loop = defined(
    outer.nodes.find(({ opType }) => opType === 'Loop'),
    'a Loop',
  );
  const { body } = loop.attrs;
  if (typeof body !== 'object' || !('graph' in body)) throw new Error('the Loop has no body');
  return { outer, body: body.graph, loop };
}

const ops = ({ nodes }: OnnxGraph): readonly string[] => nodes.map(({ opType }) => opType);

test('the body contains the products and has the types of a chunk', () => {
  const { outer, body, loop } = write(training);
  expect(ops(body).filter((op) => op === 'MatMul' || op === 'Gemm')).toHaveLength(2);
  expect(ops(outer)).not.toContain('MatMul');
  expect(body.inputs.map(({ dtype, dims }) => [dtype, dims])).toEqual([
    ['int64', []],
    ['bool', []],
    ['float32', [1, 4]],
  ]);
  expect(body.outputs.map(({ dtype, dims }) => [dtype, dims])).toEqual([
    ['bool', []],
    ['float32', [1, 4]],
    ['float32', [2, 4]],
  ]);
  expect(loop.outputs).toHaveLength(2);
  expect(body.initializers).toEqual([]);
  expect(outer.outputs.map(({ name, dims }) => [name, dims])).toEqual([
    ['y', [N, 4]],
    ['sum', [1, 4]],
  ]);
});

test('a form of an outer value that the body needs is written once, outside the body', () => {
  const { outer, body } = write(formed);
  const entered = ({ nodes }: OnnxGraph): readonly OnnxNode[] =>
    nodes.filter(({ opType, inputs }) => opType === 'Transpose' && inputs[0] === 'w');
  expect(entered(outer)).toHaveLength(1);
  expect(entered(body)).toEqual([]);
  const made = entered(outer)[0]?.outputs[0];
  const both = body.nodes.filter(({ opType }) => opType === 'Product');
  expect(both.map(({ inputs }) => inputs[1])).toEqual([made, made]);
});

test('the digest covers the body except its names', () => {
  const digest = (operator: string, layer: string): string => {
    const graph = products(layer);
    const chunks = defined(chunked(graph, { x: 0 }, 2), 'chunks');
    const written = writeGraph(graph, { dims: staticDims(graph), table: formedBy(operator), chunks });
    return Buffer.from(digestedBytes(written)).toString('hex');
  };
  expect(digest('Product', 'a')).toBe(digest('Product', 'b'));
  expect(digest('Product', 'a')).not.toBe(digest('Another', 'a'));
});

test('names are unique, and the domains of the file include those of the body', () => {
  const { outer, body } = write(formed);
  const made = [...outer.nodes, ...body.nodes].flatMap(({ outputs }) => outputs);
  const given = [...outer.inputs, ...outer.initializers, ...body.inputs].map(({ name }) => name);
  expect(new Set([...made, ...given]).size).toBe(made.length + given.length);
  const { model } = decode(encodeModel(outer));
  expect(model.opsetImport.map(({ domain }) => domain)).toEqual(['', 'own']);
});

test('random numbers after the loop are drawn from the key of the whole graph', () => {
  const b = new GraphBuilder('noise');
  const x = b.input('x', { dtype: 'float32', shape: [4, 3] });
  const random = b.input('random', { dtype: 'uint32', shape: [3] });
  const w = b.state('w', { dtype: 'float32', shape: [3, 3] });
  const y = b.op.matMul(x, w, { transposeA: false, transposeB: false });
  const dw = b.op.matMul(x, y, { transposeA: true, transposeB: false });
  const noise = b.op.randomUniform(random, { shape: [3, 3], stream: 1 });
  b.output('y', y);
  b.update('w', b.op.add(b.op.sub(w, dw), noise));
  const graph = b.build();
  const chunks = defined(chunked(graph, { x: 0 }, 2), 'the chunks');
  const written = writeGraph(graph, { dims: staticDims(graph), table: training, chunks });
  expect(written.uniforms.map((uniform) => uniform.random)).toEqual(['random']);
});
