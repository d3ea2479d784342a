// Activations by name, for the layers that apply one to their result.
import type { Value } from '../builder.ts';
import type { Layer, Scope } from './scope.ts';

export type Activation = 'relu';

export function activate(scope: Scope, x: Value, activation: Activation | undefined): Value {
  return activation === 'relu' ? scope.op.relu(x) : x;
}

/** `relu(): x: [...] -> [...]`, max(x, 0). */
export function relu(): Layer {
  return (scope, x) => scope.op.relu(x);
}
