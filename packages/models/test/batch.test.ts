// Checks where the networks keep the images of a batch separate, and where they mix them.
import type { Coupling, Graph, Model } from '@isonet/core';
import { batchOf, defined, forward, gradients } from '@isonet/core';
import { describe, expect, it } from 'vitest';
import { googlenet, nin } from '../src/index.ts';

const along0: Coupling = { axis: 0 };

function ofOutput(graph: Graph, name: string, axes: Readonly<Record<string, number>>): Coupling {
  const output = graph.outputs.find((entry) => entry.name === name);
  return batchOf(graph, axes)(defined(output, `output "${name}"`).value);
}

describe.each<[name: string, of: (batchNorm: boolean) => Model]>([
  ['nin', (batchNorm) => nin({ batchNorm })],
  ['googlenet28', (batchNorm) => googlenet({ size: 28, batchNorm })],
])('%s', (_, of) => {
  it.each([false, true])('keeps images separate in inference (batch norm: %s)', (batchNorm) => {
    const { graph } = forward(of(batchNorm), 2);
    const at = batchOf(graph, { images: 0 });
    expect(ofOutput(graph, 'logits', { images: 0 })).toEqual(along0);
    expect(graph.values.map((__, value) => at(value))).not.toContain('summed');
  });

  it('sums gradients over the batch in training', () => {
    const graph = gradients(of(false), 2);
    const axes = { images: 0, labels: 0 };
    const at = batchOf(graph, axes);
    expect(ofOutput(graph, 'logits', axes)).toEqual(along0);
    const losses = graph.nodes.filter(({ op }) => op === 'softmaxCrossEntropy');
    expect(losses.map(({ outputs: [loss] }) => at(loss))).toEqual([along0]);
    const sums = graph.outputs.filter(({ name }) => name !== 'logits');
    expect(sums.length).toBeGreaterThan(20);
    for (const { name, value } of sums) expect([name, at(value)]).toEqual([name, 'summed']);
  });

  it('mixes images from its first batch norm on', () => {
    const graph = gradients(of(true), 2);
    const at = batchOf(graph, { images: 0, labels: 0 });
    const forwards = graph.nodes.filter(({ origin, op }) => origin.phase === 'forward' && op !== 'oneHot');
    const first = forwards.findIndex(({ op }) => op === 'batchNorm');
    const before = forwards.slice(0, first).map(({ outputs }) => at(outputs[0]));
    expect(before).toContainEqual(along0);
    expect(before).not.toContain('summed');
    const maps = forwards.slice(first).filter(({ op }) => op === 'relu' || op === 'batchNorm');
    for (const { outputs } of maps) expect(at(outputs[0])).toBe('summed');
    for (const { value } of graph.outputs) expect(at(value)).toBe('summed');
  });
});
