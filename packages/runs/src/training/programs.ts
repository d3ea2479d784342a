// The programs of a run: compiled before its first step, so that their plans are known, and kept track of as more come.
import type {
  ImageClassifier,
  ModelState,
  ParameterRule,
  PlanData,
  Program,
  Task,
  Tensors,
  TrainerOptions,
} from '@isonet/core';
import { BackendError, DataError, defined, stateOf, Trainer } from '@isonet/core';
import type { OpenDevice } from '../devices/open.ts';
import type { RunOptions } from '../folder/options.ts';
import type { RunFolder } from '../folder/runFolder.ts';
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

  /** Call with each program that is compiled. */
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

/** Parameters that a run may treat in a way of their own, by name. */
export interface OwnParameters {
  /** Of a new head. */
  readonly head: readonly string[] | undefined;
  /** Of the batch norm of an ONNX file. */
  readonly norms?: readonly string[] | undefined;
}

/** What a run trains, how, and on what. */
export interface TrainerParts extends OwnParameters {
  readonly model: ImageClassifier;
  readonly task: Task;
  readonly recipe: Recipe;
  readonly opened: OpenDevice;
}

/** What a run's trainer and its `fit` are both given: the same, or the trainer would not be the one that `fit` makes. */
export function trainerOptions(
  { model, task, recipe, opened, head, norms }: TrainerParts,
  options: RunOptions,
): Omit<TrainerOptions, 'values'> {
  const { microBatchSize, seed, average, clipNorm } = options;
  return {
    model,
    task,
    device: opened.device,
    optimizer: recipe.optimizer,
    seed,
    parameters: parameterRules(options, { head, norms }),
    ...(microBatchSize === null ? {} : { microBatchSize }),
    ...(average === null ? {} : { movingAverage: { decay: average } }),
    ...(clipNorm === null ? {} : { clipNorm }),
  };
}

/**
 * What a run's model is made of.
 * @param refusal makes the error for a pattern of `freeze` that matches no parameter, or patterns that match all
 */
export function stateOfRun(
  model: ImageClassifier,
  options: RunOptions,
  own: OwnParameters,
  refusal: (problem: string) => Error,
): ModelState {
  try {
    return stateOf(model, parameterRules(options, own));
  } catch (error) {
    throw error instanceof DataError && error.code === 'PARAMETER_RULE' ? refusal(error.message) : error;
  }
}

function parameterRules(
  { freeze, freezeBody, bodyLr, batchStatistics }: RunOptions,
  { head, norms = [] }: OwnParameters,
): readonly ParameterRule[] {
  const frozen = { frozen: true, ...(batchStatistics === null ? {} : { batchStatistics }) } as const;
  return [
    ...(batchStatistics === 'frozen' && norms.length > 0 ? [{ match: oneOf(norms), ...frozen }] : []),
    ...(bodyLr === null ? [] : [{ match: bodyOf(head), lrFactor: bodyLr }]),
    ...(freezeBody ? [{ match: bodyOf(head), ...frozen }] : []),
    ...freeze.map((match) => ({ match, ...frozen })),
  ];
}

/** Everything but the head. */
function bodyOf(head: readonly string[] | undefined): RegExp {
  return new RegExp(`^(?!(?:${patternOf(defined(head, 'the parameters of a new head'))})$)`);
}

function oneOf(names: readonly string[]): RegExp {
  return new RegExp(`^(?:${patternOf(names)})$`);
}

function patternOf(names: readonly string[]): string {
  return names.map((name) => name.replaceAll(/[\\^$.*+?()[\]{}|/-]/g, String.raw`\$&`)).join('|');
}

/**
 * A trainer with all its programs compiled, where the run begins or resumes.
 * @param images number of training images
 * @throws BackendError when the device cannot compile them
 */
export async function makeTrainer(
  parts: TrainerParts,
  options: RunOptions,
  images: number,
  values: Tensors,
  plans: RunPlans = new RunPlans(),
): Promise<RunPrograms> {
  const { batchSize } = options;
  const trainer = await Trainer.create({
    ...trainerOptions(parts, options),
    values,
    plans: plans.given,
    onProgram: plans.add,
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
 * As {@link makeTrainer}, by the plans that the run was saved with if they are this device's.
 * @throws BackendError `PLAN` when the device cannot make them again
 */
export async function restoreTrainer(
  parts: TrainerParts,
  options: RunOptions,
  images: number,
  values: Tensors,
  { folder, plans }: { readonly folder: RunFolder; readonly plans: SavedPlans | undefined },
): Promise<RunPrograms> {
  const { backend, device } = parts.opened;
  const fits = plans?.backend === backend && plans.device === device.info.id;
  const given = new RunPlans(fits ? plans.plans : undefined);
  try {
    return await makeTrainer(parts, options, images, values, given);
  } catch (error) {
    throw isPlanError(error) ? folder.planError(backend, error) : error;
  }
}

/** Whether a device refused to make a saved plan again. */
export function isPlanError(error: unknown): error is BackendError {
  return error instanceof BackendError && error.code === 'PLAN';
}
