// The intermediate form between networks and devices: immutable SSA with static shapes. A graph is plain data (JSON but
// for its constants), so passes, exporters and backends need nothing but this file to read it.
// Deliberately absent: control flow, dynamic shapes, side effects. One batch size, one graph.
import type { AttrsOf, InputsOf, OpName, OutputsOf } from '../ops/signatures.ts';
import type { Tensor, TensorType } from '../tensor.ts';
import type { Each } from '../tuple.ts';

/** A value is named by its index in `Graph.values`. */
export type ValueId = number;

/** The part of a training step that a node belongs to. */
export type Phase = 'forward' | 'backward' | 'update';

/** Where a node comes from. */
export interface Origin {
  /** The path of its layer, e.g. `nin1.c1`; in the update, the path of the state that it computes. '' outside of any. */
  readonly layer: string;
  /** The part of a training step that it belongs to. */
  readonly phase: Phase;
}

/** One application of one op. A union over `op`, so that `switch (node.op)` narrows attributes, inputs and outputs. */
export type NodeOf<K extends OpName> = {
  readonly [P in K]: {
    readonly op: P;
    readonly origin: Origin;
    readonly inputs: Each<InputsOf<P>, ValueId>;
    readonly outputs: Each<OutputsOf<P>, ValueId>;
    readonly attrs: AttrsOf<P>;
  };
}[K];
/** One application of any op; `switch (node.op)` narrows it. */
export type Node = NodeOf<OpName>;

/** A value with a name that is known outside the graph. */
export interface Named {
  readonly name: string;
  readonly value: ValueId;
}

/** A value that is part of the graph. */
export interface Constant {
  readonly value: ValueId;
  readonly data: Tensor;
}

/** A computation as plain data: immutable SSA with static shapes, one batch size. */
export interface Graph {
  /** For messages and printing; has no meaning. */
  readonly name: string;
  /** The type of every value. */
  readonly values: readonly TensorType[];
  /** Fed anew at each run: images, labels, lr, random. */
  readonly inputs: readonly Named[];
  /** Weights, slots and buffers: the value that they had before the run. */
  readonly state: readonly Named[];
  /** Values that are the same in each run. */
  readonly constants: readonly Constant[];
  /** In an order in which every value is defined before it is used. */
  readonly nodes: readonly Node[];
  /** Values that a run returns; one value may have several names. */
  readonly outputs: readonly Named[];
  /** The state after the run, by the state's name; all are committed together. State that is not named stays. */
  readonly updates: readonly Named[];
}
