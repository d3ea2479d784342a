// If, whose condition is known while the network is built, and what repeats itself, which is not read.
import type { ReadOp, ReadOps } from '../../node.ts';
import { numberOf } from '../broadcasting.ts';

const If: ReadOp = (node) => {
  const isTrue = numberOf(node, 0) !== 0;
  node.attributes.ignore('then_branch', 'else_branch');
  return node.frame.branch(node.attributes.graph(isTrue ? 'then_branch' : 'else_branch'));
};

const refused =
  (reason: string): ReadOp =>
  (node) => {
    throw node.fail(reason);
  };
const loop: ReadOp = refused('a graph has no loops; export the network with them unrolled');
const sequence: ReadOp = refused('a graph has tensors alone, no sequences of them');

export const control: ReadOps = {
  If,
  Loop: loop,
  Scan: loop,
  ConcatFromSequence: sequence,
  SequenceAt: sequence,
  SequenceConstruct: sequence,
  SequenceEmpty: sequence,
  SequenceErase: sequence,
  SequenceInsert: sequence,
  SequenceLength: sequence,
  SequenceMap: sequence,
  SplitToSequence: sequence,
};
