// The type of a download's stop signal: an AbortSignal, without depending on lib.dom or @types/node.

/** The part of AbortSignal that users' types need. */
export interface StopSignal {
  readonly aborted: boolean;
  throwIfAborted(): void;
}
