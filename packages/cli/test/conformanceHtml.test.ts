// Tests the HTML report: what it shows, and that it is self-contained and safe.
import type { Outcome, Report } from '@isonet/conformance';
import { describe, expect, it } from 'vitest';
import type { ReportHead } from '../../conformance/src/suite/report.ts';
import { reportOf } from '../../conformance/src/suite/report.ts';
import { reportHtml } from '../src/show/conformanceHtml.ts';

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
  outcome('max/a', { status: 'xfail', failures: ['y0 is 1'], reason: 'issue 7' }),
]);

describe('the page', () => {
  const page = reportHtml([report], ['webgpu is unavailable: no <driver>']);

  it('shows the result of each op in each form, with its worst error', () => {
    expect(page).toContain(
      '<th scope="row">relu</th><td class="bad">1/2 <span>0.25</span><small>1 refused</small>',
    );
    expect(page).toContain('<td class="good">1/1 <span>0.50</span></td>');
    expect(page).toContain(
      '<th scope="row">conv2d</th><td class="bad">0/1 <span>∞</span><small>1 failed</small>',
    );
    expect(page).toMatch(/mine &lt;cpu&gt;<br>.*<td class="number">40\.0 %<\/td>/);
  });

  it('lists the devices that did not run, and does not claim success', () => {
    expect(page).toContain('<p>2 unexpected results: see below the tables.');
    const none = reportHtml([], [], ['mine did not run: in use']);
    expect(none).toContain('<p>1 device did not run: see the list below.</p>');
    expect(none).toContain('<li class="bad">mine did not run: in use</li>');
    expect(none).not.toContain('No unexpected results');
  });

  it('escapes the text of devices and errors', () => {
    expect(page).toContain('y0 is &lt;script&gt;alert(1)&lt;/script&gt;');
    expect(page).toContain('not of &quot;5&quot; axes');
    expect(page).toContain('a &quot;fast&quot; processor &amp; more');
    expect(page).toContain('webgpu is unavailable: no &lt;driver&gt;');
    expect(page).not.toMatch(/<script|<driver|<cpu>/);
  });

  it('needs no other file, and closes every tag', () => {
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

  it('expands the unexpected checks, and collapses the excused ones', () => {
    expect(page).toContain('<details open><summary>2 unexpected</summary>');
    expect(page).toContain('<details><summary>1 excused: xfail and skipped');
    expect(page).toContain('2 unexpected results: see below');
  });
});
