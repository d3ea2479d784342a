import type { Value } from '../graph/value.ts';
import type { Build, Definition } from './definition.ts';
import { sameFloat } from './elementwise.ts';

export type GeluAttrs = { readonly approximate: boolean };

declare module './signatures.ts' {
  interface Signatures {
    /**
     * Gaussian error linear unit (Hendrycks and Gimpel 2016, section 2): x times the cumulative distribution function of the
     * standard normal distribution, x * (1 + erf(x / sqrt(2))) / 2. `x: [...] -> [...]`. With `approximate`, x * (1 +
     * tanh(sqrt(2 / pi) * (x + 0.044715 x^3))) / 2, which deviates by up to 0.0005.
     */
    readonly gelu: Composite<[x: Value], GeluAttrs>;
  }
}

const CUBIC = 0.044715;

export const gelu: Definition<'gelu'> = {
  kind: 'composite',
  inputs: ['x'],
  infer: (inputs, _, fail) => [sameFloat(inputs, fail)],
  decompose: (b, [x], { approximate }) => [b.op.mul(x, weight(b, x, approximate))],
  gradient: ({ b, inputs: [x], attrs: { approximate }, outputGradients: [dy] }) => {
    const steepness = approximate ? tanhSlope(b, x) : erfSlope(b, x);
    return [b.op.mul(dy, b.op.add(weight(b, x, approximate), b.op.mul(half(b, x), steepness)))];
  },
};

function half(b: Build, x: Value): Value {
  return b.fill(0.5, x.shape);
}

/** Returns the factor of x, from 0 to 1: (1 + erf) / 2 or (1 + tanh) / 2. */
function weight(b: Build, x: Value, approximate: boolean): Value {
  const curve = approximate ? b.op.tanh(tanhArgument(b, x)) : b.op.erf(erfArgument(b, x));
  return b.op.mul(b.op.add(b.fill(1, x.shape), curve), half(b, x));
}

/** Returns x / sqrt(2). */
function erfArgument(b: Build, x: Value): Value {
  return b.op.mul(x, b.fill(Math.SQRT1_2, x.shape));
}

/** Returns x times the derivative of erf(x / sqrt(2)). */
function erfSlope(b: Build, x: Value): Value {
  const z = erfArgument(b, x);
  const bell = b.op.exp(b.op.mul(b.op.mul(z, z), b.fill(-1, x.shape)));
  return b.op.mul(b.op.mul(z, bell), b.fill(2 / Math.sqrt(Math.PI), x.shape));
}

/** Returns sqrt(2 / pi) * (x + 0.044715 x^3). */
function tanhArgument(b: Build, x: Value): Value {
  const cube = b.op.mul(b.op.mul(x, x), x);
  const sum = b.op.add(x, b.op.mul(cube, b.fill(CUBIC, x.shape)));
  return b.op.mul(sum, b.fill(Math.sqrt(2 / Math.PI), x.shape));
}

/**
 * Returns x times the derivative of the approximation's tanh. The factor 1 - tanh^2, which is 0 in the tails,
 * is applied first, so that no overflowed power of x is multiplied by 0.
 */
function tanhSlope(b: Build, x: Value): Value {
  const curve = b.op.tanh(tanhArgument(b, x));
  const damped = b.op.mul(x, b.op.sub(b.fill(1, x.shape), b.op.mul(curve, curve)));
  const cubic = b.op.mul(b.op.mul(b.op.mul(damped, x), x), b.fill(CUBIC, x.shape));
  const sum = b.op.add(damped, b.op.mul(cubic, b.fill(3, x.shape)));
  return b.op.mul(sum, b.fill(Math.sqrt(2 / Math.PI), x.shape));
}
