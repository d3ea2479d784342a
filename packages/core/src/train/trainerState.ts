// The options and the state of a trainer: the values that a checkpoint holds, and the initial value of each.
import type { Forms } from '../arguments/forms.ts';
import { ranges } from '../arguments/forms.ts';
import { objects } from '../arguments/objects.ts';
import { declaredType, wanted } from '../backend/feeds.ts';
import { DataError } from '../errors.ts';
import { float32, sizeOf } from '../tensor.ts';
import type { Shape, Tensor, Tensors } from '../tensor.ts';
import { scratch } from './graphs/accumulate.ts';
import { notHalted } from './graphs/apply.ts';
import { averageName, slotName } from './graphs/names.ts';
import type { ModelState } from './model.ts';
import type { StepOptions } from './stepPrograms.ts';
import { STEP } from './stepPrograms.ts';

/** Options of `Trainer.create`. */
export interface TrainerOptions extends StepOptions {
  /**
   * Parameters by name: `initialize(stateOf(model).parameters, he, seed)`, or trained weights. To resume a
   * run, also include buffers, slots and averages; otherwise buffers and slots start at their declared
   * values, and averages start at the parameters' values.
   */
  readonly values: Tensors;
  /** The seed of the dropout masks, from 0 to 2^32 - 1. */
  readonly seed: number;
}

export const TRAINER: Forms<TrainerOptions> = { ...STEP, values: objects.tensors, seed: ranges.seed };

/**
 * Returns all values of a trainer's initial state: the given values, and initial values for all
 * others.
 * @throws DataError `MISSING`, `TYPE` or `UNKNOWN` for values that do not fit the model
 */
export function startingState(
  options: StepOptions & { readonly values: Tensors },
  spec: ModelState,
): Tensors {
  const { model, values } = options;
  const what = `values of ${model.name}`;
  const kept = keptState(options, spec);
  const unknown = Object.keys(values).find((name) => !kept.has(name));
  if (unknown !== undefined) {
    throw new DataError('UNKNOWN', `${what}: unknown name "${unknown}"`);
  }
  const start = [...kept].map(([name, initial]) => {
    const tensor = initial(values);
    const own = Object.hasOwn(values, name);
    return [name, own ? wanted(values, name, declaredType(tensor), what) : tensor] as const;
  });
  return { ...unkeptState(options, spec), ...Object.fromEntries(start) };
}

/**
 * Returns the initial values that no checkpoint holds. Together with a checkpoint, they replace everything that a failed run
 * may have damaged.
 */
export function unkeptState({ microBatchSize }: StepOptions, spec: ModelState): Tensors {
  return { ...(microBatchSize === undefined ? {} : scratch(spec)), ...notHalted() };
}

/** Returns the names of the values that a checkpoint holds. */
export function keptNames(options: StepOptions, spec: ModelState): Iterable<string> {
  return keptState(options, spec).keys();
}

/** Returns the values that a checkpoint holds, by name, with a function for the initial value of each. */
function keptState(
  { model, optimizer, movingAverage }: StepOptions,
  { parameters, buffers, learned }: ModelState,
): ReadonlyMap<string, (values: Tensors) => Tensor> {
  const given = (name: string, shape: Shape) => (values: Tensors) =>
    wanted(values, name, { dtype: 'float32', shape }, `values of ${model.name}`);
  return new Map([
    ...parameters.map(({ name, shape }) => [name, given(name, shape)] as const),
    ...buffers.map(({ name, shape, initial }) => [name, () => filled(shape, initial)] as const),
    ...learned.flatMap(({ name, shape }) =>
      optimizer.slots.map((slot) => [slotName(slot, name), () => float32(shape)] as const),
    ),
    ...(movingAverage
      ? learned.map(({ name, shape }) => [averageName(name), given(name, shape)] as const)
      : []),
  ]);
}

function filled(shape: Shape, value: number): Tensor {
  return float32(shape, new Float32Array(sizeOf(shape)).fill(value));
}
