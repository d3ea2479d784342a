import type { Recipe } from '@isonet/runs';
import { recipes } from '@isonet/runs';
import { describe, expect, it } from 'vitest';

const position = { step: 3, steps: 10, batch: 96, batchSize: 256 };

/** Returns the plain values of a recipe. */
function numbers({ epochs, batchSize, lr, batchNorm, dropoutRate }: Recipe): object {
  return { epochs, batchSize, lr, batchNorm, ...(dropoutRate === undefined ? {} : { dropoutRate }) };
}

describe('the recipe book', () => {
  const { nin, googlenet } = recipes.book;

  it('matches the chapter: SGD at 0.05 or 0.1, batches of 256, 5 epochs, Xavier', () => {
    expect(numbers(nin)).toEqual({ epochs: 5, batchSize: 256, lr: 0.05, batchNorm: false });
    expect(numbers(googlenet)).toEqual({ epochs: 5, batchSize: 256, lr: 0.1, batchNorm: false });
    for (const { initializer, optimizer } of [nin, googlenet]) {
      expect(initializer.name).toBe('xavier');
      expect(optimizer.slots).toEqual([]);
    }
  });

  it('divides by the full batch size even if a batch is smaller', () => {
    expect(nin.schedule(0.05)({ ...position, batch: 256 })).toBe(0.05);
    expect(nin.schedule(0.05)(position)).toBe((0.05 * 96) / 256);
  });
});

describe('the recipes fast and best', () => {
  const all = [recipes.fast.nin, recipes.fast.googlenet, recipes.best.nin, recipes.best.googlenet];

  it('use He and momentum, with as many epochs as the book', () => {
    for (const { initializer, optimizer, epochs } of all) {
      expect(initializer.name).toBe('he');
      expect(optimizer.slots).toEqual(['velocity']);
      expect(epochs).toBe(recipes.book.nin.epochs);
    }
  });

  it('differ in batch norm and in their values', () => {
    expect(numbers(recipes.fast.nin)).toEqual({ epochs: 5, batchSize: 256, lr: 0.03, batchNorm: false });
    expect(numbers(recipes.best.nin)).toEqual({
      epochs: 5,
      batchSize: 64,
      lr: 0.05,
      batchNorm: true,
      dropoutRate: 0,
    });
    expect(numbers(recipes.best.googlenet)).toEqual({ epochs: 5, batchSize: 256, lr: 0.1, batchNorm: true });
  });

  it('raise the learning rate to its peak, and then lower it towards 0', () => {
    for (const { schedule } of all) {
      const at = (step: number): number => schedule(0.05)({ ...position, step });
      expect(at(0)).toBeCloseTo(0.005, 12);
      expect(at(3)).toBeCloseTo(0.05, 12);
      expect(at(9)).toBeCloseTo(0.05 / 7, 12);
    }
  });
});
