// Optimizers. Each emits the updates of the apply graph from gradients, slots and scalars; the host feeds the scalars at each
// step.
import type { OptionRules } from '../arguments/check.ts';
import { checkOptions } from '../arguments/check.ts';
import type { Forms } from '../arguments/forms.ts';
import { flag, optional, ranges } from '../arguments/forms.ts';
import type { GraphBuilder } from '../graph/builder.ts';
import type { Value } from '../graph/value.ts';
import { DataError, defined, GraphError } from '../errors.ts';
import type { ParameterSpec } from '../initializers.ts';

/** The argument of {@link Optimizer.update} for one parameter. */
export interface OptimizerEntry {
  /** The name, shape and role of the parameter. */
  readonly parameter: ParameterSpec;
  /** Its value before the step. */
  readonly weight: Value;
  /** The gradient of the loss, with the shape of the weight. */
  readonly gradient: Value;
  /** The slot values, in the order of `Optimizer.slots`. */
  readonly slots: readonly Value[];
  /** The weight decay of this parameter, regardless of its role. Overrides the optimizer's. */
  readonly weightDecay?: number;
}

/**
 * Returns the weight decay of a parameter: its own if set; otherwise the optimizer's for weights, and 0 for
 * other parameters.
 */
function decayOf({ parameter, weightDecay }: OptimizerEntry, optimizers: number): number {
  return weightDecay ?? (parameter.role === 'weight' ? optimizers : 0);
}

/** Computes updates from gradients. The learning rate is not an option: the schedule provides it for each step. */
export interface Optimizer {
  /** The name for messages and reports. */
  readonly name: string;
  /** The names of the values that it stores per parameter. They have the parameter's shape and start at zero. */
  readonly slots: readonly string[];
  /** The names of its scalar inputs. */
  readonly scalars: readonly string[];
  /** Returns the values of the scalars at a step (counted from 0), computed in float64. */
  scalarsAt(step: number, lr: number): Readonly<Record<string, number>>;
  /** Emits the ops that compute the next values of a parameter and its slots. */
  update(
    b: GraphBuilder,
    entry: OptimizerEntry,
    scalars: Readonly<Record<string, Value>>,
  ): { readonly weight: Value; readonly slots: readonly Value[] };
}

/** Options of {@link sgd}. The learning rate comes from the schedule: `schedule: constant(0.1)`. */
export interface SgdOptions {
  /** In [0, 1). Default 0: no momentum, no slot. */
  readonly momentum?: number;
  /** Uses Nesterov's form, which needs a momentum. Default false. */
  readonly nesterov?: boolean;
  /** L2 decay of weights, but not of biases and scales. Default 0. */
  readonly weightDecay?: number;
}

/** A hint for users of libraries whose optimizers have a learning rate. */
const RATE = 'pass the learning rate to fit: schedule: 0.1';
const RULES: OptionRules = { elsewhere: { lr: RATE, learningRate: RATE } };

const SGD: Forms<SgdOptions> = {
  momentum: optional(ranges.rate),
  nesterov: optional(flag),
  weightDecay: optional(ranges.from0),
};

/**
 * Stochastic gradient descent. For the formulas, see the ops sgdUpdate and sgdMomentumUpdate. The learning rate comes from the
 * schedule: `schedule: constant(0.1)`.
 * @throws DataError `OPTION` for an unknown option, a number out of range, or nesterov without momentum
 */
export function sgd(options: SgdOptions = {}): Optimizer {
  checkOptions('sgd', options, SGD, RULES);
  const { momentum = 0, nesterov = false, weightDecay = 0 } = options;
  if (nesterov && momentum === 0) {
    throw new DataError('OPTION', 'sgd: nesterov: expected a momentum above 0, got momentum 0');
  }
  return {
    name: 'sgd',
    slots: momentum === 0 ? [] : ['velocity'],
    scalars: ['lr'],
    scalarsAt: (_, lr) => ({ lr }),
    update: (b, entry, given) => {
      const {
        weight,
        gradient,
        slots: [velocity],
      } = entry;
      const lr = defined(given['lr'], 'sgd: the learning rate');
      const decay = decayOf(entry, weightDecay);
      if (!velocity)
        return { weight: b.op.sgdUpdate(weight, gradient, lr, { weightDecay: decay }), slots: [] };
      const attrs = { momentum, nesterov, weightDecay: decay };
      const [next, nextVelocity] = b.op.sgdMomentumUpdate(weight, gradient, velocity, lr, attrs);
      return { weight: next, slots: [nextVelocity] };
    },
  };
}

/** Options of {@link adam} and {@link adamW}. The learning rate comes from the schedule: `schedule: constant(0.001)`. */
export interface AdamOptions {
  /** The decay rate of the mean of gradients, in [0, 1). Default 0.9. */
  readonly beta1?: number;
  /** The decay rate of the mean of squared gradients, in [0, 1). Default 0.999. */
  readonly beta2?: number;
  /** Added to the root of the mean of squares. Default 1e-8. */
  readonly epsilon?: number;
  /** Decay of weights, but not of biases and scales. Default 0. */
  readonly weightDecay?: number;
}

const ADAM: Forms<AdamOptions> = {
  beta1: optional(ranges.rate),
  beta2: optional(ranges.rate),
  epsilon: optional(ranges.from0),
  weightDecay: optional(ranges.from0),
};

/**
 * Adam (Kingma and Ba 2014), with L2 weight decay added to the gradient. The learning rate comes from the schedule: `schedule:
 * constant(0.001)`.
 * @throws DataError `OPTION` for an unknown option or a number out of range
 */
export function adam(options: AdamOptions = {}): Optimizer {
  return adamLike('adam', options, false);
}

/**
 * AdamW: Adam with decoupled weight decay (Loshchilov and Hutter 2017).
 * @throws DataError `OPTION` for an unknown option or a number out of range
 */
export function adamW(options: AdamOptions = {}): Optimizer {
  return adamLike('adamW', options, true);
}

function adamLike(name: string, options: AdamOptions, decoupled: boolean): Optimizer {
  checkOptions(name, options, ADAM, RULES);
  const { beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8, weightDecay = 0 } = options;
  const scalars = ['lr', 'correction1', 'correction2'] as const;
  return {
    name,
    slots: ['mean', 'square'],
    scalars,
    scalarsAt: (step, lr) => ({
      lr,
      correction1: 1 / (1 - beta1 ** (step + 1)),
      correction2: 1 / (1 - beta2 ** (step + 1)),
    }),
    update: (b, entry, given) => {
      const {
        weight,
        gradient,
        slots: [mean, square],
      } = entry;
      if (!mean || !square) throw new GraphError(`${name}: a slot is missing`);
      const scalar = (of: (typeof scalars)[number]): Value => defined(given[of], `${name}: the scalar ${of}`);
      const [lr, correction1, correction2] = [scalar('lr'), scalar('correction1'), scalar('correction2')];
      const decay = decayOf(entry, weightDecay);
      const attrs = { beta1, beta2, epsilon, weightDecay: decay, decoupled };
      const updated = b.op.adamUpdate(weight, gradient, mean, square, lr, correction1, correction2, attrs);
      return { weight: updated[0], slots: updated.slice(1) };
    },
  };
}
