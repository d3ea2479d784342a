// The protocol between bench/kills.ts and the processes that it kills: a job as an argument, then JSON lines on stdout.
import type { TrainRequest } from '@isonet/runs';

/** The files whose writing is slowed down and reported: checkpoints; the other files of a run; all files after its last step. */
export type Watched = 'checkpoint' | 'other' | 'end';

/** A training run to start, or to resume in its folder. */
export interface Job {
  /** An absolute path. */
  readonly folder: string;
  readonly model: string;
  /** For a new run, all its settings; for a resumed one, more epochs or nothing. */
  readonly request: TrainRequest;
  readonly resume: boolean;
  readonly checkpointSeconds: number;
  readonly slowed?: { readonly files: Watched; readonly milliseconds: number };
}

/** Times are in milliseconds since 1970. */
export type Message =
  /** The run is locked and prepared; `step` steps were saved. */
  | { readonly kind: 'ready'; readonly step: number; readonly time: number }
  | { readonly kind: 'step'; readonly step: number; readonly time: number }
  /** Half of a watched temporary file is written; after two pauses it will be complete, flushed and renamed. */
  | { readonly kind: 'writing'; readonly path: string }
  | { readonly kind: 'note'; readonly text: string }
  | { readonly kind: 'done' }
  | { readonly kind: 'refused'; readonly text: string };
