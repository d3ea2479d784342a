// Activations: by name for the layers that apply one to their result, and as layers of their own.
import type { Value } from '../graph/value.ts';
import { dimOf } from '../tensor.ts';
import type { Layer, Scope } from './scope.ts';

/** What some layers apply to their result. The other activations are layers of their own. */
export type Activation = 'relu' | 'sigmoid' | 'tanh';

export function activate(scope: Scope, x: Value, activation: Activation | undefined): Value {
  return activation ? scope.op[activation](x) : x;
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
