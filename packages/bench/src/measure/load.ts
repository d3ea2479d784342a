// Measures the share of the cores that other processes use: the total use minus that of this process and its
// descendants. Reads /proc on Linux.
import { readdirSync, readFileSync } from 'node:fs';
import { BUSY_SHARE } from '../texts.ts';

/** The files of /proc. Tests pass their own. */
export interface Proc {
  /** Returns the text of a file in /proc; undefined if it does not exist. */
  read(path: string): string | undefined;
  /** Returns the ids of all processes. */
  processes(): readonly number[];
}

/** The /proc of this system. On a system without it, all its files are missing. */
export const proc: Proc = {
  read: (path) => {
    try {
      return readFileSync(`/proc/${path}`, 'utf8');
    } catch {
      return undefined;
    }
  },
  processes: () => {
    try {
      return readdirSync('/proc').flatMap((name) => (/^\d+$/.test(name) ? [Number(name)] : []));
    } catch {
      return [];
    }
  },
};

/** Returns whether other processes used so little of the cores that times can be compared. False if the load is unknown. */
export function isQuiet(othersShare: number | null): boolean {
  return othersShare !== null && othersShare <= BUSY_SHARE;
}

/**
 * Starts measuring the load.
 * @returns a function that returns the fraction of the cores that other processes have used since this call,
 *   or null if the system does not report it
 */
export function watchLoad(from: Proc = proc, own: number = process.pid): () => number | null {
  const before = sample(from, own);
  return () => {
    const after = sample(from, own);
    if (!before || !after) return null;
    const all = after.all - before.all;
    // The clocks of an emulated /proc may not advance.
    if (all <= 0) return null;
    const others = after.busy - before.busy - (after.own - before.own);
    return Math.min(1, Math.max(0, others / all));
  };
}

/** Clock ticks since boot. */
interface Sample {
  /** All ticks of the processors that this process may use. */
  readonly all: number;
  readonly busy: number;
  /** The ticks of this process and its descendants. */
  readonly own: number;
}

function sample(from: Proc, own: number): Sample | undefined {
  const allowed = allowedProcessors(from.read('self/status'));
  const stat = from.read('stat');
  if (!allowed || stat === undefined) return undefined;
  let [all, idle] = [0, 0];
  for (const [, processor, text = ''] of stat.matchAll(/^cpu(\d+) +([\d ]+)$/gm)) {
    if (!allowed.has(Number(processor))) continue;
    // user, nice, system, idle, iowait, irq, softirq, steal; user includes guest time. Steal is time that the host gave to others, so it
    // counts as busy.
    const ticks = text.trim().split(/ +/).slice(0, 8).map(Number);
    all += ticks.reduce((sum, one) => sum + one, 0);
    idle += (ticks[3] ?? NaN) + (ticks[4] ?? NaN);
  }
  const mine = ticksOfFamily(from, own);
  if (mine === undefined || !Number.isFinite(all - idle)) return undefined;
  return { all, busy: all - idle, own: mine };
}

/** Parses the processors in the status of a process: `0-1,4`. */
function allowedProcessors(status: string | undefined): ReadonlySet<number> | undefined {
  const list = /^Cpus_allowed_list:\s*([\d,-]+)$/m.exec(status ?? '')?.[1];
  if (list === undefined) return undefined;
  return new Set(
    list.split(',').flatMap((range) => {
      const [first, last = first] = range.split('-').map(Number);
      if (first === undefined || last === undefined) return [];
      // No kernel supports more than 8,192 processors.
      return Array.from({ length: Math.min(8192, last - first + 1) }, (_, i) => first + i);
    }),
  );
}

interface ProcessTimes {
  readonly parent: number;
  /** Ticks in user mode and in the kernel, including those of the children that the process has waited for. */
  readonly ticks: number;
}

/** Returns the ticks of a process and its descendants. Ended children count through the parent that waited for them. */
function ticksOfFamily(from: Proc, root: number): number | undefined {
  const times = new Map<number, ProcessTimes>();
  for (const id of from.processes()) {
    const found = timesOf(from.read(`${id}/stat`));
    if (found) times.set(id, found);
  }
  const own = times.get(root);
  if (!own) return undefined;
  let ticks = own.ticks;
  let parents = new Set([root]);
  while (parents.size > 0) {
    const children = [...times].filter(([id, { parent }]) => id !== root && parents.has(parent));
    for (const [, child] of children) ticks += child.ticks;
    parents = new Set(children.map(([id]) => id));
  }
  return ticks;
}

/** Parses /proc/PID/stat, see proc(5). The second field is the name in parentheses, which may contain spaces and parentheses. */
function timesOf(stat: string | undefined): ProcessTimes | undefined {
  if (stat === undefined) return undefined;
  const fields = stat
    .slice(stat.lastIndexOf(')') + 2)
    .split(' ')
    .map(Number);
  // `fields` starts at the file's third field: the parent is the 4th, and the times are the 14th to the 17th.
  const [parent, ...times] = [fields[1], ...fields.slice(11, 15)];
  if (parent === undefined || times.length < 4) return undefined;
  const ticks = times.reduce<number>((sum, one) => sum + (one ?? NaN), 0);
  return Number.isFinite(ticks) ? { parent, ticks } : undefined;
}

/** Returns the peak memory of a process in bytes; null if the system does not report it. */
export function peakBytes(pid: number, from: Proc = proc): number | null {
  const kilobytes = /^VmHWM:\s*(\d+) kB$/m.exec(from.read(`${pid}/status`) ?? '')?.[1];
  return kilobytes === undefined ? null : Number(kilobytes) * 1024;
}
