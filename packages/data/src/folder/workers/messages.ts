// The messages between the main thread and the workers.
import { DataError, messageOf } from '@isonet/core';
import type { Answer, Job } from './job.ts';

/** A message to a worker. Sending undefined instead stops the worker. */
export interface Request {
  readonly id: number;
  readonly job: Job;
}

/** A message from a worker. */
export type Reply =
  { readonly id: number; readonly answer: Answer } | { readonly id: number; readonly error: Failure };

/** An error in a message. */
export interface Failure {
  /** The code of a DataError. */
  readonly code?: string;
  readonly message: string;
}

/** Converts an error to a message. */
export function failureOf(error: unknown): Failure {
  const message = messageOf(error);
  return error instanceof DataError ? { code: error.code, message } : { message };
}

/** Restores the error from a message. */
export function errorOf({ code, message }: Failure): Error {
  return code === undefined ? new Error(message) : new DataError(code, message);
}
