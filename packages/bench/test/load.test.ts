// Tests the measured load of other processes with fake files of /proc.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { Proc } from '../src/measure/load.ts';
import { isQuiet, peakBytes, proc, watchLoad } from '../src/measure/load.ts';

/** Formats a line of /proc/PID/stat: `pid (name) S parent`, nine fields, and four times in ticks. */
const stat = (pid: number, parent: number, times: readonly number[], name = 'node'): string =>
  `${pid} (${name}) S ${parent} 1 1 0 -1 4194304 1 2 3 4 ${times.join(' ')} 20 0 11 0 1000`;

/** The ticks of a processor: user, nice, system, idle, iowait, irq, softirq, steal, guest, guest nice. */
type Ticks = readonly number[];

interface State {
  readonly processors: readonly Ticks[];
  readonly processes: Readonly<Record<number, string>>;
}

/** Fakes a machine on which this process may use the first two processors. `next` switches to the next state. */
function machine(...states: readonly State[]): { readonly from: Proc; readonly next: () => void } {
  let at = 0;
  const now = (): State => states[at] ?? { processors: [], processes: {} };
  return {
    next: () => void at++,
    from: {
      processes: () => Object.keys(now().processes).map(Number),
      read: (path) => {
        if (path === 'self/status') return 'Name:\tnode\nCpus_allowed:\t3\nCpus_allowed_list:\t0-1\n';
        if (path === 'stat') {
          const lines = now().processors.map((ticks, i) => `cpu${i} ${ticks.join(' ')}`);
          return `cpu  1 1 1 1 1 1 1 1 0 0\n${lines.join('\n')}\nintr 5\n`;
        }
        return now().processes[Number(path.split('/')[0])];
      },
    },
  };
}

const idle: Ticks = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0];

function share(before: State, after: State): number | null {
  const { from, next } = machine(before, after);
  const load = watchLoad(from, 100);
  next();
  return load();
}

describe('the share of others', () => {
  const own = { 100: stat(100, 1, [10, 10, 0, 0]) };

  it('is the busy time minus that of this process', () => {
    // 210 ticks on two processors: 120 of them are busy, and 100 of these belong to this process, which may not use the third processor.
    const after: State = {
      processors: [
        [60, 0, 20, 20, 0, 0, 0, 0, 0, 0],
        [20, 0, 10, 60, 10, 4, 3, 3, 0, 0],
        [999, 0, 0, 0, 0, 0, 0, 0, 0, 0],
      ],
      processes: { 100: stat(100, 1, [90, 30, 0, 0]) },
    };
    const before = { processors: [idle, idle, idle], processes: own };
    expect(share(before, after)).toBeCloseTo((120 - 100) / 210, 12);
  });

  it('excludes candidates, their children, and ended children that were waited for', () => {
    const before: State = {
      processors: [idle, idle],
      processes: { ...own, 200: stat(200, 100, [5, 5, 0, 0], 'a (b) c'), 300: stat(300, 1, [0, 0, 0, 0]) },
    };
    const after: State = {
      processors: [
        [100, 0, 0, 0, 0, 0, 0, 0, 0, 0],
        [0, 0, 0, 100, 0, 0, 0, 0, 0, 0],
      ],
      processes: {
        // An ended child had 10 ticks.
        100: stat(100, 1, [20, 20, 5, 5]),
        200: stat(200, 100, [25, 15, 0, 0], 'a (b) c'),
        201: stat(201, 200, [10, 0, 0, 0]),
        300: stat(300, 1, [30, 0, 0, 0]),
      },
    };
    expect(share(before, after)).toBeCloseTo((100 - 30 - 30 - 10) / 200, 12);
  });

  it('counts steal as busy', () => {
    const before = { processors: [idle, idle], processes: own };
    const after = { processors: [[0, 0, 0, 50, 0, 0, 0, 50, 0, 0], idle], processes: own };
    expect(share(before, after)).toBe(0.5);
  });

  it('is never below 0: the two files are read one after the other', () => {
    const before = { processors: [idle, idle], processes: own };
    const after = {
      processors: [[9, 0, 0, 91, 0, 0, 0, 0, 0, 0], idle],
      processes: { 100: stat(100, 1, [30, 0, 0, 0]) },
    };
    expect(share(before, after)).toBe(0);
  });

  it('is unknown without /proc, or if its clocks do not advance', () => {
    const nothing: Proc = { read: () => undefined, processes: () => [] };
    expect(watchLoad(nothing, 100)()).toBeNull();
    const still = { processors: [[5, 0, 0, 5, 0, 0, 0, 0, 0, 0], idle], processes: own };
    expect(share(still, still)).toBeNull();
  });

  it.skipIf(process.platform !== 'linux')('excludes the work of a child on this machine', async (context) => {
    const burn = 'while (process.cpuUsage().user < 400_000);';
    const sleeper = spawn(process.execPath, ['-e', 'setInterval(() => 0, 1000)']);
    onTestFinished(() => void sleeper.kill());
    // The child is a descendant of this process, but not of the sleeper, for which it counts as another process.
    const loads = [process.pid, Number(sleeper.pid)].map((pid) => watchLoad(proc, pid));
    const burning = spawn(process.execPath, ['-e', burn]);
    await once(burning, 'exit');
    const [without, withChild] = loads.map((load) => load());
    if (typeof without !== 'number' || typeof withChild !== 'number') {
      context.skip('the clocks of /proc do not advance');
      return;
    }
    expect(withChild).toBeGreaterThan(without);
    expect(withChild).toBeLessThanOrEqual(1);
  });
});

it('a machine is quiet up to a known load of 5 %', () => {
  expect([0, 0.05, 0.051, null].map(isQuiet)).toEqual([true, true, false, false]);
});

describe('the peak memory', () => {
  it('is read in kilobytes of 1024 bytes', () => {
    const status = 'VmPeak:\t  9 kB\nVmHWM:\t  2016 kB\nVmRSS:\t  3 kB\n';
    expect(
      peakBytes(7, { read: (path) => (path === '7/status' ? status : undefined), processes: () => [] }),
    ).toBe(2016 * 1024);
  });

  it('is unknown without /proc', () => {
    expect(peakBytes(7, { read: () => undefined, processes: () => [] })).toBeNull();
  });

  it.skipIf(process.platform !== 'linux')('of this process is at least its current memory', () => {
    expect(peakBytes(process.pid, proc)).toBeGreaterThan(10_000_000);
  });
});
