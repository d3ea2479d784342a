// The rule of the second Ctrl-C. One of them saves, always; so what counts as another has to come from a person who has read
// that the first was heard.
//
// npm hands the Ctrl-C of its terminal on to what it runs, which has already had it from the terminal: two signals, 0.6 ms apart.
// A person who sees nothing happen, because a step blocks this thread, presses again; both then arrive together.
import type { StopSignal } from './io.ts';
import { EXIT_CODES } from './io.ts';

/** How long an announcement has to have been there before another Ctrl-C counts: a second, in beats of the event loop. */
const BEATS = 10;
/**
 * The length of a beat, in milliseconds. A signal is heard between two turns of the event loop, however long ago it was sent. So
 * time is counted in beats: a step that blocks the thread for a minute is worth one, and does not make a signal old enough
 * that was sent right after the first.
 */
const BEAT_MS = 100;

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const satisfies readonly StopSignal[];

/** What {@link onInterrupt} needs of the process. */
export interface SignalSource {
  on(signal: StopSignal, listener: (signal: StopSignal) => void): unknown;
  off(signal: StopSignal, listener: (signal: StopSignal) => void): unknown;
}

/** Where an announcement goes, and how a process is ended in the middle of its work. */
export interface Announcing {
  /** Resolves once all is written; false where it could not be. */
  readonly announced: () => Promise<boolean>;
  readonly leave: (exitCode: number) => void;
}

/**
 * Calls `listener` at the first signal. After that a Ctrl-C ends the process, but only where what the listener has written was there
 * to read for a second. Other signals come from programs, which send SIGKILL to force it.
 * @returns what stops listening
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
    // What is saved by then need not wait for it.
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
