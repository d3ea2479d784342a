// What a command works with: names that can be typed, a folder, and the world outside.
import type { Check } from '@isonet/conformance';
import type { BackendEntry, ModelEntry, RunContext } from '@isonet/runs';
import type { Io } from './io.ts';

/** What can be named on the command line. Tests bring their own. */
export interface Tables {
  readonly backends: readonly BackendEntry[];
  readonly models: readonly ModelEntry[];
  /** Default: the whole conformance suite. */
  readonly checks?: () => readonly Check[];
  /** The program, with its first arguments, that measures isonet in a benchmark, with the same tables. Default: candidate.ts. */
  readonly candidate?: readonly string[];
}

/** Its `cwd` is the io's. */
export interface Context extends Tables, RunContext {
  readonly io: Io;
}
