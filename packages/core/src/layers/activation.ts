// Activations: by name for the layers that apply one to their result, and as layers of their own.
import { ShapeError } from '../errors.ts';
import type { Value } from '../graph/value.ts';
import { dimOf } from '../tensor.ts';
import type { Layer, Scope } from './scope.ts';

/**
 * What some layers apply to their result; `gelu` is the exact one, by erf. The other activations are layers of their own.
 */
export type Activation = 'gelu' | 'relu' | 'sigmoid' | 'silu' | 'tanh';

/** @throws ShapeError for an unknown name */
export function activate(scope: Scope, x: Value, activation: Activation | undefined): Value {
  if (activation === undefined) return x;
  if (!Object.hasOwn(activations, activation)) {
    const names = Object.keys(activations).join(', ');
    throw new ShapeError(
      `layer "${scope.path}": expected an activation among ${names}, got "${activation}"; ` +
        'add any other activation as a layer of its own',
    );
  }
  return activations[activation](scope, x);
}

/** `x: [...] -> [...]`, max(x, 0). */
export function relu(): Layer {
  return (scope, x) => scope.op.relu(x);
}

/** `x: [...] -> [...]`, x where it is positive, else alpha * x; alpha 0.01 by default. */
export function leakyRelu(alpha: number = 0.01): Layer {
  return (scope, x) => scope.op.leakyRelu(x, { alpha });
}

/** `x: [N, C, ...] -> the same shape`, with a learned slope per channel where x is negative: `w: [C]`. */
export function prelu(): Layer {
  return (scope, x) => scope.op.prelu(x, scope.parameter('w', [dimOf(x.shape, 1)], 'slope'));
}

/** `x: [...] -> [...]`, 1 / (1 + e^-x). */
export function sigmoid(): Layer {
  return (scope, x) => scope.op.sigmoid(x);
}

/** `x: [...] -> [...]`, clip(alpha * x + beta, 0, 1); ONNX's defaults 0.2 and 0.5. */
export function hardSigmoid(alpha: number = 0.2, beta: number = 0.5): Layer {
  return (scope, x) => scope.op.hardSigmoid(x, { alpha, beta });
}

/** `x: [...] -> [...]`, the hyperbolic tangent. */
export function tanh(): Layer {
  return (scope, x) => scope.op.tanh(x);
}

/** Options of {@link gelu}. */
export interface GeluOptions {
  /** Whether to approximate it by tanh, as GPT-2 does; default false: by erf. The two are up to 0.0005 apart. */
  readonly approximate?: boolean;
}

/**
 * `x: [...] -> [...]`, the Gaussian error linear unit x * (1 + erf(x / sqrt(2))) / 2 (Hendrycks and Gimpel 2016, section 2).
 * With `approximate`, x * (1 + tanh(sqrt(2 / pi) * (x + 0.044715 x^3))) / 2.
 */
export function gelu({ approximate = false }: GeluOptions = {}): Layer {
  return (scope, x) => scope.op.gelu(x, { approximate });
}

/** `x: [...] -> [...]`, x / (1 + e^-x), also known as swish (Hendrycks and Gimpel 2016, section 2; Ramachandran et al. 2017). */
export function silu(): Layer {
  return (scope, x) => scope.op.silu(x);
}

const activations: Readonly<Record<Activation, Layer>> = {
  gelu: gelu(),
  relu: relu(),
  sigmoid: sigmoid(),
  silu: silu(),
  tanh: tanh(),
};
