// A progress bar on a terminal, with figures next to it. It disappears when it is closed.
import type { Io } from '../io.ts';
import { visible } from './visible.ts';
import { cutTo } from './width.ts';

/** The text before and after the bar. */
export interface BarText {
  readonly before: string;
  /** The text after `done/all`. */
  readonly after: string;
  /** The maximum width of all the text, in columns. It keeps the bar's length constant while the figures change. */
  readonly width: number;
}

/** The progress. */
export interface BarPlace {
  readonly done: number;
  readonly all: number;
}

const [LEAST, MOST] = [4, 40] as const;
/** The shortest time between two redraws: more than ten redraws per second would not help the reader. */
const REDRAW_MS = 100;
/** Moves to the start of the line and erases everything after it. */
const ERASE = '\r\u001b[J';
/**
 * Written around the line, in one write: a terminal that has become narrower without reporting it yet cuts the line instead of
 * wrapping it. A killed process leaves wrapping switched on.
 */
const [NO_WRAP, WRAP] = ['\u001b[?7l', '\u001b[?7h'] as const;

/**
 * A line on stderr that is redrawn in place.
 *
 * The cursor waits at the start of the line, not at its end. A terminal that becomes narrower wraps or cuts the line, and a program
 * cannot tell which. With the cursor at the start, a single erase removes the whole line, including what the terminal has echoed, such as
 * `^C`, and nothing above it.
 */
export class Bar {
  readonly #io: Io;
  #shown: { readonly text: BarText; readonly place: BarPlace; readonly at: number } | undefined;
  #stopListening: (() => void) | undefined;

  constructor(io: Io) {
    this.#io = io;
  }

  show(text: BarText, place: BarPlace): void {
    const now = Date.now();
    if (this.#shown && now - this.#shown.at < REDRAW_MS) return;
    this.#stopListening ??= this.#io.onResize(() => this.#draw());
    this.#shown = { text, place, at: now };
    this.#draw();
  }

  close(): void {
    if (this.#shown) this.#io.stderr.write(ERASE);
    this.#shown = undefined;
    this.#stopListening?.();
    this.#stopListening = undefined;
  }

  #draw(): void {
    if (!this.#shown) return;
    const { text, place } = this.#shown;
    this.#io.stderr.write(`${ERASE}${NO_WRAP}${barLine(text, place, this.#io.columns)}${WRAP}\r`);
  }
}

/** Formats the line. Leaves the last column empty, because some terminals wrap the cursor after it. */
function barLine({ before, after, width }: BarText, { done, all }: BarPlace, columns: number): string {
  const size = Math.min(MOST, Math.max(LEAST, columns - width));
  const full = Math.floor((size * done) / Math.max(all, 1));
  const bar = '\u2588'.repeat(full) + '\u2591'.repeat(size - full);
  return cutTo(visible(`${before} ${bar} ${done}/${all}  ${after}`), Math.max(0, columns - 1));
}
