// Shape inference for the elementwise ops.
import { sameShape, typeText } from '../tensor.ts';
import type { TensorType } from '../tensor.ts';
import type { Fail } from './definition.ts';

/**
 * Returns the common type of the inputs. @throws the error of `fail` unless all are float32 of the same shape
 */
export function sameFloat(inputs: readonly TensorType[], fail: Fail): TensorType {
  const [first] = inputs;
  if (!first) throw fail('expected an input, got none');
  for (const input of inputs) {
    if (input.dtype !== 'float32') throw fail(`expected float32, got ${typeText(input)}`);
    if (!sameShape(input.shape, first.shape)) {
      throw fail(
        `expected inputs of the same shape, got ${inputs.map(typeText).join(' and ')}; broadcast explicitly`,
      );
    }
  }
  return { dtype: 'float32', shape: first.shape };
}
