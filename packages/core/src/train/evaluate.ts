// Evaluation and prediction on frozen weights.
import type { Device, Program, State } from '../backend.ts';
import { BackendError } from '../errors.ts';
import type { Tensor } from '../tensor.ts';
import type { Dataset } from './batches.ts';
import { batches } from './batches.ts';
import { letEventsRun } from './events.ts';
import { correctCount, crossEntropySum } from './metrics.ts';
import type { Model } from './model.ts';
import { forward } from './model.ts';

export interface EvaluateOptions {
  readonly model: Model;
  readonly device: Device;
  readonly state: State;
  readonly data: Dataset;
  /** Default 256. */
  readonly batchSize?: number;
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
}

/** Runs the model over all data, nothing dropped out, with the state's weights as they are now. */
export async function evaluate(options: EvaluateOptions): Promise<Evaluation> {
  const { data, batchSize = 256, onBatch } = options;
  const predictor = new Predictor(options);
  try {
    let correct = 0;
    let lossSum = 0;
    let count = 0;
    for (const { images, labels } of batches(data, { batchSize })) {
      const logits = await predictor.logits(images);
      correct += correctCount(logits, labels);
      lossSum += crossEntropySum(logits, labels);
      count += labels.data.length;
      onBatch?.(count);
      await letEventsRun();
    }
    return { loss: lossSum / count, accuracy: correct / count, correct, count };
  } finally {
    await predictor[Symbol.asyncDispose]();
  }
}

/** Forward programs, one per batch size, over weights frozen when each was first needed. */
export class Predictor implements AsyncDisposable {
  readonly #model: Model;
  readonly #device: Device;
  readonly #state: State;
  readonly #programs = new Map<number, Program>();

  constructor({ model, device, state }: Pick<EvaluateOptions, 'model' | 'device' | 'state'>) {
    this.#model = model;
    this.#device = device;
    this.#state = state;
  }

  /** `images: float32 [N, C, H, W] -> [N, classes]` */
  async logits(images: Tensor): Promise<Tensor> {
    const batch = images.shape[0] ?? 0;
    const known = this.#programs.get(batch);
    const { graph } = known ?? forward(this.#model, batch);
    const program = known ?? (await this.#device.compile(graph, { frozen: this.#state }));
    this.#programs.set(batch, program);
    const { logits } = await program.run(this.#state, { images }).read(['logits']);
    if (!logits) throw new BackendError('OUTPUT', `${graph.name}: the run gave no logits`);
    return logits;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const program of this.#programs.values()) await program[Symbol.asyncDispose]();
    this.#programs.clear();
  }
}
