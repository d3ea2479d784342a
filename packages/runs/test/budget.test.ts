import { describe, expect, it } from 'vitest';
import { planWork } from '@isonet/runs';

describe('planWork', () => {
  const plan = (images: number, secondsPerStep: number): ReturnType<typeof planWork> =>
    planWork({ images, batchSize: 256, secondsPerStep, budgetSeconds: 90 });

  it('plans as many epochs over all images as the time allows', () => {
    expect(plan(8000, 0.25)).toEqual({ epochs: 11, limit: null });
  });

  it('plans at most 15 epochs, even on a fast device', () => {
    expect(plan(60_000, 0.001)).toEqual({ epochs: 15, limit: null });
  });

  it('limits the images if five epochs over all of them would take too long', () => {
    expect(plan(60_000, 0.25)).toEqual({ epochs: 5, limit: 72 * 256 });
  });

  it('plans at least one step per epoch', () => {
    expect(plan(60_000, 1000)).toEqual({ epochs: 5, limit: 256 });
    expect(plan(100, 1000)).toEqual({ epochs: 5, limit: null });
  });

  it('never plans more images than there are', () => {
    // Five epochs of 6 steps do not fit into 29 steps, but five epochs of 5 steps do.
    expect(plan(1300, 90 / 29.5)).toEqual({ epochs: 5, limit: 5 * 256 });
  });
});
