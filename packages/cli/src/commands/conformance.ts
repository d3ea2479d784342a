// isonet conformance: runs the suite on every backend, or on one, and prints the two scores and the unexpected results.
import { resolve } from 'node:path';
import type { Check, Report } from '@isonet/conformance';
import { checks as allChecks, runConformance, selected } from '@isonet/conformance';
import { defined } from '@isonet/core';
import type { DeviceRequest } from '@isonet/runs';
import { backendLine, command, counted, nearest, UsageError } from '@isonet/runs';
import type { Context } from '../context.ts';
import type { Io } from '../io.ts';
import { printJson, printLine } from '../io.ts';
import { checkPage, writePage } from '../page.ts';
import type { ConformanceView } from '../show/conformance.ts';
import { conformanceView } from '../show/conformance.ts';
import { reportHtml } from '../show/conformanceHtml.ts';
import { printReports } from '../show/matrix.ts';
import { count } from '../show/text.ts';
import { Stop, writingWhole } from '../stop.ts';
import type { Candidate, Candidates } from '../subjects.ts';
import { findSubjects, notRunLines } from '../subjects.ts';
import { errorLine } from '../usage.ts';

/** Options of {@link conformance}. */
export interface ConformanceOptions extends DeviceRequest {
  readonly filter?: string;
  readonly json?: boolean;
  readonly html?: string;
  readonly force?: boolean;
}

/** A device that the suite cannot run on, usually because it does not open. */
interface Unopened {
  readonly name: string;
  readonly reason: string;
}

interface Findings {
  readonly reports: readonly Report[];
  readonly unopened: readonly Unopened[];
  readonly interrupted: boolean;
}

/**
 * Runs the conformance suite.
 * @returns 0 if every result is as expected, else 1; 128 + the signal number if a signal stopped it; 141 if the reader of the output
 *   closed the pipe
 */
export async function conformance(
  { io, backends, checks = allChecks }: Context,
  options: ConformanceOptions,
): Promise<number> {
  const { json = false, html, force = false } = options;
  const { filter } = options;
  const stop = new Stop(io);
  const all = checks();
  const chosen = choose(all, filter);
  const page = html === undefined ? undefined : { path: resolve(io.cwd, html), given: html, force };
  if (page) await checkPage(page);
  const candidates = await findSubjects(backends, options, io.cwd);
  const plan = planLines(candidates, chosen);
  if (json) {
    const { leftOut, missing } = candidates;
    printJson(io, { event: 'start', subjects: subjectsJson(candidates, chosen), leftOut, missing });
  } else {
    for (const line of plan.run) printLine(io, line);
    for (const line of plan.notRun) printLine(io, line);
  }

  const findings = await runAll(io, candidates, { checks: all, filter }, { json, stop });
  const { reports, unopened, interrupted } = findings;
  const failed = unopened.map(({ name, reason }) => `${name} did not run: ${reason}`);
  const asExpected = unopened.length === 0 && reports.every(({ wrong }) => wrong.length === 0);
  // Print the findings first: writing the page may fail.
  if (json) {
    printJson(io, { event: 'end', asExpected, interrupted, unopened });
  } else {
    if (reports.length > 0) printReports(io, reports);
    printLine(io);
    for (const line of failed) printLine(io, line);
  }
  const late =
    page &&
    (await writingWhole(io, page.given, () => writePage(page, reportHtml(reports, plan.notRun, failed))));
  if (!json) {
    if (page) printLine(io, `wrote the full report to ${page.given}`);
    for (const line of nextLines(findings, candidates, options, { chosen, asExpected })) printLine(io, line);
  }
  return stop.exitCode ?? late ?? (asExpected ? 0 : 1);
}

/** @throws UsageError for a filter that matches no check */
function choose(all: readonly Check[], filter: string | undefined): readonly Check[] {
  const chosen = selected(all, filter);
  if (chosen.length > 0) return chosen;
  const text = String(filter);
  const meant = nearest(
    text,
    text.includes('/') ? all.map(({ key }) => key) : [...new Set(all.map(({ group }) => group))],
  );
  const question = meant === undefined ? '' : `, did you mean ${meant}?`;
  throw new UsageError(
    `no check for "${text}"${question} (an op, such as conv2d, or the start of a key, such as conv2d/reals)`,
  );
}

