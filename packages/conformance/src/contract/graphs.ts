// Small graphs, states and feeds that several scenarios share.
import type { Execution, Graph, State, Tensor, Tensors } from '@isonet/core';
import { float32, GraphBuilder, int32 } from '@isonet/core';
import type { Check } from '../check/check.ts';
import { type Fixture, programScenario } from './scenario.ts';

/** total' = 2 * total + x, all of shape [2]; the output `before` is the old total. */
export function doubling(): Graph {
  const b = new GraphBuilder('doubling');
  const x = b.input('x', { dtype: 'float32', shape: [2] });
  const total = b.state('total', { dtype: 'float32', shape: [2] });
  b.output('before', total);
  b.update('total', b.op.add(b.op.add(total, total), x));
  return b.build();
}

/** Builds a scenario that runs {@link doubling} on a total of [1, -1]; `run(x)` feeds it `[x, -x]`. */
export function doublingScenario(
  key: string,
  steps: (fixture: Fixture & { readonly run: (x: number) => Execution }) => Promise<void>,
): Check {
  return programScenario(key, doubling, { total: pair(1) }, (fixture) =>
    steps({ ...fixture, run: (x) => fixture.program.run(fixture.state, { x: pair(x) }) }),
  );
}

/** `[value, -value]` */
export function pair(value: number): Tensor {
  return float32([2], [value, -value]);
}

const tooShort: Tensor = { dtype: 'float32', shape: [2], data: new Float32Array(1) };

/** Feeds that {@link doubling} rejects, each with the code of its DataError. */
export const wrongFeeds: readonly (readonly [what: string, feeds: Tensors, code: string])[] = [
  ['a missing feed', {}, 'MISSING'],
  ['a feed of the wrong shape', { x: float32([1, 2], [1, 2]) }, 'TYPE'],
  ['a feed of the wrong dtype', { x: int32([2], [1, 2]) }, 'TYPE'],
  ['a feed with too few values', { x: tooShort }, 'LENGTH'],
  ['a feed that is not an input', { x: pair(1), y: pair(1) }, 'UNKNOWN'],
];

/** Returns a state that no device of the backend created. */
export function foreignState(values: Tensors): State {
  return {
    read: () => Promise.resolve(values),
    write: () => Promise.resolve(),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}
