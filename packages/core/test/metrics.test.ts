// Metrics computed from logits, compared with hand-computed values.
import {
  correctCount,
  countConfusion,
  DataError,
  float32,
  int32,
  NonFiniteError,
  perClass,
  predictedClasses,
  topKCount,
} from '@isonet/core';
import { describe, expect, it } from 'vitest';

const logits = float32([2, 3], [1, 3, 3, -5, -7, -6]);

describe('logits', () => {
  it('predict the first of tied classes', () => {
    expect(predictedClasses(logits)).toEqual([1, 0]);
  });
});

describe('top k', () => {
  // Classes by descending logit: 3, 0, 1, 2 (0 and 1 tie) and 1, 2, 3, 0 (1, 2 and 3 tie).
  const ranked = float32([2, 4], [5, 5, -1, 7, 0, 2, 2, 2]);
  const hits = (labels: readonly number[]): number[] =>
    [1, 2, 3, 4].map((k) => topKCount(ranked, int32([2], labels), k));

  it('counts labels among the k largest logits, with the lower class first in a tie', () => {
    expect(hits([3, 1])).toEqual([2, 2, 2, 2]);
    expect(hits([0, 2])).toEqual([0, 2, 2, 2]);
    expect(hits([1, 3])).toEqual([0, 0, 2, 2]);
    expect(hits([2, 0])).toEqual([0, 0, 0, 2]);
    expect(hits([1, 1])).toEqual([1, 1, 2, 2]);
  });

  it.each([NaN, Infinity, -Infinity])('rejects a logit of %d', (bad) => {
    const broken = float32([2, 3], [1, 2, 3, bad, 1, 2]);
    const labels = int32([2], [2, 0]);
    const refused = `output for sample 1 of the batch contains ${bad}`;
    expect(() => topKCount(broken, labels, 1)).toThrow(refused);
    expect(() => correctCount(broken, labels)).toThrow(refused);
    expect(() => predictedClasses(broken)).toThrow(NonFiniteError);
  });
});

describe('confusion', () => {
  it('counts truths in rows and predictions in columns, over batches', () => {
    const counts = [
      [0, 0],
      [0, 0],
    ];
    const rows = float32([3, 2], [1, 0, 0, 1, 0, 1]);
    countConfusion(counts, rows, int32([3], [0, 0, 1]));
    countConfusion(counts, rows, int32([3], [1, 0, 1]));
    expect(counts).toEqual([
      [1, 2],
      [1, 2],
    ]);
  });

  it('rejects a label that is not a class', () => {
    const count = (label: number) => () =>
      countConfusion(
        [
          [0, 0],
          [0, 0],
        ],
        float32([1, 2], [1, 0]),
        int32([1], [label]),
      );
    expect(count(2)).toThrow(DataError);
    expect(count(2)).toThrow(
      'label of sample 0 of the batch: expected a class in 0 .. 1, got 2; classes are counted from 0: subtract 1 from labels that start at 1',
    );
    expect(count(-1)).toThrow('label of sample 0 of the batch: expected a class in 0 .. 1, got -1');
  });
});

describe('per class', () => {
  it('computes precision, recall and F1', () => {
    const metrics = perClass([
      [6, 2, 0],
      [1, 3, 0],
      [1, 0, 7],
    ]);
    expect(metrics).toEqual([
      { precision: 6 / 8, recall: 6 / 8, f1: 0.75, count: 8 },
      { precision: 3 / 5, recall: 3 / 4, f1: 6 / 9, count: 4 },
      { precision: 1, recall: 7 / 8, f1: 14 / 15, count: 8 },
    ]);
  });

  it('is 0, not NaN, for a class that is never predicted or has no images', () => {
    const metrics = perClass([
      [2, 0, 1],
      [3, 0, 0],
      [0, 0, 0],
    ]);
    expect(metrics).toEqual([
      { precision: 2 / 5, recall: 2 / 3, f1: 4 / 8, count: 3 },
      { precision: 0, recall: 0, f1: 0, count: 3 },
      { precision: 0, recall: 0, f1: 0, count: 0 },
    ]);
  });
});
