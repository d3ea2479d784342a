// The programs of a run: compiled before its first step, so that their plans are known, and kept track of as more come.
import type { ImageClassifier, PlanData, Program, Tensors } from '@isonet/core';
import { BackendError, initialize, stateOf, Trainer } from '@isonet/core';
import type { OpenDevice } from '../devices/open.ts';
import type { RunOptions } from '../folder/record.ts';
import type { RunFolder, SavedState } from '../folder/runFolder.ts';
import type { SavedPlans } from '../folder/savedPlans.ts';
import type { PlanRecord, PlanRecords } from '../folder/segments.ts';
import type { Recipe } from '../recipes.ts';

/** The plans of a run by role, as its programs are compiled. */
export class RunPlans {
  /** Those that are made again. */
  readonly given: Readonly<Record<string, PlanData>> | undefined;
  readonly #records = new Map<string, PlanRecord>();
  readonly #data = new Map<string, PlanData>();

  constructor(given?: Readonly<Record<string, PlanData>>) {
    this.given = given;
    if (given) for (const [role, data] of Object.entries(given)) this.#data.set(role, data);
  }

  /** To be called with each program that is compiled. */
  readonly add = (role: string, { plan: { id, data }, bytes }: Program): void => {
    this.#records.set(role, { id, ...(bytes === undefined ? {} : { bytes }) });
    if (data !== undefined) this.#data.set(role, data);
  };

  /** The compiled programs' ids and memory. */
  get records(): PlanRecords {
    return Object.fromEntries(this.#records);
  }

  /** The choices, those given for programs to come included; undefined where there are none. */
  get data(): Readonly<Record<string, PlanData>> | undefined {
    return this.#data.size === 0 ? undefined : Object.fromEntries(this.#data);
  }
}

/** A run's trainer and its plans. */
export interface RunPrograms {
  /** Its programs are compiled. */
  readonly trainer: Trainer;
  readonly plans: RunPlans;
}

interface TrainerParts {
  readonly model: ImageClassifier;
  readonly recipe: Recipe;
  readonly opened: OpenDevice;
}

/**
 * A trainer with all its programs compiled, where the run begins or resumes.
 * @param images number of training images
 * @throws BackendError when the device cannot compile them
 */
export async function makeTrainer(
  { model, recipe, opened }: TrainerParts,
  { batchSize, microBatchSize, seed }: RunOptions,
  images: number,
  values: Tensors = initialize(stateOf(model).parameters, recipe.initializer, seed),
  plans: RunPlans = new RunPlans(),
): Promise<RunPrograms> {
  const trainer = await Trainer.create({
    model,
    device: opened.device,
    optimizer: recipe.optimizer,
    values,
    seed,
    plans: plans.given,
    onProgram: plans.add,
    ...(microBatchSize === null ? {} : { microBatchSize }),
  });
  try {
    const sizes = [Math.min(batchSize, images), images % batchSize];
    for (const size of sizes) if (size > 0) await trainer.prepare(size);
    return { trainer, plans };
  } catch (error) {
    await trainer[Symbol.asyncDispose]();
    throw error;
  }
}

/**
 * As {@link makeTrainer}, where a run was saved, and by the plans that it was saved with if they are this device's.
 * @throws BackendError `PLAN` when the device cannot make them again
 */
export async function restoreTrainer(
  parts: TrainerParts,
  options: RunOptions,
  images: number,
  {
    folder,
    saved,
    plans,
  }: { folder: RunFolder; saved: SavedState | undefined; plans: SavedPlans | undefined },
): Promise<RunPrograms> {
  const { backend, device } = parts.opened;
  const fits = plans?.backend === backend && plans.device === device.info.id;
  const given = new RunPlans(fits ? plans.plans : undefined);
  try {
    return await makeTrainer(parts, options, images, saved?.values, given);
  } catch (error) {
    throw isPlanError(error) ? folder.planError(backend, error) : error;
  }
}

/** Whether a device refused to make a saved plan again. */
export function isPlanError(error: unknown): error is BackendError {
  return error instanceof BackendError && error.code === 'PLAN';
}
