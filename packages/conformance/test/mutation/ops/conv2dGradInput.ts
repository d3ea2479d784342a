import type { Fault, Work } from '../fault.ts';
import { inFormat } from '../fault.ts';
import type { Windows } from '../geometry.ts';
import { extentOf } from '../geometry.ts';
import { droppedTap, exchangedGroups, shiftedRow } from '../windows.ts';

export const faults: readonly Fault<'conv2dGradInput'>[] = [
  droppedTap(windowsOf),
  shiftedRow(0),
  exchangedGroups(0),
  inFormat('TF32'),
  inFormat('bf16'),
];

function windowsOf({ node: { attrs }, operands: [dy, w] }: Work<'conv2dGradInput'>): Windows {
  return {
    ...attrs,
    image: extentOf(attrs.inputShape),
    kernel: extentOf(w.shape),
    windows: extentOf(dy.shape),
  };
}
