// Compares two reports: changes beyond the intervals, measurements in only one report, and warnings.
import { describe, expect, it } from 'vitest';
import { compareReports } from '../src/index.ts';
import { sampleReport } from './sampleReport.ts';

const base = { models: ['nin'], batches: [1, 64] } as const;
const before = sampleReport(base);

describe('compareReports', () => {
  it('finds no difference between a report and itself', () => {
    const { measurements, hasSlower, onlyBefore, onlyAfter, warnings } = compareReports(before, before);
    expect(measurements).toHaveLength(2);
    expect(measurements.flatMap(({ candidates }) => candidates.map(({ change }) => change))).toEqual(
      Array.from({ length: 6 }, () => 'same'),
    );
    expect({ hasSlower, onlyBefore, onlyAfter, warnings }).toEqual({
      hasSlower: false,
      onlyBefore: [],
      onlyAfter: [],
      warnings: [],
    });
  });

  it('reports slower and faster only if the intervals do not overlap', () => {
    const after = sampleReport({ ...base, slowed: { 'onnx:cpu': 1.2, 'tfjs:wasm': 1.01, torch: 0.8 } });
    const comparison = compareReports(before, after);
    expect(comparison.hasSlower).toBe(true);
    for (const { candidates } of comparison.measurements) {
      expect(candidates.map(({ name, change }) => [name, change])).toEqual([
        ['onnx:cpu', 'slower'],
        ['tfjs:wasm', 'same'],
        ['torch', 'faster'],
      ]);
      expect(candidates[0]?.factor).toBeCloseTo(1.2, 10);
    }
    expect(compareReports(after, before).measurements[0]?.candidates.map(({ change }) => change)).toEqual([
      'faster',
      'same',
      'slower',
    ]);
  });

  it('finds no difference between intervals that touch', () => {
    const [measurement] = sampleReport({ models: ['nin'], batches: [1] }).measurements;
    if (measurement === undefined) throw new Error('no measurement');
    const [candidate] = measurement.candidates;
    if (candidate === undefined) throw new Error('no candidate');
    const withInterval = (low: number, high: number): typeof before => ({
      ...before,
      measurements: [{ ...measurement, candidates: [{ ...candidate, median: high, interval: [low, high] }] }],
    });
    const change = (report: typeof before): unknown =>
      compareReports(withInterval(1, 2), report).measurements[0]?.candidates[0]?.change;
    expect(change(withInterval(2, 3))).toBe('same');
    expect(change(withInterval(2.001, 3))).toBe('slower');
    expect(change(withInterval(0.5, 0.999))).toBe('faster');
  });

  it('pairs by model, recipe, image, batch and work, and lists measurements without a pair', () => {
    const after = sampleReport({ models: ['nin'], batches: [64, 128] });
    const without = {
      ...after,
      measurements: after.measurements.map((one) => ({ ...one, candidates: one.candidates.slice(0, 2) })),
    };
    const { measurements, onlyBefore, onlyAfter } = compareReports(before, without);
    expect(measurements.map(({ title }) => title)).toEqual([
      'nin, recipe best, 28x28, batch 64: training step',
    ]);
    expect(onlyBefore).toEqual([
      'nin, recipe best, 28x28, batch 1: training step',
      'torch in nin, recipe best, 28x28, batch 64: training step',
    ]);
    expect(onlyAfter).toEqual(['nin, recipe best, 28x28, batch 128: training step']);
    for (const other of [
      sampleReport({ ...base, works: ['forward'] }),
      sampleReport({ ...base, sides: [96] }),
      sampleReport({ ...base, models: ['googlenet'] }),
      { ...before, measurements: before.measurements.map((one) => ({ ...one, recipe: 'book' })) },
    ]) {
      expect(compareReports(before, other).measurements).toEqual([]);
    }
  });

  it('counts no difference between too few rounds', () => {
    const few = sampleReport({ ...base, rounds: 5 });
    const { measurements, warnings } = compareReports(few, sampleReport({ ...base, slowed: { torch: 2 } }));
    expect(measurements.flatMap(({ candidates }) => candidates.map(({ change }) => change))).toEqual(
      Array.from({ length: 6 }, () => 'same'),
    );
    expect(warnings).toEqual([
      'different numbers of rounds: 5 before, 15 now',
      'fewer than 6 rounds before, too few for a 95 % interval: no difference is counted',
    ]);
  });

  it('does not compare networks with the same name and a different cost', () => {
    const after = sampleReport({ ...base, slowed: { 'onnx:cpu': 2 } });
    const [one, ...rest] = after.measurements;
    if (one === undefined) throw new Error('no measurement');
    const edited = { ...after, measurements: [{ ...one, multiplyAdds: 4e7 }, ...rest] };
    const { measurements, onlyBefore, onlyAfter, warnings } = compareReports(before, edited);
    expect(measurements.map(({ title }) => title)).toEqual([
      'nin, recipe best, 28x28, batch 64: training step',
    ]);
    expect({ onlyBefore, onlyAfter, warnings }).toEqual({
      onlyBefore: [],
      onlyAfter: [],
      warnings: [
        'nin, recipe best, 28x28, batch 1: training step: the network has changed, so it is not compared: 36,000,000 multiply-adds before, 40,000,000 now',
      ],
    });
  });

  it('warns once of each difference in software and settings', () => {
    const after = {
      ...before,
      measurements: before.measurements.map((one) => ({
        ...one,
        candidates: one.candidates.map((candidate) =>
          candidate.name === 'torch'
            ? { ...candidate, text: 'PyTorch 3.0.0', check: { difference: 1e-3, bound: 1e-2 } }
            : candidate,
        ),
      })),
    };
    expect(compareReports(before, after).warnings).toEqual([
      'torch: PyTorch 2.15.0, channels_last, 2 threads before, PyTorch 3.0.0 now',
      'torch: checked within 0.0001 before, 0.01 now: --tf32 differs',
    ]);
  });

  it('warns of different machines, rounds and load', () => {
    const busy = sampleReport({ ...base, rounds: 21, othersShare: 0.2 });
    const after = { ...busy, machine: { ...busy.machine, processor: 'Other', cores: 8, node: '20.19.0' } };
    expect(compareReports(before, after).warnings).toEqual([
      'different processors: Sample Processor at 2.60 GHz before, Other now',
      'different numbers of cores: 2 before, 8 now',
      'different versions of Node: 24.11.0 before, 20.19.0 now',
      'different numbers of rounds: 15 before, 21 now',
      'the machine was busy now: other processes took up to 20.0 % of the cores in 2 measurements',
    ]);
    expect(compareReports(busy, busy).warnings).toHaveLength(2);
  });
});
