// tanh(x): the pointwise hyperbolic tangent, within 9 * 2^-24. WGSL guarantees only 1e-5 for its own tanh, which may overflow.
import type { Kernel } from './kernel.ts';
import { pointwise } from './pointwise.ts';

export const tanh: Kernel<'tanh'> = (_, { inputs: [x], outputs: [y] }) =>
  pointwise({ reads: { x: [x, 'f32'] }, writes: [[y, 'f32', 'tangent(x)']], functions });

// Near 0, a polynomial that is accurate relative to x (Moshier, Cephes, single/tanhf.c). At 10 and above the result rounds to 1.
const functions = `fn tangent(x: f32) -> f32 {
  let square = x * x;
  var p = -5.70498872745e-3;
  p = p * square + 2.06390887954e-2;
  p = p * square - 5.37397155531e-2;
  p = p * square + 1.33314442036e-1;
  p = p * square - 3.33332819422e-1;
  let near = x + x * square * p;
  let far = 1.0 - 2.0 / (exp(2.0 * min(abs(x), 10.0)) + 1.0);
  return select(sign(x) * far, near, abs(x) < 0.625);
}`;
