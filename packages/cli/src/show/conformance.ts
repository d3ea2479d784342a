// Shows the progress of a conformance run: a bar on a terminal, else a line now and then.
import type { Outcome, Report, RunProgress } from '@isonet/conformance';
import { isWrong, statuses, statusTexts } from '@isonet/conformance';
import { counted } from '@isonet/runs';
import type { Io } from '../io.ts';
import { canRedraw, printLine, printNote } from '../io.ts';
import { Bar } from './bar.ts';
import { countOf } from './counts.ts';
import { clock, count } from './text.ts';
import { cutTo } from './width.ts';

/** Shows the progress of a conformance run. */
export interface ConformanceView {
  /** Called before the checks of a device. */
  begin(name: string): void;
  check(outcome: Outcome, progress: RunProgress): void;
  /** Called after the checks of a device. */
  end(report: Report): void;
  /** Announces that the run stops soon. Nothing is drawn over the announcement. */
  stopping(text: string): void;
  close(): void;
}

/** The longest time without a line, if there is no terminal. */
const QUIET_SECONDS = 15;
/** The width of the key next to the bar, in columns. */
const KEY_WIDTH = 26;
const BAR_WIDTH = 64;

/** Creates a view: a bar on a terminal, else lines. */
export function conformanceView(io: Io, { json }: { readonly json: boolean }): ConformanceView {
  return canRedraw(io) && !json ? new BarView(io) : new LinesView(io, json);
}

class LinesView implements ConformanceView {
  readonly #io: Io;
  readonly #json: boolean;
  #name = '';
  #wrong = 0;
  #printedAt = Date.now();

  constructor(io: Io, json: boolean) {
    this.#io = io;
    this.#json = json;
  }

  begin(name: string): void {
    this.#name = name;
    this.#wrong = 0;
    this.#printedAt = Date.now();
  }

  check({ status }: Outcome, { done, all, next }: RunProgress): void {
    if (isWrong(status)) this.#wrong++;
    if (Date.now() - this.#printedAt < QUIET_SECONDS * 1000 || next === undefined) return;
    this.#printedAt = Date.now();
    printNote(
      this.#io,
      `${this.#name}: ${count(done)} of ${counted(all, 'check')}, ${this.#wrong} unexpected, now ${next}`,
    );
  }

  end(report: Report): void {
    if (!this.#json) printLine(this.#io, doneLine(report));
  }

  stopping(text: string): void {
    printNote(this.#io, text);
  }

  close(): void {
    // Lines need no cleanup.
  }
}

class BarView implements ConformanceView {
  readonly #io: Io;
  readonly #bar: Bar;
  #name = '';
  #wrong = 0;
  #isStopping = false;

  constructor(io: Io) {
    this.#io = io;
    this.#bar = new Bar(io);
  }

  begin(name: string): void {
    this.#name = name;
    this.#wrong = 0;
  }

  check({ status }: Outcome, { done, all, next = '' }: RunProgress): void {
    if (isWrong(status)) this.#wrong++;
    if (this.#isStopping) return;
    const after = `${this.#wrong} unexpected  ${cutTo(next, KEY_WIDTH)}`;
    this.#bar.show({ before: this.#name, after, width: BAR_WIDTH }, { done, all });
  }

  end(report: Report): void {
    this.close();
    printLine(this.#io, doneLine(report));
  }

  stopping(text: string): void {
    this.#isStopping = true;
    this.close();
    printNote(this.#io, text);
  }

  close(): void {
    this.#bar.close();
  }
}

/** Formats the result of a device: `onnx (cpu): 842 checks in 0:31, 840 passed, 2 skipped` */
function doneLine(report: Report): string {
  const { name, native, decomposed, seconds, interrupted, reopened } = report;
  const counts = statuses.flatMap((status) => {
    const n = countOf(report, status);
    return n === 0 ? [] : [`${count(n)} ${statusTexts[status]}`];
  });
  const all = `${counted(native.all + decomposed.all, 'check')} in ${clock(seconds)}`;
  const stopped = interrupted ? ['stopped early'] : [];
  const again = reopened.length > 0 ? [`the device was reopened ${counted(reopened.length, 'time')}`] : [];
  return `${name}: ${[all, ...counts, ...stopped, ...again].join(', ')}`;
}
