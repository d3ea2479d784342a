// The intermediate representation between networks and devices: immutable SSA with static shapes. A graph is plain data (JSON
// except for its constants), so passes, exporters and backends need only this file to read it. Deliberately absent: control
// flow, dynamic shapes, side effects. Each batch size has its own graph.
import type { AttrsOf, InputsOf, OpName, OutputsOf } from '../ops/signatures.ts';
import type { Tensor, TensorType } from '../tensor.ts';
import type { Each } from '../tuple.ts';

/** The index of a value in `Graph.values`. */
export type ValueId = number;

/** The part of a training step that a node belongs to. */
export type Phase = 'forward' | 'backward' | 'update';

/** The origin of a node. */
export interface Origin {
  /**
   * The path of its layer, e.g. `nin1.c1`; in the update phase, the path of the state that it computes. '' outside any layer.
   */
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

/** A value with a public name. */
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
  /** A name for messages and printing only. */
  readonly name: string;
  /** The type of every value. */
  readonly values: readonly TensorType[];
  /** Values fed at each run: images, labels, lr, random. */
  readonly inputs: readonly Named[];
  /** Weights, slots and buffers, as they are before the run. */
  readonly state: readonly Named[];
  /** Values that are the same in each run. */
  readonly constants: readonly Constant[];
  /** In topological order: every value is defined before it is used. */
  readonly nodes: readonly Node[];
  /** Values that a run returns; one value may have several names. */
  readonly outputs: readonly Named[];
  /** The state values after the run, by state name; all are committed together. Other state values stay unchanged. */
  readonly updates: readonly Named[];
}
