// sgdMomentumUpdate(weight, gradient, velocity, lr): SGD with momentum; the formulas are in core's op.
import { elementwise } from './elementwise.ts';
import type { Kernel } from './kernel.ts';
import { f32 } from './kernel.ts';
import { decayed } from './sgdUpdate.ts';

export const sgdMomentumUpdate: Kernel<'sgdMomentumUpdate'> = ({ attrs }, context) => {
  const { momentum, nesterov, weightDecay } = attrs;
  const g = decayed(weightDecay);
  const next = `(velocity * params.momentum + ${g})`;
  const direction = nesterov ? `(${g} + ${next} * params.momentum)` : next;
  return elementwise(context, {
    inputs: { weight: 'f32', gradient: 'f32', velocity: 'f32', lr: 'f32' },
    outputs: [
      ['f32', `weight - ${direction} * lr`],
      ['f32', next],
    ],
    params: { momentum: f32(momentum), decay: f32(weightDecay) },
  });
};
