// Reports as one page of HTML that needs nothing else: no script, no font, no file beside it.
import { defined } from '@isonet/core';
import type { Status } from '../../../conformance/src/suite/expectations.ts';
import { charts } from '../../../conformance/src/report/charts.ts';
import { text } from './escaped.ts';
import type { Outcome, Report, Row, Tally, Wrong } from '../../../conformance/src/suite/report.ts';
import { isWrong, statusTexts, worstText } from '../../../conformance/src/suite/report.ts';

/**
 * A whole page: the scores, the matrix of ops and devices, and what is wrong or excused, device by device.
 * @param notes what else is to be said, a line each: which devices are missing, and why
 */
export function reportHtml(reports: readonly Report[], notes: readonly string[] = []): string {
  const wrong = reports.reduce((sum, report) => sum + report.wrong.length, 0);
  const verdict = wrong === 0 ? 'All is as expected.' : `${wrong} unexpected: see below the tables.`;
  const [first] = reports.toSorted((a, b) => a.started.localeCompare(b.started));
  const begun = first
    ? ` Begun ${first.started}, conformance ${first.versions.conformance}, Node ${first.versions.node}.`
    : '';
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>isonet conformance</title>
<style>${STYLE}</style>
</head>
<body>
<h1>isonet conformance</h1>
<p>${text(verdict)}${text(begun)}</p>
${notes.length === 0 ? '' : `<ul>${notes.map((note) => `<li>${text(note)}</li>`).join('')}</ul>`}
${scores(reports)}
${matrix(reports)}
${reports.map(details).join('\n')}
</body>
</html>
`;
}

function scores(reports: readonly Report[]): string {
  const heads = ['device', 'form', ...statusTexts.map(([, head]) => head), 'all', 'worst'];
  const line = (tally: Tally, form: string): string =>
    `<td>${form}</td>${statusTexts.map(([status]) => `<td class="number${isWrong(status) && tally[status] > 0 ? ' bad' : ''}">${tally[status]}</td>`).join('')}` +
    `<td class="number">${tally.all}</td><td class="number">${worstText(tally.worst)}</td>`;
  const rows = reports.map((report) => {
    const { name, device, score, seconds, native, decomposed, interrupted } = report;
    const told = `${device.text}; ${device.numerics.float32.heldAs}; ${seconds.toFixed(0)} s${interrupted ? '; interrupted' : ''}`;
    const head = `<th scope="rowgroup" rowspan="2">${text(name)}: ${percent(score)}<br><small>${text(told)}</small></th>`;
    return `<tbody><tr>${head}${line(native, 'native')}</tr><tr>${line(decomposed, 'decomposed')}</tr></tbody>`;
  });
  return `<h2>Scores</h2>
<p>Passed / all: what a device does not support stays in the denominator. Native: each op as the device takes it; decomposed:
composites written in primitives beforehand. Worst: the largest error in units of its bound.</p>
<div class="wide" role="region" aria-label="Scores" tabindex="0"><table><thead><tr>${heads.map((head) => `<th scope="col">${head}</th>`).join('')}</tr></thead>
${rows.join('\n')}</table></div>`;
}

function matrix(reports: readonly Report[]): string {
  const subjects = [...new Set(reports.flatMap(({ rows }) => rows.map(({ subject }) => subject)))];
  const names = reports.map(({ name }) => `<th scope="colgroup" colspan="2">${text(name)}</th>`).join('');
  const forms = reports.map(() => '<th scope="col">native</th><th scope="col">decomposed</th>').join('');
  const lines = subjects.map((subject) => {
    const cells = reports.map(({ rows }) => {
      const row: Row | undefined = rows.find((own) => own.subject === subject);
      return cell(row?.native) + cell(row?.decomposed);
    });
    return `<tr><th scope="row">${text(subject)}</th>${cells.join('')}</tr>`;
  });
  return `<h2>Ops and devices</h2>
<div class="wide" role="region" aria-label="Ops and devices" tabindex="0"><table><caption>Passed / all, then the worst error in units of its bound</caption>
<thead><tr><th scope="col" rowspan="2">op</th>${names}</tr><tr>${forms}</tr></thead>
<tbody>
${lines.join('\n')}
</tbody></table></div>`;
}

function cell(tally: Tally | undefined): string {
  if (!tally || tally.all === 0) return '<td class="none">–</td>';
  const { passed, all, failed, mended, worst } = tally;
  const told = statusTexts.filter(([status]) => status !== 'passed' && tally[status] > 0);
  const kind = failed + mended > 0 ? 'bad' : passed === all ? 'good' : 'part';
  const notes = told.map(([status, head]) => `<small>${tally[status]} ${head}</small>`).join('');
  return `<td class="${kind}">${passed}/${all} <span>${worstText(worst)}</span>${notes}</td>`;
}

function details({ name, wrong, excused, reopened, curves, device }: Report): string {
  const found = wrong.map(({ key, status, failures }: Wrong) => item(key, status, failures));
  const known = excused.map(({ key, status, reason, failures }: Outcome) =>
    item(key, status, reason === undefined ? failures : [reason, ...failures]),
  );
  return `<h2>${text(name)}</h2>
${device.plan === null ? '' : `<p><small>plan of x + x: ${text(device.plan)}</small></p>`}
${found.length === 0 ? '<p>Nothing is wrong.</p>' : `<details open><summary>${found.length} unexpected</summary><ul>${found.join('\n')}</ul></details>`}
${known.length === 0 ? '' : `<details><summary>${known.length} excused: known faults, unsupported, left out</summary><ul>${known.join('\n')}</ul></details>`}
${reopened.length === 0 ? '' : `<details><summary>the device was opened again ${reopened.length} ${reopened.length === 1 ? 'time' : 'times'}</summary><ul>${reopened.map((why) => `<li>${text(why)}</li>`).join('')}</ul></details>`}
${curves.length === 0 ? '' : `<details><summary>Loss curves beside controls</summary>${curves.map(charts).join('\n')}</details>`}`;
}

function item(key: string, status: Status, lines: readonly string[]): string {
  const [, head] = defined(
    statusTexts.find(([known]) => known === status),
    `the text of ${status}`,
  );
  return `<li><code>${text(key)}</code> ${head}: ${lines.map(text).join('<br>')}</li>`;
}

function percent(part: number): string {
  return `${(part * 100).toFixed(1)}\u00a0%`;
}

const STYLE = `
:root { color-scheme: light dark; --line: #d0d4da; --dim: #5b6470; --good: #0a6b2d; --bad: #b3131f; --badground: #fde8e8; --part: #7a5200; --device: #1f5fbf; --reference: #c2410c; }
@media (prefers-color-scheme: dark) {
  :root { --line: #3a4048; --dim: #9aa4b0; --good: #5fd38a; --bad: #ff8f8f; --badground: #43181b; --part: #e3b35a; --device: #7fb2ff; --reference: #ff9a5c; }
}
body { font: 15px/1.45 system-ui, sans-serif; margin: 2rem auto; padding: 0 1rem; max-width: 80rem; }
.wide { overflow-x: auto; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
caption { text-align: left; color: var(--dim); padding-bottom: .3rem; }
th, td { text-align: left; padding: .15rem .7rem; border-bottom: 1px solid var(--line); vertical-align: top; }
td { white-space: nowrap; }
th { font-weight: 600; }
small, td span { color: var(--dim); font-weight: 400; }
td small { display: block; }
.number { text-align: right; }
.good { color: var(--good); }
.part { color: var(--part); }
.bad { color: var(--bad); background: var(--badground); font-weight: 600; }
.none { color: var(--dim); }
p, li { overflow-wrap: anywhere; }
li { margin: .3rem 0; }
summary { cursor: pointer; }
.charts { display: flex; flex-wrap: wrap; gap: 1rem 2rem; }
figure { margin: 0; }
figcaption { color: var(--dim); max-width: 26rem; }
svg { display: block; width: 26rem; max-width: 100%; font-size: 11px; fill: var(--dim); }
svg path { fill: none; stroke-width: 1.5; }
.axis { stroke: var(--line); stroke-width: 1; }
.control { stroke: var(--dim); opacity: .7; }
.device { stroke: var(--device); }
.reference { stroke: var(--reference); stroke-dasharray: 5 3; }
`;
