// Evaluation and prediction on frozen weights.
import type { Device, State } from '../backend/contract.ts';
import { outputOf } from '../backend/feeds.ts';
import { ProgramCache } from '../backend/programCache.ts';
import { DataError, defined } from '../errors.ts';
import { dimOf } from '../tensor.ts';
import type { Tensor } from '../tensor.ts';
import type { Dataset } from './batches.ts';
import { batches } from './batches.ts';
import { letEventsRun } from './events.ts';
import type { Confusion } from './metrics.ts';
import { countConfusion, crossEntropySum, topKCount } from './metrics.ts';
import type { Model } from './model.ts';
import { forward } from './model.ts';
import type { RoleOptions } from './roles.ts';
import { compileRole } from './roles.ts';

export interface EvaluateOptions extends RoleOptions {
  readonly model: Model;
  readonly device: Device;
  readonly state: State;
  readonly data: Dataset;
  /** Default 256. */
  readonly batchSize?: number;
  /** Also counts the images whose class is among the `topK` largest logits, see {@link Evaluation.topKAccuracy}. */
  readonly topK?: number;
  /** Called after each batch with the images done so far; what it throws ends the evaluation. */
  readonly onBatch?: (done: number) => void;
}

export interface Evaluation {
  /** Mean cross-entropy. */
  readonly loss: number;
  /** Correct / count, in 0..1. */
  readonly accuracy: number;
  readonly correct: number;
  readonly count: number;
  /** How often which class was taken for which; `perClass` has what follows from it. */
  readonly confusion: Confusion;
  /** When `topK` is given: images whose class is among the k largest logits / count, in 0..1. */
  readonly topKAccuracy?: number;
}

/**
 * Runs the model over all data, nothing dropped out, with the state's weights as they are now.
 * @throws DataError `TOP_K` when `topK` is no whole number from 1 to the number of classes, `LABEL` for a label that is no
 * class
 */
export async function evaluate(options: EvaluateOptions): Promise<Evaluation> {
  const { data, batchSize = 256, topK, onBatch } = options;
  const { classes } = options.model;
  if (topK !== undefined) checkTopK(topK, classes);
  const predictor = new Predictor(options);
  try {
    const confusion = Array.from({ length: classes }, () => new Array<number>(classes).fill(0));
    let among = 0;
    let lossSum = 0;
    let count = 0;
    for (const { images, labels } of batches(data, { batchSize })) {
      const logits = await predictor.logits(images);
      countConfusion(confusion, logits, labels);
      if (topK !== undefined) among += topKCount(logits, labels, topK);
      lossSum += crossEntropySum(logits, labels);
      count += labels.data.length;
      onBatch?.(count);
      await letEventsRun();
    }
    const correct = confusion.reduce(
      (sum, row, k) => sum + defined(row[k], `the confusion of class ${k}`),
      0,
    );
    const told = { loss: lossSum / count, accuracy: correct / count, correct, count, confusion };
    return topK === undefined ? told : { ...told, topKAccuracy: among / count };
  } finally {
    await predictor[Symbol.asyncDispose]();
  }
}

function checkTopK(topK: number, classes: number): void {
  if (Number.isInteger(topK) && topK >= 1 && topK <= classes) return;
  throw new DataError(
    'TOP_K',
    `evaluate: topK: expected a whole number from 1 to ${classes}, the number of classes, got ${topK}`,
  );
}

export type PredictorOptions = Pick<EvaluateOptions, 'model' | 'device' | 'state'> & RoleOptions;

/** Forward programs, one per batch size, over weights frozen when each was first needed. */
export class Predictor implements AsyncDisposable {
  readonly #model: Model;
  readonly #device: Device;
  readonly #state: State;
  readonly #roles: RoleOptions;
  readonly #programs = new ProgramCache();

  constructor({ model, device, state, ...roles }: PredictorOptions) {
    this.#model = model;
    this.#device = device;
    this.#state = state;
    this.#roles = roles;
  }

  /** `images: float32 [N, C, H, W] -> [N, classes]` */
  async logits(images: Tensor): Promise<Tensor> {
    const batch = dimOf(images.shape, 0);
    const role = `evaluate ${batch}`;
    const program = await this.#programs.get(role, () => {
      const { graph } = forward(this.#model, batch);
      return compileRole(this.#device, role, graph, this.#roles, { frozen: this.#state });
    });
    return outputOf(await program.run(this.#state, { images }).read(['logits']), 'logits');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#programs[Symbol.asyncDispose]();
  }
}
