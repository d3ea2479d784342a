// Layers with buffers but without parameters are frozen with the layers around them.
import type { Layer, Model, ParameterRule } from '@isonet/core';
import { dense, sequential, stateOf } from '@isonet/core';
import { describe, expect, it } from 'vitest';

describe('a layer without parameters', () => {
  const counting: Layer = (scope, x) => {
    const seen = scope.buffer('seen', [], 0);
    scope.update('seen', scope.op.add(seen, scope.fill(1, [])));
    return x;
  };
  const counted: Model = {
    name: 'counted',
    input: { name: 'x', shape: [3] },
    output: { name: 'logits', shape: [2] },
    layer: sequential({ body: sequential({ fc: dense(4), counting }), head: dense(2) }),
  };

  it.each<[string, readonly ParameterRule[], readonly string[]]>([
    ['no rule', [], ['body.counting.seen']],
    ['a frozen layer around it', [{ match: 'body', frozen: true }], []],
    ['a frozen sibling layer', [{ match: 'body.fc', frozen: true }], ['body.counting.seen']],
    [
      'a frozen layer with updated statistics',
      [{ match: 'body', frozen: true, batchStatistics: 'updated' }],
      ['body.counting.seen'],
    ],
  ])('freezes its buffers inside a frozen layer: %s', (_, rules, updated) => {
    expect(stateOf(counted, rules).updated.map(({ name }) => name)).toEqual(updated);
  });
});
