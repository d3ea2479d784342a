// What a planted fault is: a node that computes something else, or the reason why nobody could tell. These are planted in what
// is expected of a case (power.ts); devices that are wrong stand one folder up.
import type {
  AttrsOf,
  Each,
  GraphBuilder,
  InputsOf,
  Node,
  NodeOf,
  OpName,
  OutputsOf,
  Tensor,
  Value,
} from '@isonet/core';
import { defined } from '@isonet/core';
import { wrongKernels } from './wrongKernels.ts';
import { inBits, isOneNumber, oneFurther, sameData, valued } from './tensors.ts';

/** A node, and what goes in and comes out of it when all is right; floats as float64. */
export interface Work<K extends OpName = OpName> {
  readonly node: Node & NodeOf<K>;
  readonly operands: Each<InputsOf<K>, Tensor>;
  readonly results: Each<OutputsOf<K>, Tensor>;
}

/** What is wrong with a node; the rest of it stays. */
export interface Wrong<K extends OpName = OpName> {
  readonly attrs?: AttrsOf<OpName>;
  readonly operands?: readonly Tensor[];
  /** What stands in its place. */
  readonly emit?: (b: GraphBuilder, inputs: Each<InputsOf<K>, Value>) => readonly Value[];
  /** What comes of it, whatever else. */
  readonly results?: readonly Tensor[];
}

export interface Fault<K extends OpName = OpName> {
  readonly name: string;
  /** A string says why there is nothing to be wrong here: no padding, one group, a single number. */
  readonly plant: (work: Work<K>) => Wrong<K> | string;
  /** Why right results come of it; asked only where they do. */
  readonly unseen?: (work: Work<K>) => string | undefined;
}

/**
 * One operand is changed on its way in.
 * @param unless what is to be said of its data where that makes no other of it
 */
export function operand<K extends OpName>(
  index: number,
  name: string,
  change: (x: Tensor) => Tensor,
  unless: string,
  unseen?: Fault<K>['unseen'],
): Fault<K> {
  const plant: Fault<K>['plant'] = ({ operands }) => {
    const changed = withOperand(operands, index, change);
    return sameTensors(operands, changed) ? unless : { operands: changed };
  };
  return { name, plant, ...(unseen && { unseen }) };
}

/** @throws GraphError when there is no such operand */
export function withOperand(
  operands: readonly Tensor[],
  index: number,
  change: (x: Tensor) => Tensor,
): readonly Tensor[] {
  return operands.with(index, change(defined(operands[index], `operand ${index}`)));
}

export function sameTensors(some: readonly Tensor[], others: readonly Tensor[]): boolean {
  return some.every((x, i) => sameData(x, defined(others[i], `operand ${i}`)));
}

/** One operand is read one number further on, in row-major order. */
export function oneOff<K extends OpName>(index: number, what: string, unseen?: Fault<K>['unseen']): Fault<K> {
  return operand(index, `${what} is read one place off`, oneFurther, `${what} is one number`, unseen);
}

/** One operand is taken for 0. */
export function forgotten(index: number, what: string): Fault {
  return operand(index, `${what} is forgotten`, (x) => valued(x, () => 0), `${what} is 0`);
}

/** Two operands of one type change places. */
export function exchanged<K extends OpName>(
  first: number,
  second: number,
  unseen?: Fault<K>['unseen'],
): Fault<K> {
  const other = (i: number): number => (i === first ? second : i === second ? first : i);
  const plant: Fault<K>['plant'] = ({ operands }) => {
    const given: readonly Tensor[] = operands;
    const changed = given.map((_, i) => defined(given[other(i)], `operand ${other(i)}`));
    return sameTensors(given, changed) ? 'the operands are equal' : { operands: changed };
  };
  return { name: 'exchanged operands', plant, ...(unseen && { unseen }) };
}

/** All operands rounded to fewer bits. */
export function inFormat(format: keyof typeof FORMATS): Fault {
  const bits = FORMATS[format];
  const plant: Fault['plant'] = ({ operands }) => {
    const changed = operands.map((x) => inBits(x, bits));
    return sameTensors(operands, changed) ? `no operand has more than ${bits} bits` : { operands: changed };
  };
  return { name: `inputs in ${format}`, plant };
}

/** A wrong kernel by its name in {@link wrongKernels}, `<op>: <what is wrong>`. */
export function kernel<K extends OpName>(name: string, unseen?: Fault<K>['unseen']): Fault<K> {
  const replace = defined(wrongKernels[name], `the wrong kernel "${name}"`);
  const plant: Fault<K>['plant'] = ({ node }) => ({
    emit: (b, inputs) => replace(b, node, inputs) ?? b.emit(node.op, inputs, node.attrs),
  });
  return { name: name.slice(name.indexOf(': ') + 2), plant, ...(unseen && { unseen }) };
}

/** Significant bits. */
export const FORMATS = { TF32: 11, bf16: 8 } as const;

/** For `unseen`: an op that gives the same whatever it is given. */
export function oneResult({ results }: Work): string | undefined {
  return results.every(isOneNumber) ? 'every result is one number' : undefined;
}
