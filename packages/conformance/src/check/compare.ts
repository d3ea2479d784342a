// One tensor of a device against what it should be.
import type { Claims, Shape, Tensor, Tensors, TensorType } from '@isonet/core';
import { sameShape, sizeOf, typeText } from '@isonet/core';

/** How far something is off, in units of its bound; above 1 it fails. */
export interface Difference {
  readonly worst: number;
  /** The first value over its bound: where, what it is, what was expected. */
  readonly failure?: string;
}

/** What a device returns for a value of this type: floats as it holds them. */
export function returnedType({ dtype, shape }: TensorType, heldAs: Claims['heldAs']): TensorType {
  return { dtype: dtype === 'float32' ? heldAs : dtype, shape };
}

const arrays = {
  float32: Float32Array,
  float64: Float64Array,
  int32: Int32Array,
  uint32: Uint32Array,
  bool: Uint8Array,
} as const;

/**
 * Every value within `bound` of the expected one; without a bound, equal to it. -0 equals 0 and NaN equals NaN.
 * @param type dtype and shape that the result must have
 * @throws Error for a bound that is negative or no number
 */
export function compare(
  got: Tensor | undefined,
  type: TensorType,
  expected: ArrayLike<number>,
  bound?: ArrayLike<number>,
): Difference {
  if (!got) return { worst: Infinity, failure: 'is missing' };
  if (got.dtype !== type.dtype || !sameShape(got.shape, type.shape)) {
    return { worst: Infinity, failure: `is ${typeText(got)}, expected ${typeText(type)}` };
  }
  if (!(got.data instanceof arrays[got.dtype])) {
    return {
      worst: Infinity,
      failure: `is held in ${got.data.constructor.name}, expected ${arrays[got.dtype].name}`,
    };
  }
  if (got.data.length !== expected.length || got.data.length !== sizeOf(type.shape)) {
    const numbers = `holds ${got.data.length} numbers`;
    return { worst: Infinity, failure: `${numbers} for ${typeText(type)}, expected ${expected.length}` };
  }
  let worst = 0;
  let failure: string | undefined;
  for (let i = 0; i < expected.length; i++) {
    const [value, target, allowed] = [got.data[i]!, expected[i]!, bound ? bound[i]! : 0];
    if (!(allowed >= 0 && allowed < Infinity)) throw new Error(`a bound of ${allowed} judges nothing`);
    const equal = value === target || (Number.isNaN(value) && Number.isNaN(target));
    const ratio = equal ? 0 : Math.abs(value - target) / allowed;
    const off = Number.isNaN(ratio) ? Infinity : ratio;
    worst = Math.max(worst, off);
    if (off > 1)
      failure ??= `at ${position(i, type.shape)} is ${value}, expected ${target}${allowed > 0 ? ` ± ${allowed}` : ''}`;
  }
  return failure === undefined ? { worst } : { worst, failure };
}

/** The tensor of that name. @throws Error when there is none */
export function the(tensors: Tensors, name: string): Tensor {
  const tensor = Object.hasOwn(tensors, name) ? tensors[name] : undefined;
  if (!tensor) throw new Error(`no tensor "${name}"; there are ${Object.keys(tensors).join(', ')}`);
  return tensor;
}

/** One of several numbers. @throws Error when there is none in that place */
export function numberAt(numbers: ArrayLike<number>, place: number): number {
  const number = numbers[place];
  if (number === undefined) throw new Error(`no number ${place}; there are ${numbers.length}`);
  return number;
}

/** `[1, 0, 2]` */
export function position(index: number, shape: Shape): string {
  let rest = index;
  const places = shape.toReversed().map((dim) => {
    const place = rest % dim;
    rest = (rest - place) / dim;
    return place;
  });
  return `[${places.toReversed().join(', ')}]`;
}

/** |a - b| / |b|, in the L2 norm; 0 where both are 0. */
export function relativeL2(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let [difference, norm] = [0, 0];
  for (let i = 0; i < b.length; i++) {
    const [x, y] = [a[i]!, b[i]!];
    difference += (x - y) ** 2;
    norm += y ** 2;
  }
  return difference === 0 ? 0 : Math.sqrt(difference / norm);
}
