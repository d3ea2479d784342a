// How outcomes add up, and what the page of HTML says of them.
import { describe, expect, it } from 'vitest';
import type { Outcome, Report } from '../src/index.ts';
import { reportHtml, worstText } from '../src/index.ts';
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
  versions: { conformance: '0.1.0', node: '20.20.0' },
  started: '2026-01-02T03:04:05.000Z',
  seconds: 12.4,
  interrupted: false,
  reopened: [],
};

function outcome(key: string, changes: Partial<Outcome> = {}): Outcome {
  const subject = key.slice(0, key.indexOf('/'));
  const rest = { form: 'native', tier: 'exact', status: 'passed', worst: 0, seconds: 0.5 } as const;
  return { key, subject, ...rest, failures: [], ...changes };
}

const report: Report = reportOf(head, [
  outcome('relu/a', { worst: 0.25 }),
  outcome('relu/a/decomposed', { form: 'decomposed', worst: 0.5 }),
  outcome('conv2d/a', { status: 'failed', worst: null, failures: ['y0 is <script>alert(1)</script>'] }),
  outcome('relu/b', { status: 'unsupported', reason: 'not of "5" axes' }),
]);

describe('a report', () => {
  it('adds up by op and form', () => {
    expect(report.rows.map(({ subject, seconds }) => [subject, seconds])).toEqual([
      ['relu', 1.5],
      ['conv2d', 0.5],
    ]);
    expect(report.rows[0]).toMatchObject({
      native: { passed: 1, unsupported: 1, all: 2, worst: 0.25 },
      decomposed: { passed: 1, all: 1, worst: 0.5 },
    });
    expect(report.native).toMatchObject({ passed: 1, failed: 1, unsupported: 1, all: 3, worst: null });
    expect(report.score).toBe(0.5);
  });

  it('keeps the first lines of a thousand', () => {
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

describe('curves', () => {
  const curves = {
    title: 'a run',
    reference: [2, 1.5, 1.25],
    device: [2, 1.5, 1.2],
    controls: [
      [2, 1.5, 1.21],
      [2, 1.49, 1.19],
    ],
  };
  const drawn = reportHtml([
    reportOf(head, [outcome('training/a', { curves: [curves] }), outcome('relu/a')]),
  ]);
  const paths = (kind: string): readonly (string | undefined)[] =>
    [...drawn.matchAll(new RegExp(`<path class="${kind}" d="([^"]*)"`, 'g'))].map(([, d]) => d);

  it('are drawn twice: the losses, and how far they are from those of the device', () => {
    expect([paths('device'), paths('reference'), paths('control')].map(({ length }) => length)).toEqual([
      1, 2, 4,
    ]);
    for (const path of [...paths('device'), ...paths('control')])
      expect(path).toMatch(/^M[\d.]+,[\d.]+(L[\d.]+,[\d.]+){2}$/);
    // The steps are as far apart on both, and a control that is equal at first starts at the bottom.
    expect(paths('reference')[1]?.split('L')[0]).toBe(paths('control')[2]?.split('L')[0]);
  });

  it('are drawn as far as they are numbers', () => {
    const diverged = { title: 'a run', reference: [2, 3], device: [NaN, NaN], controls: [[2, NaN]] };
    const page = reportHtml([reportOf(head, [outcome('training/a', { curves: [diverged] })])]);
    expect(page).not.toMatch(/NaN|Infinity/);
  });
});

describe('the page', () => {
  const page = reportHtml([report], ['webgpu is not here: no <driver>']);

  it('says how each op did in each form, with its worst error', () => {
    expect(page).toContain('<th scope="row">relu</th><td class="part">1/2 <span>0.25</span>');
    expect(page).toContain('<td class="good">1/1 <span>0.50</span></td>');
    expect(page).toContain(
      '<th scope="row">conv2d</th><td class="bad">0/1 <span>∞</span><small>1 failed</small>',
    );
    expect(page).toContain('mine &lt;cpu&gt;: 50.0\u00a0%');
  });

  it('escapes whatever a device or an error says', () => {
    expect(page).toContain('y0 is &lt;script&gt;alert(1)&lt;/script&gt;');
    expect(page).toContain('not of &quot;5&quot; axes');
    expect(page).toContain('a &quot;fast&quot; processor &amp; more');
    expect(page).toContain('webgpu is not here: no &lt;driver&gt;');
    expect(page).not.toMatch(/<script|<driver|<cpu>/);
  });

  it('needs nothing else, and closes what it opens', () => {
    expect(page).not.toMatch(/\b(?:src|href)=|https?:|@import|url\(/);
    const tags = [...page.matchAll(/<(\/?)([a-z][a-z0-9]*)[^>]*>/g)].filter(
      ([, , name = '']) => !['meta', 'br'].includes(name),
    );
    const open: string[] = [];
    const closedWrongly = tags.filter(([, closing, name = '']) => {
      if (closing !== '') return open.pop() !== name;
      open.push(name);
      return false;
    });
    expect(closedWrongly).toEqual([]);
    expect(open).toEqual([]);
  });

  it('opens what is unexpected, and folds what is excused', () => {
    expect(page).toContain('<details open><summary>1 unexpected</summary>');
    expect(page).toContain('<details><summary>1 excused');
    expect(page).toContain('1 unexpected: see below');
  });
});
