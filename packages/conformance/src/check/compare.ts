// Compares a tensor of a device with the expected one.
import type { Claims, Shape, Tensor, Tensors, TensorType } from '@isonet/core';
import { arrayClasses, sameShape, sizeOf, typeText } from '@isonet/core';

/** An error in units of its bound: above 1, the comparison fails. */
export interface Difference {
  readonly worst: number;
  /** The first value beyond its bound: its position, the actual value and the expected one. */
  readonly failure?: string;
}

/** Returns the type of a device's result for a value of this type: a device may hold floats as float64. */
export function returnedType({ dtype, shape }: TensorType, heldAs: Claims['heldAs']): TensorType {
  return { dtype: dtype === 'float32' ? heldAs : dtype, shape };
}

/**
 * Requires every value to lie within `bound` of the expected one, or to equal it if there is no bound. -0 equals 0, and NaN equals NaN.
 * @param type the required dtype and shape
 * @throws Error for a bound that is negative or not finite
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
  if (!(got.data instanceof arrayClasses[got.dtype])) {
    return {
      worst: Infinity,
      failure: `is held in ${got.data.constructor.name}, expected ${arrayClasses[got.dtype].name}`,
    };
  }
  if (got.data.length !== expected.length || got.data.length !== sizeOf(type.shape)) {
    const values = `holds ${got.data.length} values`;
    return { worst: Infinity, failure: `${values} for ${typeText(type)}, expected ${expected.length}` };
  }
  let worst = 0;
  let failure: string | undefined;
  for (let i = 0; i < expected.length; i++) {
    const [value, target, allowed] = [got.data[i]!, expected[i]!, bound ? bound[i]! : 0];
    if (!(allowed >= 0 && allowed < Infinity))
      throw new Error(`expected a finite bound of at least 0, got ${allowed}`);
    const equal = value === target || (Number.isNaN(value) && Number.isNaN(target));
    const ratio = equal ? 0 : Math.abs(value - target) / allowed;
    const off = Number.isNaN(ratio) ? Infinity : ratio;
    worst = Math.max(worst, off);
    if (off > 1)
      failure ??= `at ${position(i, type.shape)} is ${value}, expected ${target}${allowed > 0 ? ` ± ${allowed}` : ''}`;
  }
  return failure === undefined ? { worst } : { worst, failure };
}

/** Returns the tensor with that name. @throws Error if it is missing */
export function tensorNamed(tensors: Tensors, name: string): Tensor {
  const tensor = Object.hasOwn(tensors, name) ? tensors[name] : undefined;
  if (!tensor) throw new Error(`no tensor "${name}" among ${Object.keys(tensors).join(', ')}`);
  return tensor;
}

/** Returns the element at an index. @throws Error if the index is out of range */
export function elementAt(values: ArrayLike<number>, index: number): number {
  const value = values[index];
  if (value === undefined) throw new Error(`expected an index below ${values.length}, got ${index}`);
  return value;
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

/** |a - b| / |b| in the L2 norm; 0 if both are 0. */
export function relativeL2(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let [difference, norm] = [0, 0];
  for (let i = 0; i < b.length; i++) {
    const [x, y] = [a[i]!, b[i]!];
    difference += (x - y) ** 2;
    norm += y ** 2;
  }
  return difference === 0 ? 0 : Math.sqrt(difference / norm);
}
