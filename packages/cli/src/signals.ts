// Decides which signal counts as a second Ctrl-C. The first Ctrl-C always saves. The second ends the process, so it must come from a
// person who has had time to read that the first was received.
//
// npm forwards the Ctrl-C of its terminal to its child process, which has already received it from the terminal: two signals, 0.6 ms
// apart. And a person who sees nothing happen, because a step blocks this thread, presses Ctrl-C again; both signals then arrive
// together.
import type { StopSignal } from './io.ts';
import { EXIT_CODES } from './io.ts';

/** How long an announcement must have been visible before another Ctrl-C counts: a second, in beats of the event loop. */
const BEATS = 10;
/**
 * The length of a beat, in milliseconds. Node delivers a signal between two turns of the event loop, no matter how long
 * ago it was sent. So time is counted in beats: a step that blocks the thread for a minute counts as one beat, and a
 * signal that was sent right after the first does not count as a second.
 */
const BEAT_MS = 100;

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const satisfies readonly StopSignal[];

/** The part of the process that {@link onInterrupt} needs. */
export interface SignalSource {
  on(signal: StopSignal, listener: (signal: StopSignal) => void): unknown;
  off(signal: StopSignal, listener: (signal: StopSignal) => void): unknown;
}

/** The functions that wait for the announcement of a stop and that end the process. */
export interface Announcing {
  /** Resolves once everything is written: to false if writing failed, else to true. */
  readonly announced: () => Promise<boolean>;
  readonly leave: (exitCode: number) => void;
}

/**
 * Calls `listener` at the first signal. A later Ctrl-C ends the process, but only if the text that the listener wrote has been
 * visible for a second. Other signals come from programs, which can send SIGKILL to force an exit.
 * @returns a function that stops listening
 */
export function onInterrupt(
  source: SignalSource,
  listener: (signal: StopSignal) => void,
  { announced, leave }: Announcing,
): () => void {
  let isFirst = true;
  let wasRead = false;
  let timer: NodeJS.Timeout | undefined;
  const count = (beats: number): void => {
    if (beats === 0) {
      wasRead = true;
      return;
    }
    timer = setTimeout(() => count(beats - 1), BEAT_MS);
    // The timer must not keep a process alive that has finished saving.
    timer.unref();
  };
  let isListening = true;
  const announce = async (signal: StopSignal): Promise<void> => {
    listener(signal);
    if ((await announced()) && isListening) count(BEATS);
  };
  const onSignal = (signal: StopSignal): void => {
    if (isFirst) {
      isFirst = false;
      void announce(signal);
    } else if (wasRead && signal === 'SIGINT') {
      leave(EXIT_CODES.SIGINT);
    }
  };
  for (const signal of SIGNALS) source.on(signal, onSignal);
  return () => {
    isListening = false;
    clearTimeout(timer);
    for (const signal of SIGNALS) source.off(signal, onSignal);
  };
}
