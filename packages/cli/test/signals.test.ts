// Tests the rule for the second Ctrl-C with fake timers.
import { EventEmitter } from 'node:events';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { StopSignal } from '../src/io.ts';
import { onInterrupt } from '../src/signals.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** Listens on a fake process, and records signals and exit codes. */
function listening(announced = true): {
  readonly source: EventEmitter;
  /** The signals that the listener received, and the exit codes of the process. */
  readonly seen: readonly (StopSignal | number)[];
  /** Sends a signal, and lets promises resolve. */
  readonly send: (signal: StopSignal) => Promise<void>;
  readonly stop: () => void;
} {
  const source = new EventEmitter();
  const seen: (StopSignal | number)[] = [];
  const stop = onInterrupt(source, (signal) => void seen.push(signal), {
    announced: () => Promise.resolve(announced),
    leave: (code) => void seen.push(code),
  });
  const send = async (signal: StopSignal): Promise<void> => {
    source.emit(signal, signal);
    await vi.advanceTimersByTimeAsync(0);
  };
  return { source, seen, send, stop };
}

describe('a second Ctrl-C', () => {
  it('counts after the announcement of the first has been visible for a second', async () => {
    const { seen, send } = listening();
    await send('SIGINT');
    await vi.advanceTimersByTimeAsync(999);
    await send('SIGINT');
    expect(seen).toEqual(['SIGINT']);
    await vi.advanceTimersByTimeAsync(1);
    await send('SIGINT');
    expect(seen).toEqual(['SIGINT', 130]);
  });

  it('does not count if both waited for a step to end, however long the next step takes', async () => {
    const { source, seen, send } = listening();
    source.emit('SIGINT', 'SIGINT');
    await send('SIGINT');
    // A step that blocks the thread delays the timer that is due, however long it takes.
    await vi.runOnlyPendingTimersAsync();
    await send('SIGINT');
    expect(seen).toEqual(['SIGINT']);
    for (let beat = 2; beat <= 10; beat++) await vi.runOnlyPendingTimersAsync();
    await send('SIGINT');
    expect(seen).toEqual(['SIGINT', 130]);
  });

  it('never counts if the announcement could not be written, as in a closed window', async () => {
    const { seen, send } = listening(false);
    await send('SIGHUP');
    await vi.advanceTimersByTimeAsync(60_000);
    await send('SIGINT');
    expect(seen).toEqual(['SIGHUP']);
  });

  it('must be a Ctrl-C, not another signal', async () => {
    const { seen, send } = listening();
    await send('SIGTERM');
    await vi.advanceTimersByTimeAsync(60_000);
    await send('SIGTERM');
    await send('SIGHUP');
    expect(seen).toEqual(['SIGTERM']);
    await send('SIGINT');
    expect(seen).toEqual(['SIGTERM', 130]);
  });
});

it('leaves no timer and no listener after it stops', async () => {
  const { source, send, stop } = listening();
  await send('SIGINT');
  stop();
  expect(vi.getTimerCount()).toBe(0);
  expect(source.eventNames()).toEqual([]);
});
