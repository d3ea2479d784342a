import { activate } from './activation.ts';
import type { Activation } from './activation.ts';
import { dimOf } from '../tensor.ts';
import type { Layer } from './scope.ts';

/** Options of {@link dense}. */
export interface DenseOptions {
  readonly activation?: Activation;
}

/** A fully connected layer. `x: [N, I] -> [N, units]`. Parameters: `w: [units, I]`, `b: [units]`. */
export function dense(units: number, { activation }: DenseOptions = {}): Layer {
  return (scope, x) => {
    const w = scope.parameter('w', [units, dimOf(x.shape, 1)]);
    return activate(scope, scope.op.dense(x, w, scope.parameter('b', [units], 'bias')), activation);
  };
}
