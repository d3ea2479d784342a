// Tests the names of the inputs and outputs that exportGraph writes, and which operations it elides or writes out.
import type { Graph, Value } from '@isonet/core';
import {
  apply,
  float32,
  GraphBuilder,
  gradients,
  int32,
  scalar,
  sgd,
  stateOf,
  step,
  streamKey,
  uniformBlock,
} from '@isonet/core';
import { nin } from '@isonet/models';
import { describe, expect, test } from 'vitest';
import { drawUniform, exportGraph } from '../src/index.ts';
import { decode, infoText, nodeText } from './decode.ts';

const model = nin();
const optimizer = sgd({ momentum: 0.9 });
const names = stateOf(model).parameters.map(({ name }) => name);

function nodesOf(graph: Graph): readonly string[] {
  return decode(exportGraph(graph).bytes).graph.node.map(nodeText);
}

/** Builds a graph with one output. */
function outputOf(build: (b: GraphBuilder) => ReturnType<GraphBuilder['input']>): Graph {
  const b = new GraphBuilder('g');
  b.output('y', build(b));
  return b.build();
}

describe('a training step', () => {
  const exported = exportGraph(step(model, 8, optimizer));
  const { graph } = decode(exported.bytes);

  test('has feeds, state and random numbers as inputs, and outputs and the next state as outputs', () => {
    const inputs = graph.input.map(infoText);
    expect(inputs.slice(0, 3)).toEqual(['images: 1 [8, 1, 28, 28]', 'labels: 6 [8]', 'lr: 1 []']);
    expect(inputs.at(-1)).toBe('uniform/dropout: 1 [8, 96, 2, 2]');
    expect(graph.input.map(({ name }) => name)).toEqual(
      expect.arrayContaining([...names, ...names.map((name) => `velocity/${name}`)]),
    );
    expect(graph.input).toHaveLength(3 + 2 * names.length + 2);
    expect(graph.output.slice(0, 3).map(infoText)).toEqual([
      'loss: 1 []',
      'logits: 1 [8, 10]',
      'finite: 9 []',
    ]);
    expect(graph.output).toHaveLength(3 + 2 * names.length + 1);
    expect(graph.input.map(infoText)).toContain('halted: 9 []');
    expect(exported.updates.get('nin1.c1.w')).toBe('next/nin1.c1.w');
    expect(exported.outputs.get('loss')).toBe('loss');
  });

  test('describes how to draw its random numbers', () => {
    expect(exported.uniforms).toEqual([
      { name: 'uniform/dropout', random: 'random', stream: streamKey('dropout'), shape: [8, 96, 2, 2] },
    ]);
    const [uniform] = exported.uniforms;
    const drawn = uniform && drawUniform(uniform, new Uint32Array([5, 6, 7]));
    expect(drawn).toEqual(float32([8, 96, 2, 2], uniformBlock(5, streamKey('dropout'), 6, 7 * 384, 8 * 384)));
  });

  test('contains no weights, no Identity, no duplicate constant and no unused node', () => {
    const key = (name: string): string => {
      const tensor = graph.initializer.find((other) => other.name === name);
      return JSON.stringify([tensor?.dataType, tensor?.dims.map(String), [...(tensor?.rawData ?? [])]]);
    };
    expect(new Set(graph.initializer.map(({ name }) => key(name))).size).toBe(graph.initializer.length);
    expect(graph.node.filter(({ opType }) => opType === 'Identity')).toEqual([]);
    const used = new Set([
      ...graph.node.flatMap(({ input }) => input),
      ...graph.output.map(({ name }) => name),
    ]);
    expect(graph.node.filter(({ output }) => output.every((name) => !used.has(name)))).toEqual([]);
    expect(graph.initializer.filter(({ name }) => !used.has(name))).toEqual([]);
  });

  test('is written byte for byte the same every time', () => {
    expect(exportGraph(step(model, 8, optimizer)).bytes).toEqual(exported.bytes);
  });
});

