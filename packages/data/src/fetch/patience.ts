// How long a download waits, and how often it asks again.

/** How patient a download is; tests are less so. */
export interface Patience {
  /** How often a mirror is asked again after it gave nothing new. */
  readonly retries: number;
  /** Before the first of them; each next waits as long again. */
  readonly pauseMs: number;
  /** After which a silent connection is given up. */
  readonly silenceMs: number;
}

export const PATIENCE: Patience = { retries: 3, pauseMs: 1000, silenceMs: 30_000 };
