import { recipes } from '@isonet/models';
import { describe, expect, it } from 'vitest';

const position = { step: 3, steps: 10, batch: 96, batchSize: 256 };

describe('the recipe book', () => {
  const { schedule, optimizer, initializer, ...numbers } = recipes.book;

  it("is the chapter's: SGD at 0.05, batches of 256, 5 epochs, Xavier", () => {
    expect(numbers).toEqual({ epochs: 5, batchSize: 256, lr: 0.05 });
    expect(initializer.name).toBe('xavier');
    expect(optimizer.slots).toEqual([]);
  });

  it('divides by the full batch even where a batch is smaller', () => {
    expect(schedule(0.05)({ ...position, batch: 256 })).toBe(0.05);
    expect(schedule(0.05)(position)).toBe((0.05 * 96) / 256);
  });
});

describe('the recipe fast', () => {
  const { schedule, optimizer, initializer, ...numbers } = recipes.fast;

  it('is He with momentum, as long as the book', () => {
    expect(numbers).toEqual({ epochs: 5, batchSize: 256, lr: 0.03 });
    expect(initializer.name).toBe('he');
    expect(optimizer.slots).toEqual(['velocity']);
  });

  it('rises to its peak and falls to nothing', () => {
    const at = (step: number): number => schedule(0.05)({ ...position, step });
    expect(at(0)).toBeCloseTo(0.005, 12);
    expect(at(3)).toBeCloseTo(0.05, 12);
    expect(at(9)).toBeCloseTo(0.05 / 7, 12);
  });
});