test('the outputs of gradients match the inputs of apply by name', () => {
  const given = exportGraph(gradients(model, 8)).outputs;
  const wanted = decode(exportGraph(apply('nin', stateOf(model), optimizer)).bytes).graph.input.map(
    ({ name }) => name,
  );
  expect([...given.values()]).toEqual(['loss', 'logits', ...names.map((name) => `grad/${name}`)]);
  expect(wanted).toEqual(expect.arrayContaining(names.map((name) => `grad/${name}`)));
});

describe('broadcast', () => {
  const type = { dtype: 'float32', shape: [2, 3] } as const;

  test('is left to operators that broadcast', () => {
    const nodes = nodesOf(
      outputOf((b) => {
        const row = b.input('row', { dtype: 'float32', shape: [1, 3] });
        return b.op.mul(
          b.op.add(b.input('x', type), b.op.broadcast(row, { shape: [2, 3] })),
          b.fill(4, [2, 3]),
        );
      }),
    );
    expect(nodes).toEqual(['g/Add = Add(x, row)', 'y (g/Mul) = Mul(g/Add, constant)']);
  });

  test('is delayed until the full value is needed', () => {
    const nodes = nodesOf(
      outputOf((b) => {
        const [row, column] = [
          b.input('row', { dtype: 'float32', shape: [1, 3] }),
          b.input('column', { dtype: 'float32', shape: [2, 1] }),
        ];
        const shape = [2, 3];
        const half = b.op.mul(b.op.broadcast(row, { shape }), b.fill(0.5, shape));
        return b.op.reshape(b.op.add(b.op.exp(half), b.op.broadcast(column, { shape })), { shape: [6] });
      }),
    );
    // The halved row and its exponential are computed on three elements instead of six.
    expect(nodes).toEqual([
      'g/Mul = Mul(row, constant)',
      'g/Exp = Exp(g/Mul)',
      'g/Add = Add(g/Exp, column)',
      'y (g/Reshape) = Reshape(g/Add, constant_2)',
    ]);
  });

  test('is written out once if it is a result or if an operator needs the full value', () => {
    const b = new GraphBuilder('g');
    const wide = b.op.broadcast(b.input('x', { dtype: 'float32', shape: [1, 3] }), { shape: [2, 3] });
    b.output('wide', wide);
    b.output('sum', b.op.reduceSum(wide, { axes: [0] }));
    b.output('again', wide);
    expect(nodesOf(b.build())).toEqual([
      'wide (g/Expand) = Expand(x, constant)',
      'sum (g/ReduceSum) = ReduceSum(wide, constant_2) keepdims=1',
      'again (g/Identity) = Identity(wide)',
    ]);
  });
});

test('an output that shares its name with an input gets a number, and a result that no node produces is copied', () => {
  const b = new GraphBuilder('g');
  const x = b.input('x', { dtype: 'int32', shape: [2] });
  const w = b.state('w', { dtype: 'float32', shape: [] });
  const v = b.state('v', { dtype: 'float32', shape: [] });
  b.output('x', x);
  b.output('next/w', v);
  b.update('w', v);
  b.update('v', b.op.add(w, b.constant(scalar(2))));
  const { bytes, outputs, updates } = exportGraph(b.build());
  expect([...outputs]).toEqual([
    ['x', 'x_2'],
    ['next/w', 'next/w'],
  ]);
  expect([...updates]).toEqual([
    ['w', 'next/w_2'],
    ['v', 'next/v'],
  ]);
  expect(decode(bytes).graph.node.map(nodeText)).toEqual([
    'next/v (g/Add) = Add(w, constant)',
    'x_2 (g/Identity) = Identity(x)',
    'next/w (g/Identity_2) = Identity(v)',
    'next/w_2 (g/Identity_3) = Identity(v)',
  ]);
});

