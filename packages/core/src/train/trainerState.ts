// What a trainer is made with, and its state: what of it a checkpoint holds, and how each value starts.
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
   * Parameters by name: `initialize(stateOf(model).parameters, he, seed)`, or trained weights. Buffers, slots and averages too
   * when a run goes on; otherwise they start as declared, averages as the parameters.
   */
  readonly values: Tensors;
  /** 0 .. 2^32 - 1: of the masks. */
  readonly seed: number;
}

export const TRAINER: Forms<TrainerOptions> = { ...STEP, values: objects.tensors, seed: ranges.seed };

/**
 * All values of a trainer's state: those that are given, the others as they start.
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
    throw new DataError('UNKNOWN', `${what}: there is no "${unknown}" to train`);
  }
  const start = [...kept].map(([name, initial]) => {
    const tensor = initial(values);
    const own = Object.hasOwn(values, name);
    return [name, own ? wanted(values, name, declaredType(tensor), what) : tensor] as const;
  });
  return { ...unkeptState(options, spec), ...Object.fromEntries(start) };
}

/** What no checkpoint holds, as it starts: with a checkpoint, all that a failed run may have spoiled. */
export function unkeptState({ microBatchSize }: StepOptions, spec: ModelState): Tensors {
  return { ...(microBatchSize === undefined ? {} : scratch(spec)), ...notHalted() };
}

/** The names of what a checkpoint holds. */
export function keptNames(options: StepOptions, spec: ModelState): Iterable<string> {
  return keptState(options, spec).keys();
}

/** By name, what a checkpoint holds, and how it starts where it is not given. */
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
