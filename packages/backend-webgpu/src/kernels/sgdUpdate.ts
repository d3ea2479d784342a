// sgdUpdate(weight, gradient, lr): weight - lr * (gradient + weightDecay * weight).
import { elementwise } from './elementwise.ts';
import type { Kernel } from './kernel.ts';
import { f32 } from './kernel.ts';

export const sgdUpdate: Kernel<'sgdUpdate'> = ({ attrs: { weightDecay } }, context) =>
  elementwise(context, {
    inputs: { weight: 'f32', gradient: 'f32', lr: 'f32' },
    outputs: [['f32', `weight - ${decayed(weightDecay)} * lr`]],
    params: { decay: f32(weightDecay) },
  });

/** The gradient with weight decay as a WGSL expression. */
export function decayed(weightDecay: number): string {
  return weightDecay === 0 ? 'gradient' : '(gradient + weight * params.decay)';
}
