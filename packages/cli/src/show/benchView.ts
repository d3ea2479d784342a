// How a benchmark looks while it goes on: a bar on a terminal, a line per measurement where nobody watches.
import type { BenchProgress } from '@isonet/bench';
import { counted } from '@isonet/runs';
import type { Io } from '../io.ts';
import { canRedraw, printNote } from '../io.ts';
import { Bar } from './bar.ts';
import { clock } from './text.ts';

/** Shows a benchmark as it goes on. */
export interface BenchView {
  progress(progress: BenchProgress): void;
  /** Says that it stops soon: nothing is drawn over that. */
  stopping(text: string): void;
  close(): void;
}

/** Columns of what stands beside the bar. */
const BAR_WIDTH = 64;

/** On stderr; nothing with --json but that it stops. */
export function benchView(io: Io, { json }: { readonly json: boolean }): BenchView {
  const bar = canRedraw(io) && !json ? new Bar(io) : undefined;
  let [said, isStopping] = [0, false];
  return {
    progress: (progress) => {
      if (isStopping) return;
      if (bar) draw(bar, progress);
      else if (!json && progress.measurement > said) {
        said = progress.measurement;
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
