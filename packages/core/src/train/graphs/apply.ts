// The apply graph: computes the next parameters, slots and buffers from gradients, slots and scalars, and commits all or none
// of them.
import type { Forms } from '../../arguments/forms.ts';
import { ranges } from '../../arguments/forms.ts';
import { GraphBuilder } from '../../graph/builder.ts';
import type { Graph } from '../../graph/graph.ts';
import type { Value } from '../../graph/value.ts';
import { DataError, defined } from '../../errors.ts';
import { gradientName } from '../../passes/grad.ts';
import { bool, scalar } from '../../tensor.ts';
import type { Tensors, TensorType } from '../../tensor.ts';
import type { ModelState } from '../model.ts';
import type { Optimizer } from '../optimizers.ts';
import { AVERAGE_DECAY, averageName, bufferName, HALTED, slotName } from './names.ts';

/** Options for applying gradients, in addition to the optimizer. */
export interface ApplyOptions {
  /** Scales gradients down to this global norm if they exceed it (Pascanu et al. 2013, algorithm 1). */
  readonly clipNorm?: number;
  /** Keeps a moving average of the weights, which often generalizes better. Default: none. */
  readonly movingAverage?: MovingAverage;
}

/**
 * An exponential moving average of the parameters (Polyak and Juditsky 1992):
 * `average' = d * average + (1 - d) * parameter`, where d is the smaller of `decay` and
 * (1 + step) / (10 + step), so that the initial weights do not dominate short runs. `fit` validates, tests
 * and stops early based on the averages; the trainer's state and `trainer.weights()` hold the parameters
 * themselves. `trainer.averagedWeights()` returns the averages, to evaluate or export.
 */
export interface MovingAverage {
  /** The decay rate in [0, 1), e.g. 0.999. */
  readonly decay: number;
}

export const MOVING_AVERAGE: Forms<MovingAverage> = { decay: ranges.rate };

/** A state value and its next value. */
interface Change {
  readonly name: string;
  readonly layer: string;
  readonly before: Value;
  readonly after: Value;
}

/**
 * Builds the apply graph. Inputs: `loss: float32 []`, `grad/<parameter>` for each learned parameter, `buffer/<buffer>` for each
 * updated buffer, and the optimizer's scalars. Updates: parameters, slots and buffers. Output: `finite: bool []`.
 *
 * If the loss, a gradient, a scalar or any value to be written is NaN or infinite, `finite` is false and the
 * state keeps its values. Because later steps start before this one is read, all later runs keep the state
 * unchanged, too, until the state `halted` is written.
 * @param name the name of the model
 */
export function apply(
  name: string,
  { learned, updated }: Pick<ModelState, 'learned' | 'updated'>,
  optimizer: Optimizer,
  { clipNorm, movingAverage }: ApplyOptions = {},
): Graph {
  const b = new GraphBuilder(`${name}.apply`, 'update');
  const scalarType: TensorType = { dtype: 'float32', shape: [] };
  const scalars = Object.fromEntries(optimizer.scalars.map((given) => [given, b.input(given, scalarType)]));
  const entries = learned.map((parameter) => {
    const type: TensorType = { dtype: 'float32', shape: parameter.shape };
    return {
      parameter,
      gradient: b.input(gradientName(parameter.name), type),
      weight: b.state(parameter.name, type),
      slots: optimizer.slots.map((slot) => b.state(slotName(slot, parameter.name), type)),
    };
  });
  const buffers = updated.map(({ name: buffer, shape }): Change => {
    const type: TensorType = { dtype: 'float32', shape };
    return {
      name: buffer,
      layer: buffer,
      before: b.state(buffer, type),
      after: b.input(bufferName(buffer), type),
    };
  });
  const loss = b.input('loss', scalarType);
  const clip = clipNorm === undefined ? undefined : clipping(b, entries, clipNorm);
  const decay = movingAverage && b.input(AVERAGE_DECAY, scalarType);

  const changes = entries.flatMap(({ parameter, gradient, weight, slots }): readonly Change[] =>
    b.within({ layer: parameter.name }, () => {
      const { shape, lrFactor, weightDecay } = parameter;
      const clipped = clip ? b.op.mul(gradient, b.op.broadcast(clip.scale, { shape })) : gradient;
      const own = { parameter, gradient: clipped, weight, slots };
      const entry = weightDecay === undefined ? own : { ...own, weightDecay };
      const next = optimizer.update(b, entry, scaledRate(b, optimizer, scalars, lrFactor));
      const change = (state: string, before: Value, after: Value): Change => ({
        name: state,
        layer: parameter.name,
        before,
        after,
      });
      return [
        change(parameter.name, weight, next.weight),
        ...slots.map((before, i) => {
          const slot = defined(optimizer.slots[i], `optimizer "${optimizer.name}": slot ${i}`);
          const after = defined(next.slots[i], `optimizer "${optimizer.name}": the next value of "${slot}"`);
          return change(slotName(slot, parameter.name), before, after);
        }),
        ...(decay ? [averaged(b, parameter.name, next.weight, decay, change)] : []),
      ];
    }),
  );
  const all = [...changes, ...buffers];
  const commits = b.within({ layer: 'finite' }, () =>
    gate(b, [
      loss,
      ...Object.values(scalars),
      ...(clip ? [clip.norm] : []),
      ...entries.map(({ gradient }) => gradient),
      ...all.map(({ after }) => after),
    ]),
  );
  b.output('finite', commits);
  for (const { name: state, layer, before, after } of all) {
    b.within({ layer }, () => {
      b.update(state, b.op.select(b.op.broadcast(commits, { shape: before.shape }), after, before));
    });
  }
  return b.build();
}