test('one-hot rows use Equal, because OneHot counts negative labels from the end', () => {
  const nodes = nodesOf(
    outputOf((b) => b.op.oneHot(b.input('labels', { dtype: 'int32', shape: [4] }), { depth: 3 })),
  );
  expect(nodes).toEqual([
    'g/Unsqueeze = Unsqueeze(labels, constant)',
    'g/Equal = Equal(g/Unsqueeze, constant_2)',
    'y (g/Cast) = Cast(g/Equal) to=1',
  ]);
});

describe('entries picked along an axis', () => {
  const pick = (make: (b: GraphBuilder) => Value): readonly string[] =>
    nodesOf(
      outputOf((b) =>
        b.op.gather(b.input('x', { dtype: 'float32', shape: [2, 3, 4] }), make(b), { axis: 1 }),
      ),
    );

  test('use a plain Gather if all indices are known to be inside the axis', () => {
    expect(pick((b) => b.constant(int32([2], [2, 0])))).toEqual([
      'y (g/Gather) = Gather(x, constant) axis=1',
    ]);
  });

  test('are zeros for an index outside the axis, where Gather would count from the end or fail', () => {
    const guarded = (indices: string, constants: readonly string[]): readonly string[] => {
      const [first, size, column, zero] = constants;
      return [
        `g/GreaterOrEqual = GreaterOrEqual(${indices}, ${first})`,
        `g/Less = Less(${indices}, ${size})`,
        'g/And = And(g/GreaterOrEqual, g/Less)',
        `g/Where = Where(g/And, ${indices}, ${first})`,
        'g/Gather = Gather(x, g/Where) axis=1',
        `g/Reshape = Reshape(g/And, ${column})`,
        `y (g/Where_2) = Where(g/Reshape, g/Gather, ${zero})`,
      ];
    };
    const fed = pick((b) => b.input('indices', { dtype: 'int32', shape: [2] }));
    expect(fed).toEqual(guarded('indices', ['constant', 'constant_2', 'constant_3', 'constant_4']));
    for (const outside of [-1, 3]) {
      const known = pick((b) => b.constant(int32([2], [2, outside])));
      expect(known).toEqual(guarded('constant', ['constant_2', 'constant_3', 'constant_4', 'constant_5']));
    }
  });
});

test('batched products are MatMul, with a Transpose for transposed operands', () => {
  const b = new GraphBuilder('g');
  const x = b.input('x', { dtype: 'float32', shape: [4, 2, 3] });
  const y = b.input('y', { dtype: 'float32', shape: [4, 5, 3] });
  b.output('z', b.op.batchMatMul(x, y, { transposeA: false, transposeB: true }));
  expect(nodesOf(b.build())).toEqual([
    'g/Transpose = Transpose(y) perm=0,2,1',
    'z (g/MatMul) = MatMul(x, g/Transpose)',
  ]);
});

test('a constant of integers keeps its type', () => {
  const b = new GraphBuilder('g');
  b.output('y', b.op.oneHot(b.constant(int32([2], [1, -1])), { depth: 2 }));
  const { graph } = decode(exportGraph(b.build()).bytes);
  expect(graph.initializer[0]).toMatchObject({ name: 'constant', dataType: 6, dims: [2n] });
  expect([...(graph.initializer[0]?.rawData ?? [])]).toEqual([1, 0, 0, 0, 255, 255, 255, 255]);
});

test('refuses a random key that the graph computes, because the host cannot draw from it', () => {
  const b = new GraphBuilder('g');
  const key = b.op.broadcast(b.input('seed', { dtype: 'uint32', shape: [1] }), { shape: [3] });
  b.output(
    'y',
    b.within({ layer: 'noise' }, () => b.op.randomUniform(key, { shape: [2], stream: 1 })),
  );
  expect(() => exportGraph(b.build())).toThrow(
    'randomUniform "noise": cannot be written as ONNX: it reads its key and counter from a computed value',
  );
});
