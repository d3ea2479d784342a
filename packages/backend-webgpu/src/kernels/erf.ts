// erf(x): the pointwise error function, within 1e-7 before rounding. WGSL has no built-in erf.
import type { Kernel } from './kernel.ts';
import { pointwise } from './pointwise.ts';

export const erf: Kernel<'erf'> = (_, { inputs: [x], outputs: [y] }) =>
  pointwise({ reads: { x: [x, 'f32'] }, writes: [[y, 'f32', 'errorFunction(x)']], functions });

// Below 1, erf(x) is x times a polynomial in x^2, which is accurate relative to x. At 1 and above, it is 1 - e^(-x^2) / x times a
// polynomial in 1 / x^2 (Moshier, Cephes, single/ndtrf.c). Cephes has a third polynomial for 2 and above, which only erfc needs: its
// extra digits vanish in a result near 1. At 4 and above the result rounds to 1.
const functions = `fn errorFunction(x: f32) -> f32 {
  let square = x * x;
  var p = 7.853861353153693e-5;
  p = p * square - 8.010193625184903e-4;
  p = p * square + 5.188327685732524e-3;
  p = p * square - 2.685381193529856e-2;
  p = p * square + 1.128358514861418e-1;
  p = p * square - 3.761262582423300e-1;
  p = p * square + 1.128379165726710;
  let size = clamp(abs(x), 1.0, 4.0);
  let inverse = 1.0 / size;
  let inverseSquare = inverse * inverse;
  var q = 2.326819970068386e-2;
  q = q * inverseSquare - 1.387039388740657e-1;
  q = q * inverseSquare + 3.687424674597105e-1;
  q = q * inverseSquare - 5.824733027278666e-1;
  q = q * inverseSquare + 6.210004621745983e-1;
  q = q * inverseSquare - 4.944515323274145e-1;
  q = q * inverseSquare + 3.404879937665872e-1;
  q = q * inverseSquare - 2.741127028184656e-1;
  q = q * inverseSquare + 5.638259427386472e-1;
  let far = 1.0 - exp(-size * size) * inverse * q;
  return select(sign(x) * far, x * p, abs(x) < 1.0);
}`;
