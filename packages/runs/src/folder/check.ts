// Checks that the tensors of a file are those of a model: all are there, each has its shape, and there are no others.
import type { ImageClassifier, Optimizer, Tensors } from '@isonet/core';
import { DataError, slotName, stateOf, wanted } from '@isonet/core';

/** Parameters and buffers. @throws DataError naming the first tensor that does not fit */
export function checkWeights(model: ImageClassifier, weights: Tensors, where: string): void {
  const { parameters, buffers } = stateOf(model);
  checkTensors(weights, [...parameters, ...buffers], where);
}

/** Parameters, buffers and the optimizer's slots. @throws DataError naming the first tensor that does not fit */
export function checkState(
  model: ImageClassifier,
  { slots }: Optimizer,
  values: Tensors,
  where: string,
): void {
  const { parameters, buffers } = stateOf(model);
  const kept = parameters.flatMap(({ name, shape }) =>
    slots.map((slot) => ({ name: slotName(slot, name), shape })),
  );
  checkTensors(values, [...parameters, ...buffers, ...kept], where);
}

function checkTensors(
  tensors: Tensors,
  expected: readonly { readonly name: string; readonly shape: readonly number[] }[],
  where: string,
): void {
  for (const { name, shape } of expected) {
    const { data } = wanted(tensors, name, { dtype: 'float32', shape }, where);
    const at = data.findIndex((value) => !Number.isFinite(value));
    if (at >= 0) {
      throw new DataError('NOT_FINITE', `${where}: "${name}" holds ${data[at]}: the weights are unusable`);
    }
  }
  const names = new Set(expected.map(({ name }) => name));
  const other = Object.keys(tensors).find((name) => !names.has(name));
  if (other !== undefined) throw new DataError('UNKNOWN', `${where}: this model has no tensor "${other}"`);
}
