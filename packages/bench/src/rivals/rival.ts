// What a rival is to the bench.
import type { Work } from '../report.ts';

/** Where a rival is: what starts it, or why nothing does and what to do about that, each in one line. */
export type Located =
  { readonly command: readonly string[] } | { readonly reason: string; readonly fix: string };

/** Another library that the bench can time. */
export interface Rival {
  /** As one asks for it: `torch`, or the path of a program. */
  readonly name: string;
  /** One line for people. */
  readonly text: string;
  /** What it can be asked to do. On a given device it may refuse a part of it when it is opened. */
  readonly works: readonly Work[];
  /**
   * Finds it, without starting it.
   * @param cwd the folder whose packages are used, before those of isonet
   */
  locate(cwd: string): Promise<Located>;
}
