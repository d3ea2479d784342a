// A bar on a terminal for what is under way, with figures beside it; it leaves nothing behind.
import type { Io } from '../io.ts';
import { visible } from './visible.ts';
import { cutTo } from './width.ts';

/** What stands beside the bar. */
export interface BarText {
  readonly before: string;
  /** After `done/all`. */
  readonly after: string;
  /** Columns that all of it takes at most, so that the bar keeps its length while figures change theirs. */
  readonly width: number;
}

/** How far it is. */
export interface BarPlace {
  readonly done: number;
  readonly all: number;
}

const [LEAST, MOST] = [4, 40] as const;
/** Ten times a second is as often as anybody looks. */
const REDRAW_MS = 100;
/** To the start of the line, and everything from there on erased. */
const ERASE = '\r\u001b[J';
/**
 * Around the line, in one write: a terminal that has just become narrower, and has not said so yet, cuts it instead of wrapping it.
 * A process that is ended leaves wrapping on.
 */
const [NO_WRAP, WRAP] = ['\u001b[?7l', '\u001b[?7h'] as const;

/**
 * A line on stderr that is drawn anew in place.
 *
 * The cursor waits at its start, not at its end. A terminal that becomes narrower breaks the line in two, or cuts it, and no program
 * can tell which: from the start, one erasure takes away all of it and nothing above. What the terminal echoes there, as `^C`, goes with it.
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

/** The line, without the last column, beyond which some terminals put the cursor. */
function barLine({ before, after, width }: BarText, { done, all }: BarPlace, columns: number): string {
  const size = Math.min(MOST, Math.max(LEAST, columns - width));
  const full = Math.floor((size * done) / Math.max(all, 1));
  const bar = '\u2588'.repeat(full) + '\u2591'.repeat(size - full);
  return cutTo(visible(`${before} ${bar} ${done}/${all}  ${after}`), Math.max(0, columns - 1));
}
