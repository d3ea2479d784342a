// The small graphs and states that several scenarios share.
import type { Graph, State, Tensor, Tensors } from '@isonet/core';
import { float32, GraphBuilder } from '@isonet/core';

/** total' = 2 * total + x, all of shape [2]; the output `before` is the old total. */
export function doubling(): Graph {
  const b = new GraphBuilder('doubling');
  const x = b.input('x', { dtype: 'float32', shape: [2] });
  const total = b.state('total', { dtype: 'float32', shape: [2] });
  b.output('before', total);
  b.update('total', b.op.add(b.op.add(total, total), x));
  return b.build();
}

export function pair(value: number): Tensor {
  return float32([2], [value, -value]);
}

/** A state that no device made. */
export function foreignState(values: Tensors): State {
  return {
    read: () => Promise.resolve(values),
    write: () => Promise.resolve(),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}
