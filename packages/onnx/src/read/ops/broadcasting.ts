// ONNX's multidirectional broadcasting (NumPy's), written out: the graph's own ops do not broadcast.
import type { Shape, Value } from '@isonet/core';
import { sameShape, shapeText } from '@isonet/core';
import type { NodeReader } from '../node.ts';

/** The shape that all of these broadcast to. @throws NodeError where they do not */
export function broadcastShape(node: NodeReader, shapes: readonly Shape[]): Shape {
  const rank = Math.max(...shapes.map((shape) => shape.length));
  return Array.from({ length: rank }, (_, axis) => {
    const sizes = shapes.map((shape) => shape[axis - rank + shape.length] ?? 1);
    const size = sizes.find((dim) => dim !== 1) ?? 1;
    if (sizes.some((dim) => dim !== 1 && dim !== size)) {
      throw node.fail(`${shapes.map(shapeText).join(' and ')} do not broadcast`);
    }
    return size;
  });
}

/** A value repeated to `shape`. */
export function broadcastTo({ op }: NodeReader, value: Value, shape: Shape): Value {
  if (sameShape(value.shape, shape)) return value;
  const missing = shape.length - value.shape.length;
  const full = [...Array.from({ length: missing }, () => 1), ...value.shape];
  const aligned = missing === 0 ? value : op.reshape(value, { shape: full });
  return sameShape(full, shape) ? aligned : op.broadcast(aligned, { shape });
}
