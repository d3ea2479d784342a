// What stops a download: an AbortSignal, in a type that needs neither lib.dom nor @types/node.

/** An AbortSignal, as far as its users' types need to know it. */
export interface StopSignal {
  readonly aborted: boolean;
  throwIfAborted(): void;
}
