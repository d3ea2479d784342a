// However a part ends, it leaves its JSON with the results so far and the outcome, and no process.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import type { Ended } from '../run/child.ts';
import { runCommand } from '../run/child.ts';
import type { Finished } from '../run/results.ts';
import { finish, skip } from '../run/results.ts';
import { chosen, schedule } from '../run/schedule.ts';
import { tables } from '../run/tables.ts';

const fixture = fileURLToPath(new URL('fixturePart.ts', import.meta.url));
const part = { name: 'steps-webgpu', part: 'steps', seconds: 60 };

beforeEach(() => {
  vi.spyOn(process.stdout, 'write').mockReturnValue(true); // The log.
  return () => vi.restoreAllMocks();
});

function folder(): string {
  const path = mkdtempSync(join(tmpdir(), 'isonet-parts-'));
  onTestFinished(() => rmSync(path, { recursive: true }));
  return path;
}

interface Left extends Finished {
  readonly results: Readonly<Record<string, number>>;
  readonly tail?: readonly string[];
}

/** The JSON of the part in the end. */
function left(out: string): Left {
  return JSON.parse(readFileSync(join(out, `${part.name}.json`), 'utf8')) as Left;
}

/** Runs the fixture. */
async function ran(does: string, seconds = 60): Promise<Left> {
  const out = folder();
  const args = ['--conditions=@isonet/source', '--import', 'tsx', fixture];
  const asked = [`--name=${part.name}`, `--out=${out}`, `--device=${does}`, '--seconds=60'];
  const ended = await runCommand({
    program: process.execPath,
    args: [...args, ...asked],
    env: process.env,
    seconds,
  });
  const finished = finish(out, part, does, ended);
  expect(left(out)).toMatchObject(finished);
  return left(out);
}

/** Whether a process computes: one that has ended may wait for whoever adopted it. */
function isRunning(pid: number): boolean {
  try {
    return !/^\d+ \(.*\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false;
  }
}

describe('a part', () => {
  it.each([
    ['passes', 'passed', 'both are done', { first: 1, second: 2 }],
    ['fails', 'failed', 'no card', { first: 1 }],
    ['wrong', 'failed', 'off by 1', { first: 1 }],
    ['crashes', 'crashed', 'exit code null; at last: the first is done', { first: 1 }],
  ])('that %s leaves its results', async (does, outcome, line, results) => {
    const found = await ran(does);
    expect(found).toMatchObject({ part: part.name, device: does, outcome, line, results });
    expect(found.tail?.includes('  the first is done')).toBe(outcome === 'passed' ? undefined : true);
  });

  it.skipIf(process.platform !== 'linux')('that hangs is ended with all that it has started', async () => {
    const found = await ran('hangs', 5);
    expect(found).toMatchObject({ outcome: 'timed out', results: { first: 1 } });
    expect(found.line).toMatch(/^stopped after \d+ s; at last: the first is done$/);
    const { child = 0 } = found.results;
    expect(child).toBeGreaterThan(0);
    await vi.waitFor(() => expect(isRunning(child)).toBe(false));
  });

  it('whose program is missing says so', async () => {
    const out = folder();
    const ended = await runCommand({ program: '/none/python3', args: [], env: {}, seconds: 5 });
    expect(finish(out, part, null, ended)).toMatchObject({
      outcome: 'crashed',
      line: 'exit code null; at last: spawn /none/python3 ENOENT',
    });
    expect(left(out).results).toEqual({});
  });

  it('that was not run says why', () => {
    const out = folder();
    skip(out, part, 'webgpu:gpu', 'no time was left');
    expect(left(out)).toEqual({
      part: part.name,
      device: 'webgpu:gpu',
      outcome: 'skipped',
      seconds: 0,
      line: 'no time was left',
      results: {},
    });
  });

  it.each<[string, Partial<Ended>, string]>([
    ['says passed and exits with 1', { code: 1 }, 'crashed'],
    ['says passed and was stopped', { code: 0, timedOut: true }, 'timed out'],
    ['says passed and exits with 0', { code: 0 }, 'passed'],
  ])('that %s', (_, how, outcome) => {
    const out = folder();
    writeFileSync(
      join(out, `${part.name}.json`),
      JSON.stringify({ outcome: 'passed', line: 'done', results: { first: 1 } }),
    );
    const ended: Ended = { code: 0, timedOut: false, seconds: 1, tail: ['done'], ...how };
    expect(finish(out, part, null, ended).outcome).toBe(outcome);
    expect(left(out).results).toEqual({ first: 1 });
  });
});

describe('the schedule', () => {
  it('has a name of its own for each part', () => {
    expect(new Set(schedule.map(({ name }) => name)).size).toBe(schedule.length);
  });

  it('keeps its order for the parts that are asked for, and refuses others', () => {
    expect(chosen([])).toBe(schedule);
    expect(chosen(['torch', 'adapters']).map(({ name }) => name)).toEqual(['adapters', 'torch']);
    expect(() => chosen(['nvidia'])).toThrow(/^there is no part "nvidia"; expected some of adapters, /);
  });
});

describe('the tables', () => {
  const write = (out: string, name: string, results: object): void =>
    writeFileSync(join(out, `${name}.json`), JSON.stringify({ results }));
  const times = (alone: number, chained: number): object => ({
    alone: { median: alone },
    chained: { median: chained },
  });

  it('put what there is side by side, PyTorch by its faster layout', () => {
    const out = folder();
    write(out, 'steps-webgpu', { networks: { 'nin-32': { step: times(4, 3), forward: times(2, 1) } } });
    write(out, 'forward-onnx-webgpu', { networks: { 'nin-32': { step: null, forward: times(9, 8) } } });
    const rows = [
      { tf32: false, step: times(1.5, 1.25), forward: times(0.5, 0.25) },
      { tf32: false, step: times(1.4, 1.3), forward: times(0.6, 0.3) },
      { tf32: true, step: { ...times(1, 1), graph: { median: 0.125 } }, forward: times(0.5, 0.5) },
    ];
    write(out, 'torch', {
      version: '2',
      networks: { 'nin-32': rows },
      products: { 1024: { float32: { gigaflops: 40000 } } },
    });
    write(out, 'products-webgpu', { products: { 1024: { gigaflops: 812.25 } } });
    const lines = tables(out);
    expect(lines).toContain('| nin-32 | step | 4.00 | 3.00 |  |  | 1.40 | 1.25 |  | 1.00 | 1.00 | 0.125 |');
    expect(lines).toContain(
      '| nin-32 | forward | 2.00 | 1.00 | 9.00 | 8.00 | 0.500 | 0.250 |  | 0.500 | 0.500 |  |',
    );
    expect(lines).toContain('| 1024 | 812 | 40000 |  |');
  });

  it('are empty where no part has numbers', () => {
    expect(tables(folder())).toEqual(['']);
  });
});
