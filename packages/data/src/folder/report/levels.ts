// Means and standard deviations over images, with equal weight for each image, to normalize a network's input.
import type { Normalization } from '../../normalization.ts';
import type { Measures } from '../workers/measures.ts';

/** Rounds to four decimal places, more than are significant for photographs. */
const DIGITS = 1e4;
/** The minimum standard deviation, for images whose pixels all have the same level and therefore a deviation of 0. */
const LEAST = 1 / DIGITS;

/**
 * Collects the levels of images. Images may arrive in any order, because the sums are computed in the order of the
 * paths.
 */
export class Levels {
  readonly #measures: (readonly [path: string, Pick<Measures, 'mean' | 'meanSquare'>])[] = [];

  add(path: string, { mean, meanSquare }: Measures): void {
    this.#measures.push([path, { mean, meanSquare }]);
  }

  /** Returns the means and standard deviations, rounded to four decimal places. */
  normalization(): { readonly colour: Normalization; readonly grey: Normalization } {
    const sorted = this.#measures.toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, measures]) => measures);
    const average = (of: (measures: Pick<Measures, 'mean' | 'meanSquare'>) => number): number =>
      sorted.reduce((sum, measures) => sum + of(measures), 0) / sorted.length;
    const round = (value: number): number => Math.round(value * DIGITS) / DIGITS;
    const channels = [0, 1, 2, 3].map((c) => {
      const mean = average((measures) => measures.mean[c]!);
      const variance = average((measures) => measures.meanSquare[c]!) - mean * mean;
      return { mean: round(mean), std: Math.max(LEAST, round(Math.sqrt(Math.max(0, variance)))) };
    });
    const of = (chosen: readonly { readonly mean: number; readonly std: number }[]): Normalization => ({
      mean: chosen.map(({ mean }) => mean),
      std: chosen.map(({ std }) => std),
    });
    return { colour: of(channels.slice(0, 3)), grey: of(channels.slice(3)) };
  }
}
