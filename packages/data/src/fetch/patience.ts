// The timeouts and retries of a download.

/** The timeouts and retries of a download; tests use shorter ones. */
export interface Patience {
  /** The number of consecutive retries of a mirror that sends nothing new. */
  readonly retries: number;
  /** The pause before the first retry; each further pause is longer by the same amount. */
  readonly pauseMs: number;
  /** How long a connection may be silent before it is closed. */
  readonly silenceMs: number;
}

export const PATIENCE: Patience = { retries: 3, pauseMs: 1000, silenceMs: 30_000 };
