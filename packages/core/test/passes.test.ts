import {
  commonSubexpressions,
  deadCode,
  decompose,
  definitionOf,
  grad,
  GraphBuilder,
  inline,
  legalize,
  print,
  sgd,
  step,
  typeOf,
  UnsupportedOpError,
} from '@isonet/core';
import type { Graph, Model } from '@isonet/core';
import { conv2d, flatten, globalAvgPool2d, sequential } from '@isonet/core';
import { describe, expect, it } from 'vitest';

const type = { dtype: 'float32', shape: [4] } as const;
const ops = (graph: Graph): string[] => graph.nodes.map((node) => node.op);

describe('deadCode', () => {
  it('keeps the inputs and everything that outputs and updates need', () => {
    const b = new GraphBuilder('g');
    const x = b.input('x', type);
    b.input('unused', type);
    const w = b.state('w', type);
    b.op.exp(b.op.mul(x, b.fill(3, type.shape)));
    b.update('w', b.op.add(w, x));
    const clean = deadCode(b.build());
    expect(ops(clean)).toEqual(['add']);
    expect(clean.constants).toEqual([]);
    expect(clean.inputs.map(({ name }) => name)).toEqual(['x', 'unused']);
    expect(clean.values).toHaveLength(4);
  });
});

describe('commonSubexpressions', () => {
  it('merges only equal nodes', () => {
    const b = new GraphBuilder('g');
    const x = b.input('x', { dtype: 'float32', shape: [2, 2] });
    const sums = [[0], [0], [1]].map((axes) => b.op.reduceSum(x, { axes }));
    sums.forEach((sum, i) => b.output(`sum${i}`, sum));
    const merged = commonSubexpressions(b.build());
    expect(ops(merged)).toEqual(['reduceSum', 'reduceSum']);
    const [first, second, third] = merged.outputs.map(({ value }) => value);
    expect(first).toBe(second);
    expect(first).not.toBe(third);
  });

  it('distinguishes attributes and constants that JSON does not: infinities, NaN, 0 and -0', () => {
    const b = new GraphBuilder('g');
    const x = b.input('x', type);
    const values = [-Infinity, Infinity, NaN, 0, -0];
    for (const value of values) {
      b.output(`pad ${value} ${Object.is(value, -0)}`, b.op.pad(x, { before: [1], after: [0], value }));
    }
    b.output('zeros', b.op.div(b.fill(1, type.shape), b.fill(0, type.shape)));
    b.output('negative zeros', b.op.div(b.fill(1, type.shape), b.fill(-0, type.shape)));
    const merged = commonSubexpressions(b.build());
    const results = merged.outputs.map(({ value }) => value);
    expect(new Set(results).size).toBe(values.length + 2);
  });
});

describe('legalize', () => {
  function reluGraph(): Graph {
    const b = new GraphBuilder('g');
    b.output(
      'y',
      b.within({ layer: 'act' }, () => b.op.relu(b.input('x', type))),
    );
    return b.build();
  }

  it('keeps supported nodes and decomposes unsupported composites', () => {
    expect(ops(legalize(reluGraph(), () => true))).toEqual(['relu']);
    const legal = legalize(reluGraph(), ({ op }) => op !== 'relu' || 'no relu here');
    expect(ops(legal)).toEqual(['broadcast', 'max']);
    expect(legal.nodes.every((node) => node.origin.layer === 'act')).toBe(true);
  });

  it('names the unsupported primitive and the reason', () => {
    const refuse = (): void =>
      void legalize(reluGraph(), ({ op }) => op === 'broadcast' || `${op} is out of order`);
    expect(refuse).toThrow(UnsupportedOpError);
    expect(refuse).toThrow('the device cannot run max "act": max is out of order');
  });

  it('can decompose every composite down to primitives', () => {
    const graph = step(tiny, 2, sgd({ momentum: 0.9, nesterov: true, weightDecay: 0.1 }));
    const legal = decompose(graph, () => true);
    expect(legal.nodes.every((node) => definitionOf(node.op).kind === 'primitive')).toBe(true);
  });
});

describe('grad', () => {
  it('adds gradients over two paths, and returns zeros without a path', () => {
    const b = new GraphBuilder('g');
    const x = b.input('x', type);
    b.input('far', type);
    b.output('loss', b.op.reshape(b.op.reduceSum(b.op.mul(x, x), { axes: [0] }), { shape: [] }));
    const text = print(grad(b.build(), 'loss', ['x', 'far']));
    expect(text).toMatch(/= add\(%(\d+), %\1\)/); // dloss * x, once for each side
    expect(text).toContain('output "grad/far"');
  });

  it('differentiates the decomposition of a composite without a gradient rule', () => {
    const b = new GraphBuilder('g');
    const x = b.input('x', type);
    const moved = b.op.sgdUpdate(x, b.op.exp(x), b.scalar(0.5), { weightDecay: 0 });
    b.output('loss', b.op.reshape(b.op.reduceSum(moved, { axes: [0] }), { shape: [] }));
    const graph = grad(b.build(), 'loss', ['x']);
    expect(ops(graph)).not.toContain('sgdUpdate');
    expect(graph.outputs.map(({ name }) => name)).toEqual(['loss', 'grad/x']);
    expect(typeOf(graph, graph.outputs[1]?.value ?? -1).shape).toEqual([4]);
  });

  it('requires a scalar loss and existing names', () => {
    const b = new GraphBuilder('g');
    const x = b.input('x', type);
    b.output('loss', x);
    const graph = b.build();
    expect(() => grad(graph, 'loss', ['x'])).toThrow('"loss" must be a scalar [], got [4]');
    expect(() => grad(graph, 'cost', ['x'])).toThrow('no output "cost"');
    expect(() => grad(graph, 'loss', ['w'])).toThrow('must be a scalar');
  });
});

describe('inline', () => {
  it('feeds outputs of the first graph to inputs of the second and shares state', () => {
    const first = new GraphBuilder('first');
    first.output('sum', first.op.add(first.input('x', type), first.state('w', type)));
    const second = new GraphBuilder('second');
    const w = second.state('w', type);
    second.update('w', second.op.sub(w, second.input('sum', type)));
    const both = inline('both', [first.build(), second.build()], ['sum']);
    expect(both.inputs.map(({ name }) => name)).toEqual(['x']);
    expect(both.state.map(({ name }) => name)).toEqual(['w']);
    expect(ops(both)).toEqual(['add', 'sub']);
    expect(() => inline('both', [first.build()], ['w2'])).toThrow('no graph has an output "w2"');
    expect(() => inline('both', [second.build(), second.build()], [])).toThrow('state "w" is updated twice');
  });
});

const tiny: Model = {
  name: 'tiny',
  input: { name: 'images', shape: [1, 4, 4] },
  output: { name: 'logits', shape: [2] },
  layer: sequential({
    c: conv2d(2, { kernel: 3, activation: 'relu' }),
    gap: globalAvgPool2d(),
    flatten: flatten(),
  }),
};

describe('step', () => {
  it('joins gradients and apply in one graph, with updates for parameters and slots', () => {
    const graph = step(tiny, 2, sgd({ momentum: 0.9 }));
    expect(graph.inputs.map(({ name }) => name)).toEqual(['images', 'labels', 'lr']);
    expect(graph.outputs.map(({ name }) => name)).toEqual(['loss', 'logits', 'finite']);
    expect(graph.updates.map(({ name }) => name)).toEqual([
      'halted',
      'c.w',
      'velocity/c.w',
      'c.b',
      'velocity/c.b',
    ]);
  });
});
