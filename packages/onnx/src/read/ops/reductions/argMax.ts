// ArgMax and ArgMin: the index of the extreme along one axis. In a tie, it is the first or the last such index.
import type { Value } from '@isonet/core';
import { dimOf } from '@isonet/core';
import { spend } from '../../host/budget.ts';
import { hostTensor } from '../../hostTensor.ts';
import type { NodeReader, ReadOp } from '../../node.ts';
import { Known } from '../../operand.ts';
import { negative, shaped } from '../arithmetic.ts';
import { axisOf } from '../axes.ts';
import { reducedOnNumbers } from './onNumbers.ts';
import { reducedShape } from './reduce.ts';

export const ArgMax: ReadOp = argReader(1);

export const ArgMin: ReadOp = argReader(-1);

/** @param sign 1 finds the maximum, -1 the minimum */
function argReader(sign: 1 | -1): ReadOp {
  return (node) => {
    const { attributes } = node;
    const shape = node.shape(0);
    const axis = axisOf(node, attributes.int('axis', 0), shape.length);
    const isLast = attributes.int('select_last_index', 0) !== 0;
    const result = reducedShape(shape, [axis], attributes.int('keepdims', 1) !== 0);
    const known = node.known(0);
    if (known) {
      const numbers = reducedOnNumbers(node, known, [axis], (values) => {
        const signed = values.map((value) => sign * value);
        const most = signed.reduce((a, b) => Math.max(a, b), -Infinity);
        return isLast ? signed.lastIndexOf(most) : signed.indexOf(most);
      });
      return new Known(hostTensor('int', result, numbers));
    }
    const x = sign === 1 ? node.float(0) : negative(node, node.float(0));
    return shaped(node, isLast ? lastMax(node, x, axis) : node.op.argMax(x, { axis }), result);
  };
}

/** Returns the largest index of the maximum. */
function lastMax(node: NodeReader, x: Value, axis: number): Value {
  const { op } = node;
  const { shape } = x;
  const size = dimOf(shape, axis);
  const line = shape.map((_, i) => (i === axis ? size : 1));
  spend(node, line);
  const indices = node.constant(hostTensor('float', line, [...Array(size).keys()]));
  const isMax = op.equal(x, op.broadcast(op.reduceMax(x, { axes: [axis] }), { shape }));
  const none = node.frame.scope.fill(0, shape);
  const candidates = op.select(isMax, op.broadcast(indices, { shape }), none);
  return op.cast(op.reduceMax(candidates, { axes: [axis] }), { to: 'int32' });
}
