// Parts of host tensors, and how far apart two are. NaN equals NaN; other numbers that are not finite are infinitely far off.
import type { Tensor, Tensors } from '@isonet/core';
import { defined } from '@isonet/core';

/** @throws GraphError when there is no tensor of that name */
export function named(tensors: Tensors, name: string): Tensor {
  return defined(tensors[name], `the tensor "${name}"`);
}

/** @throws GraphError when there is no such number */
export function numberAt(numbers: ArrayLike<number>, index: number): number {
  return defined(numbers[index], 'a number of a tensor');
}

/** |got - expected| of each number. @throws GraphError when there are fewer numbers than expected */
export function errorsOf(got: ArrayLike<number>, expected: ArrayLike<number>): Float64Array {
  const errors = new Float64Array(expected.length);
  for (let i = 0; i < errors.length; i++) errors[i] = errorOf(numberAt(got, i), numberAt(expected, i));
  return errors;
}

/** |got - expected| in the L2 norm. @throws GraphError when there are fewer numbers than expected */
export function distance(got: ArrayLike<number>, expected: ArrayLike<number>): number {
  return Math.sqrt(errorsOf(got, expected).reduce((sum, error) => sum + error ** 2, 0));
}

function errorOf(got: number, expected: number): number {
  if (got === expected || (Number.isNaN(got) && Number.isNaN(expected))) return 0;
  const error = Math.abs(got - expected);
  return Number.isNaN(error) ? Infinity : error;
}
