// The context of a command: its tables of backends and models, the working directory, and the outside world.
import type { Check } from '@isonet/conformance';
import type { BackendEntry, ModelEntry, RunContext } from '@isonet/runs';
import type { Io } from './io.ts';

/** The names that the command line accepts. Tests pass their own tables. */
export interface Tables {
  readonly backends: readonly BackendEntry[];
  readonly models: readonly ModelEntry[];
  /** Default: the whole conformance suite. */
  readonly checks?: () => readonly Check[];
  /**
   * The command that runs isonet as a benchmark candidate: a program and its first arguments. It uses the same tables.
   * Default: candidate.ts.
   */
  readonly candidate?: readonly string[];
}

/** The context of a command. Its `cwd` is that of `io`. */
export interface Context extends Tables, RunContext {
  readonly io: Io;
}
