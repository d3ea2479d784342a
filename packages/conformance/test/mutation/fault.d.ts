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
export declare function operand<K extends OpName>(
  index: number,
  name: string,
  change: (x: Tensor) => Tensor,
  unless: string,
  unseen?: Fault<K>['unseen'],
): Fault<K>;
/** @throws GraphError when there is no such operand */
export declare function withOperand(
  operands: readonly Tensor[],
  index: number,
  change: (x: Tensor) => Tensor,
): readonly Tensor[];
export declare function sameTensors(some: readonly Tensor[], others: readonly Tensor[]): boolean;
/** One operand is read one number further on, in row-major order. */
export declare function oneOff<K extends OpName>(
  index: number,
  what: string,
  unseen?: Fault<K>['unseen'],
): Fault<K>;
/** One operand is taken for 0. */
export declare function forgotten(index: number, what: string): Fault;
/** Two operands of one type change places. */
export declare function exchanged<K extends OpName>(
  first: number,
  second: number,
  unseen?: Fault<K>['unseen'],
): Fault<K>;
/** All operands rounded to fewer bits. */
export declare function inFormat(format: keyof typeof FORMATS): Fault;
/** A wrong kernel by its name in {@link wrongKernels}, `<op>: <what is wrong>`. */
export declare function kernel<K extends OpName>(name: string, unseen?: Fault<K>['unseen']): Fault<K>;
/** Significant bits. */
export declare const FORMATS: {
  readonly TF32: 11;
  readonly bf16: 8;
};
/** For `unseen`: an op that gives the same whatever it is given. */
export declare function oneResult({ results }: Work): string | undefined;
//# sourceMappingURL=fault.d.ts.map
