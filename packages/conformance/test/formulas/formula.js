import { defined, dimOf, sizeOf } from '@isonet/core';
import { numberAt } from '../../src/check/compare.js';
/**
 * Number by number: `pointwise((x, { alpha }) => (x > 0 ? x : alpha * x))`. Several outputs are a list. The first operand has
 * the shape of the outputs; one of shape `[]` goes with every number of it, one of shape `[C]` with those of its channel.
 */
export function pointwise(f) {
  // TypeScript cannot follow tuples of an op that is not known yet.
  const of = f;
  const formula = (inputs, attrs) => {
    const first = defined(inputs[0], 'the operand of a pointwise op');
    const results = first.data.map((_, i) => {
      const result = of(...inputs.map((x) => numberAt(x.data, placeIn(x.shape, first.shape, i))), attrs);
      return typeof result === 'number' ? [result] : result;
    });
    const outputs = defined(results[0], 'the first number of a pointwise op');
    return outputs.map((_, output) => results.map((result) => numberAt(result, output)));
  };
  return formula;
}
/** Where an operand of this shape has what goes with number `i` of the whole shape. */
function placeIn(shape, whole, i) {
  if (shape.length === whole.length) return i;
  return shape.length === 0 ? 0 : indexAlong(whole, 1, i);
}
/** The index along an axis of the number that lies at `i`. */
export function indexAlong(shape, axis, i) {
  return Math.floor(i / sizeOf(shape.slice(axis + 1))) % dimOf(shape, axis);
}
/** The numbers that differ from the one at `i` in their index along an axis alone, in order; that one is among them. */
export function lineThrough({ shape, data }, axis, i) {
  const step = sizeOf(shape.slice(axis + 1));
  const first = i - indexAlong(shape, axis, i) * step;
  return Array.from({ length: dimOf(shape, axis) }, (_, index) => numberAt(data, first + index * step));
}
export function sum(numbers) {
  return numbers.reduce((total, number) => total + number, 0);
}
export function average(numbers) {
  return sum(numbers) / numbers.length;
}
/** How many standard deviations a number lies above the mean of some: (value - mean) / sqrt(variance + epsilon). */
export function standardScore(value, numbers, epsilon) {
  const mean = average(numbers);
  const variance = average(numbers.map((number) => (number - mean) ** 2));
  return (value - mean) / Math.sqrt(variance + epsilon);
}
//# sourceMappingURL=formula.js.map
