// conv2dGradInput on its own, not as conv2d's gradient: so that its gradients, conv2d and conv2dGradFilter again, are met as well.
import type { Case } from '../case.ts';
import { exact } from '../case.ts';
import { integers } from '../data.ts';
import type { Fault, Work } from '../faults/planted/fault.ts';
import { inFormat } from '../faults/planted/fault.ts';
import type { Windows } from '../faults/planted/geometry.ts';
import { extentOf } from '../faults/planted/geometry.ts';
import { droppedTap, exchangedGroups, shiftedRow } from '../faults/planted/windows.ts';
import { convolutions } from './convolutions.ts';
import { conv2dGradInputAtFullSize } from './fullSize.ts';

export const cases: readonly Case[] = [
  ...convolutions.map(({ name, x, w, y, attrs }) =>
    exact(`conv2dGradInput/${name}`, { dy: integers('dy', y), w: integers('w', w) }, (op, values) =>
      op.conv2dGradInput(values.dy, values.w, { ...attrs, inputShape: x }),
    ),
  ),
  ...conv2dGradInputAtFullSize,
];

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
