// What the threads say to each other.
import { DataError, messageOf } from '@isonet/core';
import type { Answer, Job } from './job.ts';

/** To a worker: a job, or undefined where there will be none. */
export interface Request {
  readonly id: number;
  readonly job: Job;
}

/** From a worker. */
export type Reply =
  { readonly id: number; readonly answer: Answer } | { readonly id: number; readonly error: Failure };

/** An error as a message. */
export interface Failure {
  /** Of a DataError. */
  readonly code?: string;
  readonly message: string;
}

/** An error as a message. */
export function failureOf(error: unknown): Failure {
  const message = messageOf(error);
  return error instanceof DataError ? { code: error.code, message } : { message };
}

/** The error again. */
export function errorOf({ code, message }: Failure): Error {
  return code === undefined ? new Error(message) : new DataError(code, message);
}
