// The parts of a scope that imported layers use: multi-value parts, constants, frozen parameters by name.
import type { Layer } from '@isonet/core';
import { float32, forward, GraphBuilder, Scope, stateOf } from '@isonet/core';
import { expect, it } from 'vitest';

it('names the nodes of a part, and lists its first value as a layer', () => {
  const layer: Layer = (scope, x) => {
    const [low, high] = scope.part('halves', ({ op }) => [
      op.slice(x, { starts: [0, 0], sizes: [x.shape[0]!, 2] }),
      op.slice(x, { starts: [0, 2], sizes: [x.shape[0]!, 2] }),
    ]);
    scope.part('nothing', () => []);
    return scope.op.add(low, high);
  };
  const { graph, layers } = forward(
    { name: 'm', input: { name: 'x', shape: [4] }, output: { name: 'y', shape: [2] }, layer },
    3,
  );
  expect(layers).toEqual([{ path: 'halves', shape: [3, 2] }]);
  expect(graph.nodes.map(({ op, origin }) => `${origin.layer}:${op}`)).toEqual([
    'halves:slice',
    'halves:slice',
    ':add',
  ]);
});

it('adds constants that are not state', () => {
  const table = float32([2], [3, 4]);
  const layer: Layer = (scope, x) => scope.op.biasAdd(x, scope.constant(table));
  const model = { name: 'm', input: { name: 'x', shape: [2] }, output: { name: 'y', shape: [2] }, layer };
  expect(forward(model, 1).graph.constants.map(({ data }) => data)).toEqual([table]);
  expect(stateOf(model).parameters).toEqual([]);
});

it('reports if all named parameters are frozen', () => {
  const isFrozen = (name: string): boolean => name.startsWith('body.a');
  const scope = Scope.root(new GraphBuilder('g'), { training: true, isFrozen });
  scope.part('body', (body) => {
    expect(body.areFrozen(['a.w', 'a.b'])).toBe(true);
    expect(body.areFrozen(['a.w', 'c.w'])).toBe(false);
    return [];
  });
});
