// Optimizers build the apply graph: gradients, slots and scalars -> updates. Scalars come from the host at each step.
import type { GraphBuilder, Value } from '../builder.ts';
import type { ParameterSpec } from '../initializers.ts';

export interface OptimizerEntry {
  readonly parameter: ParameterSpec;
  readonly weight: Value;
  readonly gradient: Value;
  /** In the order of `Optimizer.slots`. */
  readonly slots: readonly Value[];
}

export interface Optimizer {
  readonly name: string;
  /** What it keeps per parameter, of the parameter's shape, zeros at the start. */
  readonly slots: readonly string[];
  /** Its scalar inputs. */
  readonly scalars: readonly string[];
  /** Their values at a step (counted from 0), computed in float64. */
  scalarsAt(step: number, lr: number): Readonly<Record<string, number>>;
  update(
    b: GraphBuilder,
    entry: OptimizerEntry,
    scalars: Readonly<Record<string, Value>>,
  ): { readonly weight: Value; readonly slots: readonly Value[] };
}

export interface SgdOptions {
  /** Default 0: no momentum, no slot. */
  readonly momentum?: number;
  /** Default false. */
  readonly nesterov?: boolean;
  /** L2, on weights only, never on biases; default 0. */
  readonly weightDecay?: number;
}

/** Stochastic gradient descent, see ops/sgdUpdate.ts and ops/sgdMomentumUpdate.ts for the formulas. */
export function sgd({ momentum = 0, nesterov = false, weightDecay = 0 }: SgdOptions = {}): Optimizer {
  return {
    name: 'sgd',
    slots: momentum === 0 ? [] : ['velocity'],
    scalars: ['lr'],
    scalarsAt: (_, lr) => ({ lr }),
    update: (b, { parameter, weight, gradient, slots: [velocity] }, { lr = b.scalar(0) }) => {
      const decay = parameter.role === 'weight' ? weightDecay : 0;
      if (!velocity)
        return { weight: b.op.sgdUpdate(weight, gradient, lr, { weightDecay: decay }), slots: [] };
      const attrs = { momentum, nesterov, weightDecay: decay };
      const [next, nextVelocity] = b.op.sgdMomentumUpdate(weight, gradient, velocity, lr, attrs);
      return { weight: next, slots: [nextVelocity] };
    },
  };
}
