// The batch analysis of whole networks, with their losses and gradients.
import {
  batchNorm,
  batchOf,
  conv2d,
  definitionOf,
  dense,
  dropout,
  flatten,
  forward,
  globalAvgPool2d,
  grad,
  gradients,
  GraphBuilder,
  maxPool2d,
  relu,
  sequential,
  sgd,
  step,
  typeOf,
} from '@isonet/core';
import type { Coupling, Graph, Model } from '@isonet/core';
import { describe, expect, it } from 'vitest';

const along = (axis: number): Coupling => ({ axis });
const N = 3;

/** Returns the coupling of an output. */
function ofOutput(graph: Graph, name: string, axes: Readonly<Record<string, number>>): Coupling | undefined {
  const output = graph.outputs.find((entry) => entry.name === name);
  return output && batchOf(graph, axes)(output.value);
}

describe('a network', () => {
  const of = (normed: boolean): Model => ({
    name: 'small',
    input: { name: 'images', shape: [2, 8, 8] },
    output: { name: 'logits', shape: [3] },
    layer: sequential({
      c: conv2d(4, { kernel: 3 }),
      ...(normed ? { norm: batchNorm() } : {}),
      relu: relu(),
      pool: maxPool2d({ kernel: 2 }),
      drop: dropout(0.5),
      gap: globalAvgPool2d(),
      flatten: flatten(),
      fc: dense(3),
    }),
  });
  const carriers = { images: 0, labels: 0 };

  it.each([false, true])('keeps images separate in inference (batch norm: %s)', (normed) => {
    const { graph } = forward(of(normed), N);
    const at = batchOf(graph, { images: 0 });
    expect(ofOutput(graph, 'logits', { images: 0 })).toEqual(along(0));
    expect(graph.values.map((_, value) => at(value))).not.toContain('summed');
  });

  it('sums images in the loss and the parameter gradients, and keeps image gradients separate', () => {
    const graph = gradients(of(false), N);
    const at = batchOf(graph, carriers);
    expect(ofOutput(graph, 'loss', carriers)).toBe('summed');
    expect(ofOutput(graph, 'logits', carriers)).toEqual(along(0));
    for (const name of ['c.w', 'c.b', 'fc.w', 'fc.b']) {
      expect(ofOutput(graph, `grad/${name}`, carriers)).toBe('summed');
    }
    const losses = graph.nodes.filter(({ op }) => op === 'softmaxCrossEntropy');
    expect(losses.map(({ outputs: [loss] }) => at(loss))).toEqual([along(0)]);
    const backward = graph.nodes.filter(({ op }) => op === 'conv2dGradInput' || op === 'maxPool2dGrad');
    expect(backward.map(({ outputs: [dx] }) => at(dx))).toEqual([along(0)]);
  });

  it('mixes images in training after its first batch norm', () => {
    const graph = gradients(of(true), N);
    const at = batchOf(graph, carriers);
    const [convolution] = graph.nodes.filter(({ op }) => op === 'conv2d');
    expect(convolution && at(convolution.outputs[0])).toEqual(along(0));
    const [norm] = graph.nodes.filter(({ op }) => op === 'batchNorm');
    expect(norm?.outputs.map((value) => at(value))).toEqual(['summed', 'summed', 'summed']);
    for (const { name } of graph.outputs) expect(ofOutput(graph, name, carriers)).toBe('summed');
  });

  it('updates its state with sums', () => {
    const graph = step(of(false), N, sgd());
    const at = batchOf(graph, carriers);
    expect(graph.updates.map(({ value }) => at(value))).toEqual(graph.updates.map(() => 'summed'));
  });

  it('has image gradients with the batch axis of the images', () => {
    const b = new GraphBuilder('g');
    const x = b.input('x', { dtype: 'float32', shape: [N, 4] });
    const w = b.state('w', { dtype: 'float32', shape: [4, 2] });
    const y = b.op.tanh(b.op.matMul(x, w, { transposeA: false, transposeB: false }));
    b.output('loss', b.op.reshape(b.op.reduceSum(y, { axes: [0, 1] }), { shape: [] }));
    const graph = grad(b.build(), 'loss', ['x', 'w']);
    expect(ofOutput(graph, 'grad/x', { x: 0 })).toEqual(along(0));
    expect(ofOutput(graph, 'grad/w', { x: 0 })).toBe('summed');
  });

  it('has result-shape attributes that match the result shapes', () => {
    const graph = gradients(of(true), N);
    const shaped = graph.nodes.flatMap((node) => {
      const { resultShape } = definitionOf(node.op);
      const attrs = new Map<string, unknown>(Object.entries(node.attrs));
      const { shape } = typeOf(graph, node.outputs[0]);
      return resultShape === undefined ? [] : [{ attr: attrs.get(resultShape), shape }];
    });
    expect(shaped.length).toBeGreaterThan(10);
    for (const { attr, shape } of shaped) expect(attr).toEqual(shape);
  });
});
