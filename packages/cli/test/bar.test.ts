// Tests that the bar is redrawn in place, even if the width of the terminal changes, and that it leaves nothing behind.
import { expect, it, vi } from 'vitest';
import type { Io } from '../src/io.ts';
import { canRedraw } from '../src/io.ts';
import { Bar } from '../src/show/bar.ts';
import { widthOf } from '../src/show/width.ts';
import { makeIo } from './helpers.ts';

const TEXT = { before: 'epoch 1/3', after: 'loss 2.3026  3:05 left', width: 40 };

/** A terminal whose width changes. */
function terminal(): {
  readonly io: Io;
  readonly resize: (columns: number) => void;
  readonly drawn: () => readonly string[];
  readonly listeners: Set<() => void>;
} {
  const listeners = new Set<() => void>();
  const { io, stderr } = makeIo('.', { isTTY: true });
  let columns = 80;
  const resizable: Io = {
    ...io,
    get columns() {
      return columns;
    },
    onResize: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
  return {
    io: resizable,
    listeners,
    resize: (to) => {
      columns = to;
      for (const listener of listeners) listener();
    },
    // Each line is drawn with wrapping off, and wrapping is on again after it.
    drawn: () =>
      stderr.text
        .split('\r\u001b[J')
        .slice(1)
        .map((line) => line.replace('\u001b[?7l', '').replace('\u001b[?7h\r', '\r')),
  };
}

it('is redrawn from the start of the line, where the cursor stays', () => {
  const { io, drawn } = terminal();
  const bar = new Bar(io);
  bar.show(TEXT, { done: 1, all: 4 });
  bar.close();
  expect(drawn()).toEqual([
    `epoch 1/3 ${'█'.repeat(10)}${'░'.repeat(30)} 1/4  loss 2.3026  3:05 left`.slice(0, 79) + '\r',
    '',
  ]);
});

it('is one column narrower than the terminal, and is redrawn when the width changes', () => {
  const { io, resize, drawn, listeners } = terminal();
  const bar = new Bar(io);
  bar.show(TEXT, { done: 1, all: 4 });
  for (const columns of [60, 20, 1, 120]) resize(columns);
  expect(drawn().map((line) => widthOf(line.replace('\r', '')))).toEqual([78, 58, 19, 0, 78]);
  bar.close();
  resize(50);
  expect(drawn()).toHaveLength(6);
  expect(listeners.size).toBe(0);
});

it('counts wide characters as two columns, and escapes controls', () => {
  const { io, resize, drawn } = terminal();
  const bar = new Bar(io);
  bar.show({ ...TEXT, before: '日本語\u001b[31m' }, { done: 1, all: 4 });
  resize(6);
  expect(drawn().at(-1)).toBe('日本\r');
  resize(16);
  expect(drawn().at(-1)).toBe('日本語\\x1b[31m \r');
});

it('is drawn at most ten times a second', () => {
  vi.useFakeTimers();
  const { io, drawn } = terminal();
  const bar = new Bar(io);
  for (let done = 1; done <= 4; done++) {
    bar.show(TEXT, { done, all: 4 });
    vi.advanceTimersByTime(50);
  }
  vi.useRealTimers();
  expect(drawn()).toHaveLength(2);
});

it('is for terminals that can redraw', () => {
  const { io } = makeIo('.', { isTTY: true });
  expect(canRedraw({ ...io, env: { TERM: 'dumb' } })).toBe(false);
  expect(canRedraw({ ...io, env: { TERM: 'xterm' } })).toBe(true);
  expect(canRedraw({ ...io, isTTY: false })).toBe(false);
});