/** Formats what runs on each device, and what does not run. */
function planLines(
  { run, leftOut, missing }: Candidates,
  checks: readonly Check[],
): { readonly run: readonly string[]; readonly notRun: readonly string[] } {
  const heavy = checks.filter((check) => check.heavy).length;
  return {
    run: run.map(({ backend, info, subject: { skipHeavy } }) => {
      const all = counted(checks.length, 'check');
      const why =
        skipHeavy === undefined || heavy === 0
          ? all
          : `${count(checks.length - heavy)} of ${all}, the heavy ones skipped: ${skipHeavy}`;
      return backendLine({ backend, device: { info }, why });
    }),
    notRun: notRunLines({ leftOut, missing }),
  };
}

/** Describes the devices that the suite runs on, by the names of their reports, with their number of checks. */
function subjectsJson({ run }: Candidates, checks: readonly Check[]): readonly object[] {
  const light = checks.filter((check) => !check.heavy).length;
  return run.map(({ backend, info, subject: { name, skipHeavy } }) => ({
    name,
    backend,
    device: info.id,
    deviceText: info.text,
    checks: skipHeavy === undefined ? checks.length : light,
    ...(skipHeavy === undefined ? {} : { skipHeavy }),
  }));
}

/** Runs the suite on one device after another. Stops early if interrupted. */
async function runAll(
  io: Io,
  { run }: Candidates,
  { checks, filter }: { readonly checks: readonly Check[]; readonly filter: string | undefined },
  { json, stop }: { readonly json: boolean; readonly stop: Stop },
): Promise<Findings> {
  const view: ConformanceView = conformanceView(io, { json });
  stop.listen(() => view.stopping('stopping after the current check; interrupt again to exit at once'));
  const reports: Report[] = [];
  const unopened: Unopened[] = [];
  try {
    for (const { subject } of run) {
      if (stop.aborted) break;
      view.begin(subject.name);
      const onCheck: ConformanceView['check'] = (outcome, progress) => view.check(outcome, progress);
      try {
        const narrowed = filter === undefined ? {} : { filter };
        const report = await runConformance(subject, { checks, signal: stop, onCheck, ...narrowed });
        reports.push(report);
        view.end(report);
        if (json) printJson(io, { event: 'report', ...report });
      } catch (error) {
        view.close();
        unopened.push({ name: subject.name, reason: errorLine(error) });
      }
    }
  } finally {
    stop.end();
    view.close();
  }
  return { reports, unopened, interrupted: stop.aborted };
}

/** Suggests a smaller run than the one that was stopped; empty if it was a single check. */
function fewer([first]: readonly Check[], filter: string | undefined): readonly string[] {
  if (filter === undefined) return ['to run one op only: --filter conv2d'];
  if (first === undefined || first.key === filter) return [];
  return [command`to run one check only: --filter ${first.key}`];
}

/** Summarizes the results and suggests the next commands, which run as printed. */
function nextLines(
  { reports, interrupted }: Findings,
  { run }: Candidates,
  { backend, device, threads, tf32, filter }: ConformanceOptions,
  { chosen, asExpected }: { readonly chosen: readonly Check[]; readonly asExpected: boolean },
): readonly string[] {
  if (interrupted) return [['stopped early', ...fewer(chosen, filter)].join('; ')];
  /** The requested backend, or the one that was found, and the requested settings of its device. */
  const flags = (found: Candidate): string =>
    [
      command`--backend ${backend === undefined || backend === 'all' ? found.backend : backend}`,
      ...(device === undefined ? [] : [command`--device ${device}`]),
      ...(threads === undefined ? [] : [`--threads ${threads}`]),
      ...(tf32 ? ['--tf32'] : []),
    ].join(' ');
  // Bisecting the reference would compare it with itself.
  const search = (found: Candidate, head: string): readonly string[] =>
    found.backend === 'reference' ? [] : [`${head}: npx isonet bisect nin ${flags(found)}`];
  if (asExpected) {
    const other = run.find((one) => one.backend !== 'reference');
    return [['no failures', ...(other ? search(other, 'to check a whole network') : [])].join('; ')];
  }
  const report = reports.find(({ wrong }) => wrong.length > 0);
  const key = report?.wrong.find((one) => one.key.includes('/'))?.key;
  if (!report || key === undefined) return ['some devices failed: see above'];
  const found = defined(
    run.find(({ subject }) => subject.name === report.name),
    `the device of ${report.name}`,
  );
  // Suggest the op first, and a single check if an op was already requested.
  const narrower = filter === undefined ? key.slice(0, key.indexOf('/')) : key;
  return [
    `to run only that: npx isonet conformance ${flags(found)} ${command`--filter ${narrower}`}`,
    ...search(found, 'to find the layer of a network'),
  ];
}
