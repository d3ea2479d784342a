// Counts what happened to the runs that bench/kills.ts killed, based on their messages and the contents of their
// folders.
import type { Aim, Attempt } from './attempt.ts';
import { temporaries } from './attempt.ts';

/** The work that a kill lost: everything between the saved state that was resumed and the kill. */
interface Loss {
  readonly steps: number;
  readonly seconds: number;
}

/** The counts and the failures. */
export class Tally {
  kills = 0;
  /** The number of kills that left a temporary file of a checkpoint. */
  during = 0;
  /** The number of runs that were started and completed. */
  runs = 0;
  /** Failures, one line each. */
  readonly failures: string[] = [];
  readonly #losses: Loss[] = [];
  readonly #count = {
    /** The number of kills that left a temporary file of weights, run.json or plan.json. */
    killsWritingOtherFiles: 0,
    killsBeforeTheFirstStep: 0,
    killsInTheMiddle: 0,
    resumed: 0,
    /** The number of resumed runs for which no checkpoint had been written. */
    resumedAtStep0: 0,
    /** The number of runs that started over in the folder of a process that was killed before it wrote run.json. */
    begunAgain: 0,
    refused: 0,
    compared: 0,
    identical: 0,
    temporariesAtTheEnd: 0,
    notes: 0,
  };

  /** Counts a process. @param before the previous process of the same run, which was killed */
  add(before: Attempt | undefined, now: Attempt, resume: boolean): void {
    const count = this.#count;
    if (now.killed) {
      this.kills++;
      if (now.left.some((name) => name.startsWith('checkpoints'))) this.during++;
      else if (now.left.length > 0) count.killsWritingOtherFiles++;
      if (now.steps.size === 0) count.killsBeforeTheFirstStep++;
      else count.killsInTheMiddle++;
    }
    count.notes += now.notes.length;
    for (const note of now.notes) this.failures.push(`run ${this.runs + 1}: ${note}`);
    if (now.refused !== undefined) {
      count.refused++;
      this.failures.push(`run ${this.runs + 1}: ${now.refused}`);
    }
    if (!now.ready || !before?.killed) return;
    if (resume) count.resumed++;
    else count.begunAgain++;
    if (resume && now.ready.step === 0) count.resumedAtStep0++;
    this.#lose(before, now.ready.step);
  }

  #lose({ ready, steps, ended }: Attempt, from: number): void {
    if (!ready) return;
    const last = Math.max(ready.step, ...steps.keys());
    const then = steps.get(from) ?? ready.time;
    if (from < ready.step || from > last) {
      const range = `${ready.step} to ${last}`;
      this.failures.push(`run ${this.runs + 1}: expected to resume from step ${range}, got ${from}`);
    }
    this.#losses.push({ steps: last - from, seconds: (ended - then) / 1000 });
  }

  /** Counts a completed run. @param different the parts that differ from the uninterrupted run; undefined if it has no results */
  async compare(folder: string, different: readonly string[] | undefined): Promise<void> {
    this.#count.compared++;
    if (different?.length === 0) this.#count.identical++;
    else
      this.failures.push(
        `${folder}: ${different ? `differs in ${different.join(', ')}` : 'expected a finished run'}`,
      );
    const left = await temporaries(folder);
    this.#count.temporariesAtTheEnd += left.length;
    if (left.length > 0) this.failures.push(`${folder}: still has ${left.join(', ')}`);
  }

  /** Describes a process in one line. */
  line(aim: Aim | undefined, { killed, ready, steps, left, refused }: Attempt): string {
    const from = ready ? `from step ${ready.step}` : 'not prepared';
    const end = refused ?? (killed ? `killed at ${Math.max(0, ...steps.keys())}` : 'ended normally');
    const aimed = aim === undefined ? 'no kill planned' : `aimed at ${aim.at}`;
    return `${this.kills}: run ${this.runs + 1}, ${aimed}: ${from}, ${end} ${left.join(' ')}`.trim();
  }

  /** Returns all counts, and the work that the kills lost. */
  report(): Readonly<Record<string, unknown>> {
    const lost = {
      steps: spread(this.#losses.map(({ steps }) => steps)),
      seconds: spread(this.#losses.map(({ seconds }) => seconds)),
    };
    return { kills: this.kills, killsWritingACheckpoint: this.during, ...this.#count, lost };
  }

  /** Formats a report as lines for people. */
  text(report: Readonly<Record<string, unknown>>): string {
    return Object.entries(report)
      .map(([name, value]) => `${name}: ${typeof value === 'string' ? value : JSON.stringify(value)}\n`)
      .join('');
  }
}

/** Returns the median and the maximum; undefined if no kill was resumed. */
function spread(values: readonly number[]): { readonly median: number; readonly max: number } | undefined {
  const sorted = values.toSorted((a, b) => a - b);
  const [median, max] = [sorted[Math.floor(sorted.length / 2)], sorted.at(-1)];
  return median === undefined || max === undefined ? undefined : { median, max };
}
