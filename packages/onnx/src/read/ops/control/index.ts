// If with a condition that is known while the network is built. Loops and sequences are refused.
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
const loop: ReadOp = refused('loops are not supported; export the network with its loops unrolled');
const sequence: ReadOp = refused('sequences are not supported; export the network with tensors only');

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
