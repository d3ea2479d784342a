// What a planted fault is: a node that computes something else, or the reason why nobody could tell. These are planted in what
// is expected of a case (power.ts); devices that are wrong stand one folder up.
import type { AttrsOf, GraphBuilder, Node, OpName, Tensor, Value } from '@isonet/core';
import { wrongKernels } from '../index.ts';
import { inBits, isOneNumber, oneFurther, sameData, valued } from './tensors.ts';

/** A node, and what goes in and comes out of it when all is right; floats as float64. */
export interface Work<N extends Node = Node> {
  readonly node: N;
  readonly operands: readonly Tensor[];
  readonly results: readonly Tensor[];
}

/** What is wrong with a node; the rest of it stays. */
export interface Wrong {
  readonly attrs?: AttrsOf<OpName>;
  readonly operands?: readonly Tensor[];
  /** What stands in its place. */
  readonly emit?: (b: GraphBuilder, inputs: readonly Value[]) => readonly Value[];
  /** What comes of it, whatever else. */
  readonly results?: readonly Tensor[];
}

export interface Fault<N extends Node = Node> {
  readonly name: string;
  /** A string says why there is nothing to be wrong here: no padding, one group, a single number. */
  readonly plant: (work: Work<N>) => Wrong | string;
  /** Why right results come of it; asked only where they do. */
  readonly unseen?: (work: Work<N>) => string | undefined;
}

export type FaultsOf = { readonly [K in OpName]: readonly Fault<Extract<Node, { readonly op: K }>>[] };

/**
 * One operand is changed on its way in.
 * @param unless what is to be said of its data where that makes no other of it
 */
export function operand<N extends Node>(
  index: number,
  name: string,
  change: (x: Tensor) => Tensor,
  unless: string,
  unseen?: Fault<N>['unseen'],
): Fault<N> {
  const plant: Fault<N>['plant'] = ({ operands }) => {
    const changed = withOperand(operands, index, change);
    return operands.every((x, i) => sameData(x, changed[i])) ? unless : { operands: changed };
  };
  return { name, plant, ...(unseen && { unseen }) };
}

export function withOperand(
  operands: readonly Tensor[],
  index: number,
  change: (x: Tensor) => Tensor,
): readonly Tensor[] {
  return operands.map((x, i) => (i === index ? change(x) : x));
}

/** One operand is read one number further on, in row-major order. */
export function oneOff<N extends Node>(index: number, what: string, unseen?: Fault<N>['unseen']): Fault<N> {
  return operand(index, `${what} is read one place off`, oneFurther, `${what} is one number`, unseen);
}

/** One operand is taken for 0. */
export function forgotten(index: number, what: string): Fault {
  return operand(index, `${what} is forgotten`, (x) => valued(x, () => 0), `${what} is 0`);
}

/** Two operands of one type change places. */
export function exchanged(first: number, second: number): Fault {
  const other = (i: number): number => (i === first ? second : i === second ? first : i);
  const plant: Fault['plant'] = ({ operands }) => {
    const changed = operands.flatMap((_, i) => operands[other(i)] ?? []);
    return operands.every((x, i) => sameData(x, changed[i]))
      ? 'the operands are equal'
      : { operands: changed };
  };
  return { name: 'exchanged operands', plant };
}

/** All operands rounded to fewer bits. */
export function inFormat(format: keyof typeof FORMATS): Fault {
  const bits = FORMATS[format];
  const plant: Fault['plant'] = ({ operands }) => {
    const changed = operands.map((x) => inBits(x, bits));
    const same = operands.every((x, i) => sameData(x, changed[i]));
    return same ? `no operand has more than ${bits} bits` : { operands: changed };
  };
  return { name: `inputs in ${format}`, plant };
}

/** A wrong kernel by its name in {@link wrongKernels}, `<op>: <what is wrong>`. */
export function kernel<N extends Node>(name: string, unseen?: Fault<N>['unseen']): Fault<N> {
  const replace = wrongKernels[name];
  if (!replace) throw new Error(`there is no wrong kernel "${name}"`);
  const plant: Fault<N>['plant'] = ({ node }) => ({
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
