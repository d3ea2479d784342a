// What bench/kills.ts and the processes that it kills tell each other: a job as an argument, then JSON lines on stdout.
import type { TrainRequest } from '@isonet/runs';

/** Files whose writing is slowed and told: checkpoints; the other files of a run; either, once its last step is done. */
export type Watched = 'checkpoint' | 'other' | 'end';

/** A training, begun or gone on with in its folder. */
export interface Job {
  /** Absolute. */
  readonly folder: string;
  readonly model: string;
  /** Of a new run: all its settings; of one that is resumed: more epochs, or nothing. */
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
  /** A watched temporary file holds half of its bytes, and will be whole, flushed and renamed in twice the slowing. */
  | { readonly kind: 'writing'; readonly path: string }
  | { readonly kind: 'note'; readonly text: string }
  | { readonly kind: 'done' }
  | { readonly kind: 'refused'; readonly text: string };
