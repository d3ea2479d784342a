// Reductions of tensors that are known while the network is built.
import { spend } from '../../host/budget.ts';
import { eachPlace, stepsIn } from '../../host/numbers.ts';
import type { HostTensor } from '../../hostTensor.ts';
import type { NodeReader } from '../../node.ts';

/** One number for all that fall together along the axes, in the order of what is left. Integers stay whole, as in ONNX. */
export function reducedOnNumbers(
  node: NodeReader,
  { kind, shape, data }: HostTensor,
  axes: readonly number[],
  number: (values: readonly number[]) => number,
): readonly number[] {
  const rest = shape.map((dim, axis) => (axes.includes(axis) ? 1 : dim));
  const groups = Array.from({ length: spend(node, rest) }, (): number[] => []);
  let i = 0;
  eachPlace(shape, [stepsIn(rest, shape)], ([group]) => groups[group!]!.push(data[i++]!));
  return groups.map((values) => (kind === 'float' ? number(values) : Math.trunc(number(values))));
}
