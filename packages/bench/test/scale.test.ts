// Tests where the cost per image is found to stop falling, with synthetic numbers whose bend is known.
import { describe, expect, it } from 'vitest';
import type { BenchReport } from '../src/index.ts';
import { describeScale } from '../src/index.ts';
import { allBatches, sampleReport } from './sampleReport.ts';

/** Returns a report of one candidate with these milliseconds per image; an image takes 1e7 operations. */
function withCosts(costs: Readonly<Record<number, number>>, productGigaflops?: number): BenchReport {
  const report = sampleReport({ models: ['nin'], batches: Object.keys(costs).map(Number) });
  return {
    ...report,
    measurements: report.measurements.map((measurement) => ({
      ...measurement,
      candidates: measurement.candidates.slice(0, 1).map((candidate) => {
        const median = Number(costs[measurement.batch]) * measurement.batch;
        const { product, ...rest } = candidate;
        return {
          ...rest,
          ...(product &&
            productGigaflops !== undefined && {
              product: { ...product, gigaflops: productGigaflops },
              gigaflops: (10 * measurement.batch) / median,
            }),
          median,
          interval: [median, median] as const,
          peakBytes: null,
        };
      }),
    })),
  };
}

function sentence(costs: Readonly<Record<number, number>>, productGigaflops?: number): string | undefined {
  return describeScale(withCosts(costs, productGigaflops))[0]?.sentences[0];
}

describe('describeScale', () => {
  it('names the batch after which no doubling gains 10 %', () => {
    expect(sentence({ 1: 1, 2: 0.8, 4: 0.6, 8: 0.56, 16: 0.54 })).toBe(
      'onnx:cpu: 1 ms per image at batch 1, 0.600 at 4, and less than 10 % lower with each doubling from there',
    );
  });

  it('ignores a plateau before the bend', () => {
    expect(sentence({ 1: 1, 2: 0.99, 4: 0.98, 8: 0.5, 16: 0.49 })).toBe(
      'onnx:cpu: 1 ms per image at batch 1, 0.500 at 8, and less than 10 % lower with each doubling from there',
    );
  });

  it('says what part of the speed of a matrix product small batches reach, and where it bends', () => {
    expect(sentence({ 1: 1, 2: 0.6, 4: 0.5, 8: 0.49 }, 40)).toMatch(
      /from there; 25 % of a matrix product at batch 1, 50 % at 4: small batches leave the cores waiting for overhead$/,
    );
    expect(sentence({ 1: 1, 2: 0.6, 4: 0.5 }, 40)).toMatch(
      /10 % or more; 25 % of a matrix product at batch 1, 50 % at 4: small batches leave/,
    );
    expect(sentence({ 1: 1, 2: 0.95 }, 40)).toMatch(/with each doubling from there$/);
  });

  it('reports that there is no bend yet, or one at the start', () => {
    expect(sentence({ 1: 1, 2: 0.6, 4: 0.5 })).toBe(
      'onnx:cpu: 1 ms per image at batch 1, 0.500 at 4, where a doubling still lowers it by 10 % or more',
    );
    expect(sentence({ 1: 1, 2: 0.95, 4: 0.91 })).toBe(
      'onnx:cpu: 1 ms per image at batch 1, and less than 10 % lower with each doubling from there',
    );
  });

  it('reports a cost that rises again', () => {
    expect(sentence({ 1: 1, 2: 0.5, 4: 0.48, 8: 0.6 })).toBe(
      'onnx:cpu: 1 ms per image at batch 1, 0.500 at 2, and less than 10 % lower with each doubling from there; the lowest is 0.480 at 4, and 8 takes 0.600',
    );
  });

  it('computes the gain per doubling if batches are further apart', () => {
    // The limit for three doublings is 0.9 ^ 3 = 0.729.
    expect(sentence({ 1: 1, 8: 0.73 })).toContain('1 ms per image at batch 1, and less than 10 % lower');
    expect(sentence({ 1: 1, 8: 0.72 })).toContain('a doubling still lowers it by 10 % or more');
  });

  it('describes every candidate of every series, with its memory', () => {
    const scales = describeScale(sampleReport());
    expect(scales.map(({ title, axis, rows }) => [title, axis, rows.length])).toEqual([
      ['nin, recipe best, 28x28: training step', 'batch', allBatches.length],
      ['googlenet, recipe best, 28x28: training step', 'batch', allBatches.length],
    ]);
    expect(scales[0]?.sentences).toHaveLength(3);
    expect(scales[0]?.sentences[1]).toMatch(/^tfjs:wasm: .*; memory grows by 3\.30 MB per image$/);
    expect(scales[0]?.rows[9]?.results[2]).toEqual({
      millisecondsPerImage: expect.closeTo(1.37, 1) as unknown,
      peakBytes: 330e6 + 3 * 0.7e6 * 512,
    });
  });

  it('warns of measurements on a busy machine', () => {
    const [scale] = describeScale(sampleReport({ models: ['nin'], othersShare: 0.588 }));
    expect(scale?.sentences).toHaveLength(4);
    expect(scale?.sentences[3]).toBe(
      'other processes took up to 58.8 % of the cores, so this may not be how cost scales on a quiet machine',
    );
  });

  it('compares the smallest and the largest image of a series of sizes', () => {
    const [scale] = describeScale(sampleReport({ models: ['nin'], batches: [32], sides: [28, 96] }));
    expect(scale?.rows.map(({ at }) => at)).toEqual(['28x28', '96x96']);
    expect(scale?.sentences[0]).toMatch(
      /^onnx:cpu: 1\.\d\d ms per image at 28x28, \d\d\.\d at 96x96: 11\.8 times as many pixels take 1\d\.\d times as long; memory 198 MB and 817 MB$/,
    );
  });

  it('leaves a gap for a missing result, and omits the sentence for a candidate with one result', () => {
    const report = sampleReport({ models: ['nin'], batches: [1, 2] });
    const measurements = report.measurements.map((one, i) => ({
      ...one,
      candidates: i === 0 ? one.candidates : one.candidates.slice(0, 2),
    }));
    const [scale] = describeScale({ ...report, measurements });
    expect(scale?.sentences.map((text) => text.split(': ', 1)[0])).toEqual(['onnx:cpu', 'tfjs:wasm']);
    expect(scale?.rows[1]?.results[2]).toBeUndefined();
    expect(describeScale(sampleReport({ batches: [64] }))).toEqual([]);
  });
});