/** Returns the scalar feeds of {@link apply} at a step, counted from 0. */
export function applyScalars(
  optimizer: Optimizer,
  { movingAverage }: ApplyOptions,
  step: number,
  lr: number,
): Tensors {
  const average = movingAverage && {
    [AVERAGE_DECAY]: Math.min(movingAverage.decay, (1 + step) / (10 + step)),
  };
  const all = Object.entries({ ...optimizer.scalarsAt(step, lr), ...average });
  return Object.fromEntries(all.map(([name, value]) => [name, scalar(value)]));
}

/** Returns the extra state of an apply or step graph, which marks training as not halted. */
export function notHalted(): Tensors {
  return { [HALTED]: bool([], [false]) };
}

/**
 * Returns a bool `[]` that is true if this run commits: training is not halted and all values are finite. Otherwise halts all
 * later runs.
 */
function gate(b: GraphBuilder, values: readonly Value[]): Value {
  const halted = b.state(HALTED, { dtype: 'bool', shape: [] });
  const finite = b.op.cast(b.op.allFinite(...values), { to: 'float32' });
  const sound = b.op.select(halted, b.scalar(0), finite);
  b.update(HALTED, b.op.equal(sound, b.scalar(0)));
  return b.op.greater(sound, b.scalar(0));
}

/** Returns the change of a parameter's average in this step. */
function averaged(
  b: GraphBuilder,
  parameter: string,
  weight: Value,
  decay: Value,
  change: (state: string, before: Value, after: Value) => Change,
): Change {
  const { shape } = weight;
  const before = b.state(averageName(parameter), { dtype: 'float32', shape });
  const fresh = b.op.broadcast(b.op.sub(b.scalar(1), decay), { shape });
  const kept = b.op.mul(before, b.op.broadcast(decay, { shape }));
  return change(averageName(parameter), before, b.op.add(kept, b.op.mul(weight, fresh)));
}

/** Returns the optimizer's scalars with the learning rate of one parameter. */
function scaledRate(
  b: GraphBuilder,
  optimizer: Optimizer,
  scalars: Readonly<Record<string, Value>>,
  factor: number | undefined,
): Readonly<Record<string, Value>> {
  if (factor === undefined) return scalars;
  const { lr } = scalars;
  if (!lr) {
    throw new DataError(
      'OPTION',
      `optimizer "${optimizer.name}" has no scalar lr for a parameter's lrFactor`,
    );
  }
  return { ...scalars, lr: b.op.mul(lr, b.scalar(factor)) };
}

/**
 * Returns the norm of the gradients and the factor that clips them, which is 1 for norms up to the limit.
 * `[], []`
 */
function clipping(
  b: GraphBuilder,
  entries: readonly { readonly gradient: Value }[],
  clipNorm: number,
): { readonly norm: Value; readonly scale: Value } {
  return b.within({ layer: 'clip' }, () => {
    const norm = b.op.globalNorm(...entries.map(({ gradient }) => gradient));
    const limit = b.scalar(clipNorm);
    return { norm, scale: b.op.div(limit, b.op.max(norm, limit)) };
  });
}
