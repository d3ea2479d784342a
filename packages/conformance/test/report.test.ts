// Reports aggregate outcomes.
import { describe, expect, it } from 'vitest';
import type { Outcome, Report } from '../src/index.ts';
import { worstText } from '../src/index.ts';
import type { ReportHead } from '../src/suite/report.ts';
import { reportOf, shortened } from '../src/suite/report.ts';

const head: ReportHead = {
  name: 'mine <cpu>',
  device: {
    id: 'cpu',
    kind: 'cpu',
    text: 'a "fast" processor & more',
    numerics: {
      float32: {
        heldAs: 'float32',
        reproducible: true,
        subnormals: true,
        nonFinite: true,
        maxima: { max: 'all', reduceMax: 'all', maxPool2d: 'all' },
      },
    },
    plan: 'mine-0123',
  },
  versions: { conformance: '0.1.0', runtime: 'Node 20.20.0' },
  started: '2026-01-02T03:04:05.000Z',
  seconds: 12.4,
  interrupted: false,
  reopened: [],
};

function outcome(key: string, changes: Partial<Outcome> = {}): Outcome {
  const group = key.slice(0, key.indexOf('/'));
  const rest = { form: 'native', tier: 'exact', status: 'passed', worst: 0, seconds: 0.5 } as const;
  return { key, group, ...rest, failures: [], ...changes };
}

const report: Report = reportOf(head, [
  outcome('relu/a', { worst: 0.25 }),
  outcome('relu/a/decomposed', { form: 'decomposed', worst: 0.5 }),
  outcome('conv2d/a', { status: 'failed', worst: null, failures: ['y0 is <script>alert(1)</script>'] }),
  outcome('relu/b', { status: 'refused', reason: 'not of "5" axes' }),
]);

describe('a report', () => {
  it('adds up by op and form', () => {
    expect(report.rows.map(({ group, seconds }) => [group, seconds])).toEqual([
      ['relu', 1.5],
      ['conv2d', 0.5],
    ]);
    expect(report.rows[0]).toMatchObject({
      native: { passed: 1, refused: 1, all: 2, worst: 0.25 },
      decomposed: { passed: 1, all: 1, worst: 0.5 },
    });
    expect(report.native).toMatchObject({ passed: 1, failed: 1, refused: 1, all: 3, worst: null });
    expect(report.conformance).toEqual({ count: 2, of: 4 });
  });

  it('keeps the first 20 of 1,000 lines', () => {
    const lines = Array.from({ length: 1000 }, (_, i) => `line ${i}`);
    expect(shortened(lines)).toEqual([...lines.slice(0, 20), 'and 980 more']);
    expect(shortened(lines.slice(0, 21))).toHaveLength(21);
  });

  it('writes errors in units of the bound', () => {
    expect([0, 0.001, 0.314, 12.34, 123456, null].map(worstText)).toEqual([
      '0',
      '<0.01',
      '0.31',
      '12.3',
      '1e+5',
      '∞',
    ]);
  });
});
