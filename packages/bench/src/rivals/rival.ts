// The interface between the bench and a rival.
import type { Work } from '../report.ts';

/** The result of locating a rival: the command that starts it, or the reason why there is none, with a fix, each in one line. */
export type Located =
  { readonly command: readonly string[] } | { readonly reason: string; readonly fix: string };

/** Another library that the bench can time. */
export interface Rival {
  /** The name that users type: `torch`, or the path of a program. */
  readonly name: string;
  /** A description in one line. */
  readonly text: string;
  /** The kinds of work that it supports. On a given device, it may refuse some of them when it is opened. */
  readonly works: readonly Work[];
  /**
   * Finds the rival without starting it.
   * @param cwd the folder whose packages are preferred to those of isonet
   */
  locate(cwd: string): Promise<Located>;
}
