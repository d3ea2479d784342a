import { describe, expect, it } from 'vitest';
import { planWork } from '@isonet/runs';

describe('planWork', () => {
  const plan = (images: number, secondsPerStep: number): ReturnType<typeof planWork> =>
    planWork({ images, batchSize: 256, secondsPerStep, budgetSeconds: 90 });

  it('sees all images as often as the time allows', () => {
    expect(plan(8000, 0.25)).toEqual({ epochs: 11, limit: null });
  });

  it('stops at 15 epochs, however fast the device is', () => {
    expect(plan(60_000, 0.001)).toEqual({ epochs: 15, limit: null });
  });

  it('takes a part of the images where five epochs over all would take too long', () => {
    expect(plan(60_000, 0.25)).toEqual({ epochs: 5, limit: 72 * 256 });
  });

  it('takes a step an epoch on the slowest', () => {
    expect(plan(60_000, 1000)).toEqual({ epochs: 5, limit: 256 });
    expect(plan(100, 1000)).toEqual({ epochs: 5, limit: null });
  });

  it('never asks for more images than there are', () => {
    // 29 steps: no five epochs of 6 steps, five of 5 fit.
    expect(plan(1300, 90 / 29.5)).toEqual({ epochs: 5, limit: 5 * 256 });
  });
});
