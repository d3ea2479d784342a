// isonet conformance --power: no backend is asked. Faults are planted in what every case of the suite expects, and counted,
// with those that it would notice: what the suite's word is worth.
import type { PowerReport } from '@isonet/conformance';
import { cases, casesOf, powerReport } from '@isonet/conformance';
import { counted, unknownName } from '@isonet/runs';
import type { Context } from '../context.ts';
import type { Io } from '../io.ts';
import { printJson, printLine, printNote } from '../io.ts';
import { Stop } from '../stop.ts';
import { table } from '../show/table.ts';
import { count } from '../show/text.ts';

/** Options of {@link powerOfCases}. */
export interface PowerOptions {
  readonly filter?: string;
  readonly json?: boolean;
}

interface Row extends PowerReport {
  readonly op: string;
}

/**
 * Counts the planted faults that the cases of each op notice.
 * @returns 0 where no case is rejected, 1 where one is, 128 and its number where a signal came
 */
export async function powerOfCases({ io }: Context, { filter, json = false }: PowerOptions): Promise<number> {
  const ops = [...Object.keys(casesOf), 'combination'];
  if (filter !== undefined && !ops.includes(filter)) throw unknownName('op', filter, ops);
  const chosen = filter === undefined ? ops : [filter];
  printNote(io, 'planting faults in what the cases expect: some seconds');
  const stop = new Stop(io);
  const rows = await measure(io, chosen, stop);
  const interrupted = stop.aborted;
  const asExpected = rows.every(({ rejected }) => rejected.length === 0);
  if (json) printJson(io, { asExpected, interrupted, ops: rows });
  else print(io, rows, interrupted);
  return stop.exitCode ?? (asExpected ? 0 : 1);
}

/** Op after op, until the last or a signal. */
async function measure(io: Io, ops: readonly string[], stop: Stop): Promise<readonly Row[]> {
  const rows: Row[] = [];
  stop.listen(() => printNote(io, 'stopping after the op in hand; interrupt again to leave at once'));
  try {
    for (const op of ops) {
      // What computes on this very thread keeps signals waiting.
      await new Promise((resolve) => setImmediate(resolve));
      if (stop.aborted) break;
      const own = cases.filter(({ key }) => key.startsWith(`${op}/`));
      rows.push({ op, ...(await powerReport(own)) });
    }
  } finally {
    stop.end();
  }
  return rows;
}

function print(io: Io, rows: readonly Row[], interrupted: boolean): void {
  const sum = (of: (row: Row) => number): number => rows.reduce((all, row) => all + of(row), 0);
  const columns = ['cases', 'planted', 'caught', 'weakest'].map((head) => ({
    head,
    align: 'right' as const,
  }));
  const cells = rows.map((row) => [
    row.op,
    ...[row.cases, row.planted, row.caught].map(count),
    row.least ? row.least.ratio.toPrecision(3) : 'exact',
  ]);
  for (const line of table([{ head: 'op' }, ...columns], cells)) printLine(io, line);
  printLine(io);
  for (const line of rows.flatMap(({ rejected }) => rejected)) printLine(io, line);
  const [planted, caught] = [sum((row) => row.planted), sum((row) => row.caught)];
  printLine(
    io,
    `${counted(planted, 'fault')} planted in ${counted(
      sum((row) => row.cases),
      'case',
    )}, ${count(caught)} caught${interrupted ? '; stopped before the rest' : ''}`,
  );
  printLine(
    io,
    'caught: more than ten bounds away; weakest: the least of the faults that a bound judges, in bounds',
  );
}
