// Compiles the programs of a run before its first step, so that their plans are known, and tracks programs that are
// compiled later.
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

/** Collects the plans of a run by role, as its programs are compiled. */
export class RunPlans {
  /** The saved plans that the device reproduces. */
  readonly given: Readonly<Record<string, PlanData>> | undefined;
  readonly #records = new Map<string, PlanRecord>();
  readonly #data = new Map<string, PlanData>();

  constructor(given?: Readonly<Record<string, PlanData>>) {
    this.given = given;
    if (given) for (const [role, data] of Object.entries(given)) this.#data.set(role, data);
  }

  /** Adds a compiled program. Call it for every program. */
  readonly add = (role: string, { plan: { id, data }, bytes }: Program): void => {
    this.#records.set(role, { id, ...(bytes === undefined ? {} : { bytes }) });
    if (data !== undefined) this.#data.set(role, data);
  };

  /** The plan ids and the memory of the compiled programs. */
  get records(): PlanRecords {
    return Object.fromEntries(this.#records);
  }

  /** The plans, including those given for programs that are not compiled yet; undefined if there are none. */
  get data(): Readonly<Record<string, PlanData>> | undefined {
    return this.#data.size === 0 ? undefined : Object.fromEntries(this.#data);
  }
}

/** A run's trainer and its plans. */
export interface RunPrograms {
  /** The trainer, with its programs compiled. */
  readonly trainer: Trainer;
  readonly plans: RunPlans;
}

/** Parameters that a run may treat differently from the others, by name. */
export interface OwnParameters {
  /** The parameters of a new head. */
  readonly head: readonly string[] | undefined;
  /** The batch norm parameters of an ONNX file. */
  readonly norms?: readonly string[] | undefined;
}

/** The model of a run, its task and recipe, and its device. */
export interface TrainerParts extends OwnParameters {
  readonly model: ImageClassifier;
  readonly task: Task;
  readonly recipe: Recipe;
  readonly opened: OpenDevice;
}

/**
 * Builds the options that the trainer of a run and `fit` share. With different options, `fit` could not use that
 * trainer.
 */
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
 * Returns the parameters and buffers of a run's model.
 * @param refusal builds the error for a pattern of `freeze` that matches no parameter, or for patterns that match all
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

/** Builds a pattern that matches everything but the head. */
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
 * Creates a trainer with all its programs compiled, at the point where the run starts or resumes.
 * @param images the number of training images
 * @throws BackendError if the device cannot compile them
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
 * Creates a trainer as {@link makeTrainer} does, with the saved plans of the run if they belong to this device.
 * @throws BackendError `PLAN` if the device cannot reproduce them
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

/** Returns whether a device failed to reproduce a saved plan. */
export function isPlanError(error: unknown): error is BackendError {
  return error instanceof BackendError && error.code === 'PLAN';
}
