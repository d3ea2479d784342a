// A bar on a terminal for what is under way, with figures beside it; it leaves nothing behind.
import { SingleBar } from 'cli-progress';
import type { Io } from '../io.ts';

/** What stands beside the bar. */
export interface BarText {
  /** `{bar}`, `{value}`, `{total}` and the figures' names in braces. */
  readonly format: string;
  /** Columns that it takes. */
  readonly width: number;
}

/** A progress bar on stderr, while it is shown. */
export class Bar {
  readonly #io: Io;
  #bar: SingleBar | undefined;

  constructor(io: Io) {
    this.#io = io;
  }

  /** Draws it; the text is taken when it appears. */
  show(text: BarText, done: number, all: number, figures: Readonly<Record<string, string | number>>): void {
    if (this.#bar) {
      this.#bar.update(done, figures);
    } else {
      this.#bar = this.#newBar(text);
      this.#bar.start(all, done, figures);
    }
  }

  close(): void {
    this.#bar?.stop();
    this.#bar = undefined;
  }

  #newBar({ format, width }: BarText): SingleBar {
    return new SingleBar({
      format,
      // cli-progress asks for a whole stream of Node, and writes to it.
      stream: this.#io.stderr as NodeJS.WritableStream,
      barsize: Math.min(40, Math.max(4, this.#io.columns - width)),
      barCompleteChar: '\u2588',
      barIncompleteChar: '\u2591',
      clearOnComplete: true,
      // The bar would switch wrapping off, and a process that is ended at once could not switch it on again.
      linewrap: true,
    });
  }
}
