// Devices that go away while they train, and going on after a loss.
import type { Device } from '../../backend/contract.ts';
import { isLost, messageOf } from '../../errors.ts';
import { TrainingLostError } from './errors.ts';
import type { Tensors } from '../../tensor.ts';
import type { Trainer } from '../trainer.ts';
import type { Checkpoint, FitOptions } from './options.ts';

/** How often a device may be lost without a step in between before it is given up. */
const MOST_LOSSES = 3;

/** Puts checkpoints on devices that are opened again. */
export class Recovery {
  readonly #reopen: FitOptions['reopen'];
  readonly #newTrainer: (device: Device, values: Tensors) => Promise<Trainer>;
  /** Losses of the device since the training last made progress. */
  #losses = 0;

  constructor(
    reopen: FitOptions['reopen'],
    newTrainer: (device: Device, values: Tensors) => Promise<Trainer>,
  ) {
    this.#reopen = reopen;
    this.#newTrainer = newTrainer;
  }

  /** To be called when a step or an epoch is reported for the first time. */
  progressed(): void {
    this.#losses = 0;
  }

  /**
   * Makes a trainer that holds the checkpoint. A device that is lost meanwhile is opened once more.
   * @param lost why it is needed
   * @throws TrainingLostError when the device cannot be opened again, or is lost too often
   */
  async trainer(lost: unknown, checkpoint: Checkpoint): Promise<Trainer> {
    for (let cause = lost; ;) {
      const device = await this.#device(cause, checkpoint);
      try {
        return await this.#newTrainer(device, checkpoint.values);
      } catch (error) {
        if (!isLost(error)) throw error;
        cause = error;
      }
    }
  }

  async #device(lost: unknown, checkpoint: Checkpoint): Promise<Device> {
    const giveUp = (problem: string, cause: unknown): TrainingLostError =>
      new TrainingLostError(
        `${messageOf(lost)}; ${problem}; the last snapshot is of step ${checkpoint.step}`,
        checkpoint,
        { cause },
      );
    if (!this.#reopen) throw giveUp('nothing opens it again: pass reopen, or resume', lost);
    if (++this.#losses > MOST_LOSSES) throw giveUp(`it was lost ${this.#losses} times within a step`, lost);
    try {
      return await this.#reopen();
    } catch (cause) {
      throw giveUp(`it cannot be opened again: ${messageOf(cause)}`, cause);
    }
  }
}
