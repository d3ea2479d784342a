// Tests the formatting of numbers and names.
import { describe, expect, it } from 'vitest';
import { BUSY_SHARE, bytesText, durationText, figureText, isBusy, measurementTitle } from '../src/index.ts';
import { sampleReport } from './sampleReport.ts';

describe('texts', () => {
  it('have three significant digits, except integers, which keep all', () => {
    expect([0.26, 12.345, 99.96, 1234.5, 64, 0, -2.346].map((n) => figureText(n))).toEqual([
      '0.260',
      '12.3',
      '100',
      '1,235',
      '64',
      '0',
      '-2.35',
    ]);
    expect([4.1634, 108.94, 999.96, 2290.4].map((n) => figureText(n, 4))).toEqual([
      '4.163',
      '108.9',
      '1,000',
      '2,290',
    ]);
  });

  it('choose a suitable unit for times and bytes', () => {
    expect([812.4, 4100].map(durationText)).toEqual(['812 ms', '4.10 s']);
    expect([310e6, 1.24e9].map(bytesText)).toEqual(['310 MB', '1.24 GB']);
  });

  it('name a measurement, and detect a busy one', () => {
    const [one] = sampleReport({ models: ['nin'], batches: [64], othersShare: BUSY_SHARE }).measurements;
    if (one === undefined) throw new Error('no measurement');
    expect(measurementTitle({ ...one, imageShape: [3, 32, 48] })).toBe(
      'nin, recipe best, 3x32x48, batch 64: training step',
    );
    expect([null, 0, BUSY_SHARE, 0.051].map((othersShare) => isBusy({ ...one, othersShare }))).toEqual([
      false,
      false,
      false,
      true,
    ]);
  });
});
