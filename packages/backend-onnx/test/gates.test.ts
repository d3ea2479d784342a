// Tests gated updates: which of them the host selects, and that a step that does not commit leaves the state unchanged.
import type { Graph, Value } from '@isonet/core';
import { bool, float32, GraphBuilder } from '@isonet/core';
import { expect, test } from 'vitest';
import { gated } from '../src/gates.ts';
import { onnx } from '../src/index.ts';

const type = { dtype: 'float32', shape: [3] } as const;

/** Builds `w' = select(commit, w + x, before)`; with `readElsewhere`, the result is an output, too. */
function graphOf(before: (b: GraphBuilder, w: Value) => Value, readElsewhere = false): Graph {
  const b = new GraphBuilder('gate');
  const [w, x] = [b.state('w', type), b.input('x', type)];
  const commit = b.op.broadcast(b.input('commit', { dtype: 'bool', shape: [] }), { shape: type.shape });
  const next = b.op.select(commit, b.op.add(w, x), before(b, w));
  b.update('w', next);
  if (readElsewhere) b.output('next', next);
  return b.build();
}

const ops = (graph: Graph): readonly string[] => graph.nodes.map(({ op }) => op);

test('the host performs the select of an update', () => {
  const { graph, gates } = gated(graphOf((_, w) => w));
  expect(ops(graph)).toEqual(['broadcast', 'add']);
  expect(gates).toEqual(graph.outputs.map(({ name }) => name));
});

test('a select that is also read elsewhere stays, although the update no longer needs it', () => {
  const { graph, gates } = gated(graphOf((_, w) => w, true));
  expect(ops(graph)).toContain('select');
  expect(gates).toEqual([graph.outputs.at(-1)?.name]);
});

test('a select with another fallback than the state itself is not a gate', () => {
  const given = graphOf((b, w) => b.op.mul(w, w));
  expect(gated(given)).toEqual({ graph: given, gates: [undefined] });
});

test.each([
  [true, [1.5, 2.5, NaN]],
  [false, [1, 2, 3]],
])('a run has the expected state, commit: %s', async (commit, expected) => {
  await using device = await onnx.open();
  await using program = await device.compile(graphOf((_, w) => w));
  await using state = await device.createState({ w: float32([3], [1, 2, 3]) });
  const feeds = { x: float32([3], [0.5, 0.5, NaN]), commit: bool([], [commit]) };
  for (let i = 0; i < 2; i++) {
    expect(await program.run(state, feeds).read()).toEqual({});
    if (commit) break;
  }
  const { w } = await state.read();
  expect(Array.from(w?.data ?? [])).toEqual(expected);
});
