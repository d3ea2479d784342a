// Devices that go away while they train.
import { DeviceLostError } from '../../errors.ts';
import type { Checkpoint } from './options.ts';

/** The device went away and was not opened again. `resume` of another `fit` takes the checkpoint. */
export class TrainingLostError extends DeviceLostError {
  /** The last snapshot. */
  readonly checkpoint: Checkpoint;
  constructor(message: string, checkpoint: Checkpoint, options?: ErrorOptions) {
    super(message, options);
    this.checkpoint = checkpoint;
  }
}

/** Whether an error, or what caused it, is that the device went away. */
export function isLost(error: unknown): boolean {
  if (error instanceof DeviceLostError) return true;
  return error instanceof Error && error.cause !== undefined && isLost(error.cause);
}
