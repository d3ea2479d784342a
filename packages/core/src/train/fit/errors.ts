// Errors that end training early. Each holds a checkpoint for the option `resume` of another `fit`.
import { DeviceLostError, NonFiniteError } from '../../errors.ts';
import type { Checkpoint } from './options.ts';

/** The device was lost and could not be reopened. */
export class TrainingLostError extends DeviceLostError {
  override readonly name: string = 'TrainingLostError';
  /** The last snapshot. */
  readonly checkpoint: Checkpoint;
  constructor(message: string, checkpoint: Checkpoint, options?: ErrorOptions) {
    super(message, options);
    this.checkpoint = checkpoint;
  }
}

/**
 * A step or an evaluation was not finite. Resuming with the same options would repeat the failure; first
 * change them, e.g. lower the learning rate.
 */
export class TrainingHaltedError extends NonFiniteError {
  override readonly name: string = 'TrainingHaltedError';
  /** The state before the failing step. */
  readonly checkpoint: Checkpoint;
  constructor({ message, origin }: NonFiniteError, checkpoint: Checkpoint) {
    super(message, origin);
    this.checkpoint = checkpoint;
  }
}
