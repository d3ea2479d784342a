// Shows how many pictures of a folder are read, before anything is trained or measured: every file is looked at once.
import type { PictureProgress } from '@isonet/runs';
import type { Io } from '../io.ts';
import { canRedraw, printNote } from '../io.ts';
import { Bar } from './bar.ts';
import { count } from './text.ts';

/** Without a terminal: the longest silence. */
const QUIET_MS = 15_000;
const BAR_WIDTH = 75;

/** What hears of it: a bar on a terminal, which is gone at the end, or a line now and then. */
export function pictureProgress(io: Io): (progress: PictureProgress) => void {
  const bar = new Bar(io);
  let said = Date.now();
  return ({ done, total }) => {
    if (canRedraw(io)) {
      if (done === total) bar.close();
      else bar.show({ before: 'reading pictures', after: '', width: BAR_WIDTH }, { done, all: total });
      return;
    }
    if (done === total || Date.now() - said < QUIET_MS) return;
    said = Date.now();
    printNote(io, `reading pictures: ${count(done)} of ${count(total)}`);
  };
}
