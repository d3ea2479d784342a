// Helpers for ops with one value per channel: `[C]` against `[N, C, ...]`.
import type { Value } from '../graph/value.ts';
import type { Shape, TensorType } from '../tensor.ts';
import { dimOf, typeText } from '../tensor.ts';
import type { Build, Fail } from './definition.ts';

/** @throws the error of `fail` unless x is float32 [N, C, ...] and each of `vectors` is float32 [C] */
export function checkPerChannel(x: TensorType, vectors: readonly TensorType[], fail: Fail): void {
  const [, channels] = x.shape;
  const fits = vectors.every(
    ({ dtype, shape }) => dtype === 'float32' && shape.length === 1 && shape[0] === channels,
  );
  if (x.dtype !== 'float32' || channels === undefined || !fits) {
    const got = [x, ...vectors].map(typeText).join(', ');
    throw fail(`expected x float32 [N, C, ...] and the others float32 [C], got ${got}`);
  }
}

/** Broadcasts `[C] -> [N, C, ...]`. */
export function alongChannels(b: Build, vector: Value, shape: Shape): Value {
  const column = b.op.reshape(vector, { shape: shape.map((dim, axis) => (axis === 1 ? dim : 1)) });
  return b.op.broadcast(column, { shape });
}

/** Returns the sum over all axes but the channels. `[N, C, ...] -> [C]` */
export function channelSums(b: Build, x: Value): Value {
  const axes = x.shape.map((_, axis) => axis).filter((axis) => axis !== 1);
  return b.op.reshape(b.op.reduceSum(x, { axes }), { shape: [dimOf(x.shape, 1)] });
}
