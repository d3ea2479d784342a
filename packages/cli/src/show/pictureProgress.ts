// Shows the progress of the scan that reads every file of an image folder before training or evaluation starts.
import type { PictureProgress } from '@isonet/runs';
import type { Io } from '../io.ts';
import { canRedraw, printNote } from '../io.ts';
import { Bar } from './bar.ts';
import { count } from './text.ts';

/** The longest time without a line, if there is no terminal. */
const QUIET_MS = 15_000;
const BAR_WIDTH = 75;

/** Returns a listener: it shows a bar on a terminal, or prints a line now and then. */
export function pictureProgress(io: Io): (progress: PictureProgress) => void {
  const bar = new Bar(io);
  let printedAt = Date.now();
  return ({ done, total }) => {
    if (canRedraw(io)) {
      if (done === total) bar.close();
      else bar.show({ before: 'reading images', after: '', width: BAR_WIDTH }, { done, all: total });
      return;
    }
    if (done === total || Date.now() - printedAt < QUIET_MS) return;
    printedAt = Date.now();
    printNote(io, `reading images: ${count(done)} of ${count(total)}`);
  };
}
