// Shows the progress of a benchmark: a bar on a terminal, else a line per measurement.
import type { BenchProgress } from '@isonet/bench';
import { counted } from '@isonet/runs';
import type { Io } from '../io.ts';
import { canRedraw, printNote } from '../io.ts';
import { Bar } from './bar.ts';
import { clock } from './text.ts';

/** Shows the progress of a benchmark. */
export interface BenchView {
  progress(progress: BenchProgress): void;
  /** Announces that the benchmark stops soon. Nothing is drawn over the announcement. */
  stopping(text: string): void;
  close(): void;
}

/** The width of the text next to the bar, in columns. */
const BAR_WIDTH = 64;

/** Creates a view on stderr. With --json, it shows only that the benchmark stops. */
export function benchView(io: Io, { json }: { readonly json: boolean }): BenchView {
  const bar = canRedraw(io) && !json ? new Bar(io) : undefined;
  let [lastPrinted, isStopping] = [0, false];
  return {
    progress: (progress) => {
      if (isStopping) return;
      if (bar) draw(bar, progress);
      else if (!json && progress.measurement > lastPrinted) {
        lastPrinted = progress.measurement;
        printNote(
          io,
          `measurement ${progress.measurement}/${progress.measurements}: ${progress.text}: ${counted(progress.rounds, 'round')}`,
        );
      }
    },
    stopping: (text) => {
      isStopping = true;
      bar?.close();
      printNote(io, text);
    },
    close: () => bar?.close(),
  };
}

function draw(bar: Bar, progress: BenchProgress): void {
  const { text, measurement, measurements, opening, done, rounds, secondsLeft } = progress;
  const left = secondsLeft === undefined ? '' : `${clock(secondsLeft)} left`;
  bar.show(
    {
      before: measurements === 1 ? text : `${measurement}/${measurements} ${text}`,
      after: opening === undefined ? left : `warming up ${opening}`,
      width: BAR_WIDTH,
    },
    { done, all: rounds },
  );
}
