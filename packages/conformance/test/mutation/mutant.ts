// A mutant: the kernel of one op with a single fault. Placed in the graph of a case, it counts toward the mutation
// score of that case (score.ts); placed in the reference, it produces a wrong device (device.ts).
import type { AttrsOf, Each, InputsOf, Node, NodeOf, OpName, OutputsOf, Tensor } from '@isonet/core';
import { defined } from '@isonet/core';
import { inBits, hasOneValue, shiftedByOne, sameData, valued } from './tensors.ts';

/** One application of an op. Floats are float64. */
export interface Work<K extends OpName = OpName> {
  readonly node: Node & NodeOf<K>;
  readonly operands: Each<InputsOf<K>, Tensor>;
  /** Returns the results of the right kernel, optionally on other attributes or operands. */
  readonly right: (changed?: Changed) => Each<OutputsOf<K>, Tensor>;
}

export interface Changed {
  readonly attrs?: AttrsOf<OpName>;
  readonly operands?: readonly Tensor[];
}

export interface Mutant<K extends OpName = OpName> {
  readonly name: string;
  /** Computes wrong results, or explains why this node has no such mutant: no padding, one group, a single element. */
  readonly kernel: (work: Work<K>) => readonly Tensor[] | string;
  /** Explains why the mutant is equivalent on this work. Called only where its results are right. */
  readonly equivalent?: (work: Work<K>) => string | undefined;
}

/** The number of significant bits in each format. */
export const FORMATS = { TF32: 11, bf16: 8 } as const;

export function mutant<K extends OpName>(
  name: string,
  kernel: Mutant<K>['kernel'],
  equivalent?: Mutant<K>['equivalent'],
): Mutant<K> {
  return { name, kernel, ...(equivalent && { equivalent }) };
}

/**
 * Changes one operand before the kernel runs.
 * @param unless why there is no such mutant, in case the change leaves the operand as it was
 */
export function operand<K extends OpName>(
  index: number,
  name: string,
  change: (x: Tensor) => Tensor,
  unless: string,
  equivalent?: Mutant<K>['equivalent'],
): Mutant<K> {
  return mutant(
    name,
    (work) => onOperands(work, withOperand(work.operands, index, change), unless),
    equivalent,
  );
}

/** Work whose type does not fix the number of operands and results. */
interface WorkOnList {
  readonly operands: readonly Tensor[];
  readonly right: (changed: Changed) => readonly Tensor[];
}

/** Runs the right kernel on other operands; returns `unless` if they equal the original ones. */
export function onOperands(
  { operands, right }: WorkOnList,
  changed: readonly Tensor[],
  unless: string,
): readonly Tensor[] | string {
  const same = operands.every((x, i) => sameData(x, defined(changed[i], `operand ${i}`)));
  return same ? unless : right({ operands: changed });
}

/** @throws GraphError when there is no such operand */
export function withOperand(
  operands: readonly Tensor[],
  index: number,
  change: (x: Tensor) => Tensor,
): readonly Tensor[] {
  return operands.with(index, change(defined(operands[index], `operand ${index}`)));
}

/** Reads one operand one element further on, in row-major order. */
export function oneOff<K extends OpName>(
  index: number,
  what: string,
  equivalent?: Mutant<K>['equivalent'],
): Mutant<K> {
  return operand(index, `${what} read one element off`, shiftedByOne, `${what} has one value`, equivalent);
}

/** Treats one operand as 0. */
export function ignored<K extends OpName>(
  index: number,
  what: string,
  equivalent?: Mutant<K>['equivalent'],
): Mutant<K> {
  return operand(index, `${what} ignored`, (x) => valued(x, () => 0), `${what} is 0`, equivalent);
}

/** Swaps two operands of one type. */
export function swapped<K extends OpName>(
  first: number,
  second: number,
  equivalent?: Mutant<K>['equivalent'],
): Mutant<K> {
  const kernel: Mutant<K>['kernel'] = (work) => {
    const operands: readonly Tensor[] = work.operands;
    const [x, y] = [
      defined(operands[first], `operand ${first}`),
      defined(operands[second], `operand ${second}`),
    ];
    return onOperands(work, operands.with(first, y).with(second, x), 'the operands are equal');
  };
  return mutant('swapped operands', kernel, equivalent);
}

/** Rounds all operands to fewer bits. */
export function inFormat(format: keyof typeof FORMATS): Mutant {
  const bits = FORMATS[format];
  return mutant(`inputs in ${format}`, (work) =>
    onOperands(
      work,
      work.operands.map((x) => inBits(x, bits)),
      `no operand has more than ${bits} bits`,
    ),
  );
}

/** For `equivalent`: an op whose result does not depend on the order of its operands' elements. */
export function oneResult({ right }: Work): string | undefined {
  return right().every(hasOneValue) ? 'every result has one value' : undefined;
}

/** A table of mutants by their op. */
export type Mutants<K extends OpName> = { readonly [P in K]: readonly Mutant<P>[] };
