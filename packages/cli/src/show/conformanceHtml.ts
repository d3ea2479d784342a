// Renders conformance reports as one self-contained HTML page, without scripts, fonts or other files.
import type { Outcome, Report, Row, Status, Tally, Wrong } from '@isonet/conformance';
import { isWrong, statuses, statusTexts, worstText } from '@isonet/conformance';
import { counted } from '@isonet/runs';
import { countOf } from './counts.ts';
import { text } from './escaped.ts';
import { shareText } from './text.ts';

/**
 * Renders the scores, the matrix of ops and devices, and the unexpected and the excused checks of each device.
 * @param notes further lines, such as the missing devices and the reasons
 * @param failed a line for each device that the suite could not run on
 */
export function reportHtml(
  reports: readonly Report[],
  notes: readonly string[] = [],
  failed: readonly string[] = [],
): string {
  const wrong = reports.reduce((sum, report) => sum + report.wrong.length, 0);
  const results =
    wrong === 0 ? 'No unexpected results.' : `${wrong} unexpected results: see below the tables.`;
  const verdict = [
    ...(failed.length === 0 ? [] : [`${counted(failed.length, 'device')} did not run: see the list below.`]),
    ...(reports.length === 0 && failed.length > 0 ? [] : [results]),
  ].join(' ');
  const lines = [
    ...failed.map((line) => `<li class="bad">${text(line)}</li>`),
    ...notes.map((line) => `<li>${text(line)}</li>`),
  ];
  const [first] = reports.toSorted((a, b) => a.started.localeCompare(b.started));
  const start = first
    ? ` Started ${first.started}, conformance ${first.versions.conformance}, ${first.versions.runtime}.`
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
<p>${text(verdict)}${text(start)}</p>
${lines.length === 0 ? '' : `<ul>${lines.join('')}</ul>`}
${scores(reports)}
${matrix(reports)}
${reports.map(details).join('\n')}
</body>
</html>
`;
}

function scores(reports: readonly Report[]): string {
  const heads = ['device', 'conformance', ...Object.values(statusTexts), 'all', 'worst', 'native coverage'];
  const rows = reports.map((report) => {
    const { name, device, conformance, nativeCoverage, seconds, native, decomposed, interrupted } = report;
    const about = `${device.text}; ${device.numerics.float32.heldAs}; ${seconds.toFixed(0)} s${interrupted ? '; interrupted' : ''}`;
    const counts = statuses.map((status) => {
      const n = countOf(report, status);
      return `<td class="number${isWrong(status) && n > 0 ? ' bad' : ''}">${n}</td>`;
    });
    const worst =
      native.worst === null || decomposed.worst === null ? null : Math.max(native.worst, decomposed.worst);
    return `<tr><th scope="row">${text(name)}<br><small>${text(about)}</small></th><td class="number">${shareText(conformance)}</td>${counts.join('')}<td class="number">${native.all + decomposed.all}</td><td class="number">${worstText(worst)}</td><td class="number">${nativeCoverage.count} of ${nativeCoverage.of}</td></tr>`;
  });
  return `<h2>Scores</h2>
<p><strong>Conformance</strong>: the share of applicable checks that passed. <strong>Native coverage</strong>:
composite ops with a native kernel; the others run decomposed into primitives. Worst: the largest error in units of its bound.</p>
<div class="wide" role="region" aria-label="Scores" tabindex="0"><table><thead><tr>${heads.map((head) => `<th scope="col">${head}</th>`).join('')}</tr></thead>
<tbody>${rows.join('\n')}</tbody></table></div>`;
}

function matrix(reports: readonly Report[]): string {
  const groups = [...new Set(reports.flatMap(({ rows }) => rows.map(({ group }) => group)))];
  const names = reports.map(({ name }) => `<th scope="colgroup" colspan="2">${text(name)}</th>`).join('');
  const forms = reports.map(() => '<th scope="col">native</th><th scope="col">decomposed</th>').join('');
  const lines = groups.map((group) => {
    const cells = reports.map(({ rows }) => {
      const row: Row | undefined = rows.find((own) => own.group === group);
      return cell(row?.native) + cell(row?.decomposed);
    });
    return `<tr><th scope="row">${text(group)}</th>${cells.join('')}</tr>`;
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
  const { passed, all, worst } = tally;
  const others = statuses.filter((status) => status !== 'passed' && tally[status] > 0);
  const kind = others.some(isWrong) ? 'bad' : passed === all ? 'good' : 'part';
  const notes = others.map((status) => `<small>${tally[status]} ${statusTexts[status]}</small>`).join('');
  return `<td class="${kind}">${passed}/${all} <span>${worstText(worst)}</span>${notes}</td>`;
}

function details({ name, wrong, excused, reopened, device }: Report): string {
  const found = wrong.map(({ key, status, failures }: Wrong) => item(key, status, failures));
  const known = excused.map(({ key, status, reason, failures }: Outcome) =>
    item(key, status, reason === undefined ? failures : [reason, ...failures]),
  );
  return `<h2>${text(name)}</h2>
${device.plan === null ? '' : `<p><small>plan id of x + x: ${text(device.plan)}</small></p>`}
${found.length === 0 ? '<p>No unexpected results.</p>' : `<details open><summary>${found.length} unexpected</summary><ul>${found.join('\n')}</ul></details>`}
${known.length === 0 ? '' : `<details><summary>${known.length} excused: xfail and skipped</summary><ul>${known.join('\n')}</ul></details>`}
${reopened.length === 0 ? '' : `<details><summary>device reopened ${reopened.length} ${reopened.length === 1 ? 'time' : 'times'}</summary><ul>${reopened.map((why) => `<li>${text(why)}</li>`).join('')}</ul></details>`}`;
}

function item(key: string, status: Status, lines: readonly string[]): string {
  return `<li><code>${text(key)}</code> ${statusTexts[status]}: ${lines.map(text).join('<br>')}</li>`;
}

const STYLE = `
:root { color-scheme: light dark; --line: #d0d4da; --dim: #5b6470; --good: #0a6b2d; --bad: #b3131f; --badground: #fde8e8; --part: #7a5200; }
@media (prefers-color-scheme: dark) {
  :root { --line: #3a4048; --dim: #9aa4b0; --good: #5fd38a; --bad: #ff8f8f; --badground: #43181b; --part: #e3b35a; }
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
`;
