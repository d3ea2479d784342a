// Trainings that end early. Each error holds a checkpoint, which `resume` of another `fit` takes.
import { DeviceLostError, NonFiniteError } from '../../errors.ts';
import type { Checkpoint } from './options.ts';

/** The device went away and was not opened again. */
export class TrainingLostError extends DeviceLostError {
  override readonly name: string = 'TrainingLostError';
  /** The last snapshot. */
  readonly checkpoint: Checkpoint;
  constructor(message: string, checkpoint: Checkpoint, options?: ErrorOptions) {
    super(message, options);
    this.checkpoint = checkpoint;
  }
}

/** A step, or an evaluation, was not finite. Resuming unchanged repeats it: lower the learning rate, for example. */
export class TrainingHaltedError extends NonFiniteError {
  override readonly name: string = 'TrainingHaltedError';
  /** The state before that step. */
  readonly checkpoint: Checkpoint;
  constructor({ message, origin }: NonFiniteError, checkpoint: Checkpoint) {
    super(message, origin);
    this.checkpoint = checkpoint;
  }
}
