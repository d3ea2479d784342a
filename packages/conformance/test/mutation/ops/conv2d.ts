import type { Fault, Work } from '../fault.ts';
import { inFormat } from '../fault.ts';
import type { Windows } from '../geometry.ts';
import { extentOf } from '../geometry.ts';
import { droppedTap, exchangedGroups, shiftedRow } from '../windows.ts';

export const faults: readonly Fault<'conv2d'>[] = [
  droppedTap(windowsOf),
  shiftedRow(0),
  exchangedGroups(0),
  inFormat('TF32'),
  inFormat('bf16'),
];

function windowsOf({ node, operands: [x, w], results: [y] }: Work<'conv2d'>): Windows {
  return { ...node.attrs, image: extentOf(x.shape), kernel: extentOf(w.shape), windows: extentOf(y.shape) };
}
