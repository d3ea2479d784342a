// Elementwise arithmetic with NumPy's broadcasting, on tensors that are known while a network is built.
import type { Shape } from '@isonet/core';
import type { HostTensor, Kind } from '../hostTensor.ts';
import { hostTensor } from '../hostTensor.ts';
import type { NodeReader } from '../node.ts';
import { broadcastShape } from '../ops/broadcasting.ts';
import { spend } from './budget.ts';

/** A function of the elements at one position of each tensor. Floats are rounded to float32 afterwards. */
export type OnNumbers = (...numbers: number[]) => number;

/**
 * Applies `number` to the elements of the tensors, broadcast to one shape. By default, the result has the kind of the
 * first tensor.
 */
export function onNumbers(
  node: NodeReader,
  tensors: readonly [HostTensor, ...(readonly HostTensor[])],
  number: OnNumbers,
  kind: Kind = tensors[0].kind,
): HostTensor {
  const shape = broadcastShape(
    node,
    tensors.map((tensor) => tensor.shape),
  );
  const size = spend(node, shape);
  const data = kind === 'float' ? new Float32Array(size) : new Float64Array(size);
  const [a, b, c, ...more] = tensors;
  const steps = tensors.map((tensor) => stepsIn(tensor.shape, shape));
  let i = 0;
  more.forEach(() => spend(node, shape)); // Each further tensor costs time, though no memory.
  if (more.length > 0) {
    eachPosition(shape, steps, (at) => {
      data[i++] = number(...tensors.map((tensor, t) => tensor.data[at[t]!]!));
    });
  } else if (c && b) {
    eachPosition(shape, steps, (at) => {
      data[i++] = number(a.data[at[0]!]!, b.data[at[1]!]!, c.data[at[2]!]!);
    });
  } else if (b) {
    eachPosition(shape, steps, (at) => {
      data[i++] = number(a.data[at[0]!]!, b.data[at[1]!]!);
    });
  } else for (; i < size; i++) data[i] = number(a.data[i]!);
  return hostTensor(kind, shape, data);
}

/** Returns the strides of a tensor along the axes of a shape that it broadcasts to; 0 for a repeated axis. */
export function stepsIn(own: Shape, shape: Shape): readonly number[] {
  const strides = stridesOf(own);
  return shape.map((_, axis) => {
    const at = axis - shape.length + own.length;
    return own[at] === undefined || own[at] === 1 ? 0 : strides[at]!;
  });
}

/** Returns the strides of a row-major tensor. */
export function stridesOf(shape: Shape): readonly number[] {
  const strides: number[] = [];
  let stride = 1;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    strides.unshift(stride);
    stride *= shape[axis]!;
  }
  return strides;
}

/** Calls `visit` for each position in `shape`, in row-major order, with its offset in each of several layouts. */
export function eachPosition(
  shape: Shape,
  steps: readonly (readonly number[])[],
  visit: (offsets: readonly number[]) => void,
): void {
  if (shape.includes(0)) return;
  const position = shape.map(() => 0);
  const offsets = steps.map(() => 0);
  for (;;) {
    visit(offsets);
    let axis = shape.length - 1;
    for (; axis >= 0; axis--) {
      const next = ++position[axis]!;
      const wraps = next === shape[axis];
      for (let t = 0; t < steps.length; t++) {
        offsets[t]! += wraps ? -steps[t]![axis]! * (next - 1) : steps[t]![axis]!;
      }
      if (!wraps) break;
      position[axis] = 0;
    }
    if (axis < 0) return;
  }
}
