// Activations, available by name to layers that apply one to their result, and as separate layers.
import type { Value } from '../graph/value.ts';
import { dimOf } from '../tensor.ts';
import { checkArguments, checkNothing } from '../arguments/check.ts';
import type { Form, Forms } from '../arguments/forms.ts';
import { flag, oneOf, optional, ranges } from '../arguments/forms.ts';
import { failOf } from './attributes.ts';
import type { Layer, Scope } from './scope.ts';

/**
 * The activations that a layer can apply to its result by name; `gelu` is the exact form (erf). Other activations are separate
 * layers.
 */
export type Activation = 'gelu' | 'relu' | 'sigmoid' | 'silu' | 'tanh';

/** Applies an activation to x; returns x if there is none. */
export function activate(scope: Scope, x: Value, activation: Activation | undefined): Value {
  return activation === undefined ? x : activations[activation](scope, x);
}

/** `x: [...] -> [...]`, max(x, 0). */
export function relu(...none: []): Layer {
  return (scope, x) => {
    checkNothing(failOf('relu', scope), none, 'use leakyRelu(alpha) for a slope');
    return scope.op.relu(x);
  };
}

/** `x: [...] -> [...]`, x where it is positive, otherwise alpha * x. Default alpha 0.01. */
export function leakyRelu(alpha: number = 0.01): Layer {
  return (scope, x) => {
    checkArguments(failOf('leakyRelu', scope), { alpha: [ranges.number, alpha] });
    return scope.op.leakyRelu(x, { alpha });
  };
}

/** `x: [N, C, ...] -> the same shape`, with a learned slope per channel where x is negative: `w: [C]`. */
export function prelu(...none: []): Layer {
  return (scope, x) => {
    checkNothing(failOf('prelu', scope), none, 'its slopes are learned');
    return scope.op.prelu(x, scope.parameter('w', [dimOf(x.shape, 1)], 'slope'));
  };
}

/** `x: [...] -> [...]`, 1 / (1 + e^-x). */
export function sigmoid(...none: []): Layer {
  return (scope, x) => {
    checkNothing(failOf('sigmoid', scope), none);
    return scope.op.sigmoid(x);
  };
}

/** `x: [...] -> [...]`, clip(alpha * x + beta, 0, 1). Defaults as in ONNX: alpha 0.2, beta 0.5. */
export function hardSigmoid(alpha: number = 0.2, beta: number = 0.5): Layer {
  return (scope, x) => {
    checkArguments(failOf('hardSigmoid', scope), {
      alpha: [ranges.number, alpha],
      beta: [ranges.number, beta],
    });
    return scope.op.hardSigmoid(x, { alpha, beta });
  };
}

/** `x: [...] -> [...]`, the hyperbolic tangent. */
export function tanh(...none: []): Layer {
  return (scope, x) => {
    checkNothing(failOf('tanh', scope), none);
    return scope.op.tanh(x);
  };
}

/** Options of {@link gelu}. */
export interface GeluOptions {
  /**
   * If true, uses the tanh approximation, as GPT-2 does; otherwise the exact form (erf). Default false. The two differ by up to
   * 0.0005.
   */
  readonly approximate?: boolean;
}

const GELU: Forms<GeluOptions> = { approximate: optional(flag) };

/**
 * `x: [...] -> [...]`, the Gaussian error linear unit x * (1 + erf(x / sqrt(2))) / 2 (Hendrycks and Gimpel 2016, section 2).
 * With `approximate`, x * (1 + tanh(sqrt(2 / pi) * (x + 0.044715 x^3))) / 2.
 */
export function gelu(options: GeluOptions = {}): Layer {
  return (scope, x) => {
    checkArguments(failOf('gelu', scope), {}, options, GELU);
    const { approximate = false } = options;
    return scope.op.gelu(x, { approximate });
  };
}

/** `x: [...] -> [...]`, x / (1 + e^-x), also known as swish (Hendrycks and Gimpel 2016, section 2; Ramachandran et al. 2017). */
export function silu(...none: []): Layer {
  return (scope, x) => {
    checkNothing(failOf('silu', scope), none);
    return scope.op.silu(x);
  };
}

const activations: Readonly<Record<Activation, Layer>> = {
  gelu: gelu(),
  relu: relu(),
  sigmoid: sigmoid(),
  silu: silu(),
  tanh: tanh(),
};

/** The name of an activation. */
export const activationName: Form = {
  ...oneOf(Object.keys(activations)),
  hint: 'add any other activation as a separate layer',
};
