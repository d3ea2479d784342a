// The cases that random checks draw, and how many. Names no type of fast-check: what the package exports reaches this file.
import type { Case } from '../case/case.ts';

/** The options of random checks. */
export interface RandomOptions {
  /** Cases for each op, default 25: on a device that takes 20 ms for a graph, a second. */
  readonly runs?: number;
  /** Another seed, other cases. */
  readonly seed?: number;
  /** Of a failure that was reported: only that case again. Belongs to one check and its seed. */
  readonly path?: string;
}

/** A case that was drawn, and its geometry in a line. */
export interface Drawn {
  readonly test: Case;
  readonly text: string;
}
