// isonet runs [FOLDER]: lists the runs in a folder, the most recent first, and shows which of them can be resumed.
import { defined } from '@isonet/core';
import type { ListedRun, RunRecord, RunState } from '@isonet/runs';
import { command, counted, lastSegment, listRuns, RUNS_FOLDER } from '@isonet/runs';
import type { Context } from '../context.ts';
import { hasColor, printJson, printLine, printStyled } from '../io.ts';
import { deviceFields } from '../show/json.ts';
import type { Cell } from '../show/table.ts';
import { table } from '../show/table.ts';
import type { Colors } from '../show/text.ts';
import { colors, count, dateTime, metricText, testMetricsOf } from '../show/text.ts';

/** Options of {@link runs}. */
export interface RunsOptions {
  readonly json?: boolean;
}

const RESUMABLE: readonly RunState[] = ['stopped', 'failed', 'killed'];
const COLUMNS = ['run', 'network', 'recipe', 'device', 'epochs', 'last test', 'best test', 'state', 'saved'];
/** The table cuts the text of a problem to this length; the JSON has all of it. */
const LONGEST_PROBLEM = 60;

/** Lists runs. @param folder default: the folder in which `isonet train` creates runs @returns the exit code */
export async function runs(
  { io }: Context,
  folder: string | undefined,
  { json }: RunsOptions,
): Promise<number> {
  const { runs: found, otherFolders } = await listRuns(io.cwd, folder);
  const place = folder ?? RUNS_FOLDER;
  if (json) {
    printJson(io, { folder: place, runs: found.map(runJson) });
    return 0;
  }
  if (found.length === 0) {
    printLine(io, `no runs in ${place}; to create one: npx isonet train nin`);
    return 0;
  }
  const paint = colors(hasColor(io));
  const heads = COLUMNS.map((head) => ({ head }));
  const rows = found.map((run) => rowOf(run, paint));
  table(heads, rows).forEach((line, i) => printStyled(io, i === 0 ? paint.bold(line) : line));
  const next = found.find(isResumable);
  if (otherFolders > 0) {
    printLine(io, `not listed: ${counted(otherFolders, 'folder')} without a run.json`);
  }
  if (next) {
    printLine(io);
    printLine(io, `to resume a run: ${command`npx isonet train --resume ${next.shown}`}`);
  }
  return 0;
}

function isResumable({ state }: ListedRun): boolean {
  return RESUMABLE.includes(state);
}

function rowOf(run: ListedRun, paint: Colors): readonly Cell[] {
  const { shown, record, updated } = run;
  const saved = dateTime(updated);
  if (!record) return [shown, '-', '-', '-', '-', '-', '-', stateText(run, paint), saved];
  const { backend, device } = lastSegment(record);
  const { model, options, history } = record;
  return [
    shown,
    model,
    options.recipe,
    `${backend}, ${device}`,
    `${count(history.length)}/${count(options.epochs)}`,
    lastTest(record),
    bestAccuracy(record),
    stateText(run, paint),
    saved,
  ];
}

/** Formats the first metric of the last epoch. */
function lastTest({ history }: RunRecord): string {
  const last = history.at(-1);
  const [metric] = Object.entries((last && testMetricsOf(last)) ?? {});
  return metric ? metricText(...metric) : '-';
}

/** Formats the best test accuracy. For other metrics, higher may be worse, so there is no best value. */
function bestAccuracy(record: RunRecord): string {
  const best = bestAccuracyOf(record);
  return best === undefined ? '-' : metricText('accuracy', best);
}

function bestAccuracyOf({ history }: RunRecord): number | undefined {
  const all = history.flatMap((report) => {
    const accuracy = testMetricsOf(report)?.['accuracy'];
    return accuracy === undefined ? [] : [accuracy];
  });
  return all.length === 0 ? undefined : Math.max(...all);
}

function stateText({ state, problem, record }: ListedRun, { green, yellow, red }: Colors): Cell {
  if (state === 'broken' || !record) {
    const text = defined(problem, 'the problem of a broken run');
    return {
      text: text.length > LONGEST_PROBLEM ? `${text.slice(0, LONGEST_PROBLEM)}...` : text,
      paint: red,
    };
  }
  const where = `step ${count(record.step)} of ${count(record.steps)}`;
  const saved = record.step === 0 ? 'nothing saved' : `saved at ${where}`;
  const texts: Readonly<Record<Exclude<RunState, 'broken'>, Cell>> = {
    finished: { text: 'finished', paint: green },
    stoppedEarly: { text: ['stopped early', ...keptEpoch(record)].join(', '), paint: green },
    died: { text: 'finished, but the network died', paint: red },
    diverged: { text: 'finished, but it diverged', paint: red },
    stopped: { text: `stopped at ${where}`, paint: yellow },
    failed: { text: `failed; ${saved}`, paint: red },
    running: { text: `running; ${saved}`, paint: yellow },
    killed: { text: `killed; ${saved}`, paint: red },
  };
  return texts[state];
}

function keptEpoch({ bestEpoch }: RunRecord): readonly string[] {
  return bestEpoch === undefined ? [] : [`keeps epoch ${bestEpoch}`];
}

function runJson(run: ListedRun): object {
  const { shown, state, problem, record, updated } = run;
  const head = { run: shown, state, resumable: isResumable(run) };
  const tail = { ...(problem === undefined ? {} : { problem }), updated: updated.toISOString() };
  if (!record) return { ...head, ...tail };
  const { model, options, step, steps, history } = record;
  const last = history.at(-1);
  return {
    ...head,
    model,
    recipe: options.recipe,
    ...deviceFields(lastSegment(record)),
    epoch: history.length,
    epochs: options.epochs,
    step,
    steps,
    testMetrics: (last && testMetricsOf(last)) ?? null,
    bestTestAccuracy: bestAccuracyOf(record) ?? null,
    ...tail,
  };
}
