// Tests that a part, however it ends, leaves no process running, and writes a JSON file with its results so far and the
// outcome.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import type { Ended } from '../run/child.ts';
import { runCommand } from '../run/child.ts';
import { findManifest } from '../run/driver.ts';
import { driverLibrary, withoutOverrides } from '../run/machine.ts';
import { defined } from '@isonet/core';
import { eventOf } from '../kit/isonet.ts';
import { writeSample } from '../kit/sample.ts';
import type { ListedBackend } from '../kit/wanted.ts';
import { absentDevices, missingDevices } from '../kit/wanted.ts';
import type { Finished } from '../run/results.ts';
import type { Outcome, Summary } from '../run/results.ts';
import { finish, skip, writeSummary } from '../run/results.ts';
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

interface FinalJson extends Finished {
  readonly results: Readonly<Record<string, number>>;
  readonly tail?: readonly string[];
}

/** Reads the final JSON of the part. */
function finalJson(out: string): FinalJson {
  return JSON.parse(readFileSync(join(out, `${part.name}.json`), 'utf8')) as FinalJson;
}

/** Runs the fixture. */
async function runFixture(behavior: string, seconds = 60): Promise<FinalJson> {
  const out = folder();
  const args = ['--conditions=@isonet/source', '--import', 'tsx', fixture];
  const options = [`--name=${part.name}`, `--out=${out}`, `--device=${behavior}`, '--seconds=60'];
  const ended = await runCommand({
    program: process.execPath,
    args: [...args, ...options],
    env: process.env,
    seconds,
  });
  const finished = finish(out, part, behavior, ended);
  expect(finalJson(out)).toMatchObject(finished);
  return finalJson(out);
}

/** Returns whether a process is running. A process that has ended may remain as a zombie. */
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
    ['crashes', 'crashed', 'exit code null; last output: the first is done', { first: 1 }],
  ])('that %s leaves its results', async (behavior, outcome, line, results) => {
    const found = await runFixture(behavior);
    expect(found).toMatchObject({ part: part.name, device: behavior, outcome, line, results });
    expect(found.tail?.includes('  the first is done')).toBe(outcome === 'passed' ? undefined : true);
  });

  it.skipIf(process.platform !== 'linux')('that hangs is ended with its child processes', async () => {
    const found = await runFixture('hangs', 5);
    expect(found).toMatchObject({ outcome: 'timed out', results: { first: 1 } });
    expect(found.line).toMatch(/^stopped after \d+ s; last output: the first is done$/);
    const { child = 0 } = found.results;
    expect(child).toBeGreaterThan(0);
    await vi.waitFor(() => expect(isRunning(child)).toBe(false));
  });

  it.skipIf(process.platform !== 'linux')('that leaves a process with its output still ends', async () => {
    const found = await runFixture('leaves', 50);
    const { child = 0 } = found.results;
    expect(isRunning(child)).toBe(true);
    process.kill(child, 'SIGKILL');
    expect(found).toMatchObject({ outcome: 'passed', line: 'it is done' });
  });

  it.skipIf(process.platform !== 'linux')('that cannot be killed is abandoned', async () => {
    const kill = vi.spyOn(process, 'kill').mockReturnValue(true);
    const sleep = ['-e', 'console.log(process.pid); setTimeout(() => {}, 60_000)'];
    const ended = await runCommand({ program: process.execPath, args: sleep, env: process.env, seconds: 1 });
    kill.mockRestore();
    const [pid = '', ...more] = ended.tail;
    process.kill(Number(pid), 'SIGKILL');
    expect(ended).toMatchObject({ code: null, timedOut: true });
    expect(more).toEqual(['it did not end when killed']);
  });

  it('whose program is missing reports it', async () => {
    const out = folder();
    const ended = await runCommand({ program: '/none/python3', args: [], env: {}, seconds: 5 });
    expect(finish(out, part, null, ended)).toMatchObject({
      outcome: 'crashed',
      line: 'exit code null; last output: spawn /none/python3 ENOENT',
    });
    expect(finalJson(out).results).toEqual({});
  });

  it('that was skipped reports why', () => {
    const out = folder();
    skip(out, part, 'webgpu:gpu', 'no time remained');
    expect(finalJson(out)).toEqual({
      part: part.name,
      device: 'webgpu:gpu',
      outcome: 'skipped',
      seconds: 0,
      line: 'no time remained',
      results: {},
    });
  });

  it.each<[string, Partial<Ended>, string]>([
    ['reports passed and exits with 1', { code: 1 }, 'crashed'],
    ['reports passed and was stopped', { code: 0, timedOut: true }, 'timed out'],
    ['reports passed and exits with 0', { code: 0 }, 'passed'],
  ])('that %s', (_, how, outcome) => {
    const out = folder();
    writeFileSync(
      join(out, `${part.name}.json`),
      JSON.stringify({ outcome: 'passed', line: 'done', results: { first: 1 } }),
    );
    const ended: Ended = { code: 0, timedOut: false, seconds: 1, tail: ['done'], ...how };
    expect(finish(out, part, null, ended).outcome).toBe(outcome);
    expect(finalJson(out).results).toEqual({ first: 1 });
  });
});

describe('the summary', () => {
  const finished = (name: string, line: string): Finished => ({
    part: name,
    device: null,
    outcome: 'passed',
    seconds: 1,
    line,
  });
  const write = (out: string, parts: readonly Finished[], rehearsal = false): void =>
    writeSummary(out, { started: 'now', seconds: 1, rehearsal, parts });
  const linesOf = (out: string): readonly string[] => {
    const { parts } = JSON.parse(readFileSync(join(out, 'summary.json'), 'utf8')) as Summary;
    return parts.map(({ part: name, line }) => `${name} ${line}`);
  };

  it('keeps the parts of an earlier run that did not run again', () => {
    const out = folder();
    write(out, [finished('system', 'old'), finished('torch', 'old')]);
    write(out, [finished('torch', 'new')]);
    expect(linesOf(out)).toEqual(['system old', 'torch new']);
  });

  it('does not mix a rehearsal with the results of a card', () => {
    const out = folder();
    write(out, [finished('system', 'rehearsed')], true);
    write(out, [finished('torch', 'new')]);
    expect(linesOf(out)).toEqual(['torch new']);
  });
});

describe('the search for a driver', () => {
  const tried = async (
    outcomes: readonly Outcome[],
  ): Promise<{ readonly found: unknown; readonly seconds: readonly number[] }> => {
    const seconds: number[] = [];
    const found = await findManifest([undefined, 'a', 'b', 'c'], (_, limit) => {
      seconds.push(limit);
      return Promise.resolve(defined(outcomes[seconds.length - 1], 'an outcome'));
    });
    return { found, seconds };
  };

  it.each<[string, readonly Outcome[], unknown, readonly number[]]>([
    ['takes the first that works', ['failed', 'passed'], { manifest: 'a' }, [40, 12]],
    ['tries each', ['failed', 'crashed', 'timed out', 'failed'], 'none', [40, 12, 12, 12]],
    ['stops after the second timeout', ['timed out', 'failed', 'timed out'], 'none', [40, 12, 12]],
    ['stops when no time remains', ['timed out', 'skipped'], 'no time', [40, 12]],
  ])('%s', async (_, outcomes, found, seconds) => {
    expect(await tried(outcomes)).toEqual({ found, seconds });
  });
});

describe('the machine', () => {
  it('gets no TF32 override, and loads kernels lazily', () => {
    const env = withoutOverrides({ NVIDIA_TF32_OVERRIDE: '1', CUDA_MODULE_LOADING: 'EAGER', HOME: '/root' });
    expect(env).toEqual({ CUDA_MODULE_LOADING: 'LAZY', HOME: '/root' });
  });

  it('refers to a driver library by its path, or by its name if the loader finds it', () => {
    const out = folder();
    const name = 'libGLX_nvidia.so.0';
    expect(driverLibrary(name, new Set(), [out])).toBeUndefined();
    expect(driverLibrary(name, new Set([name]), [out])).toBe(name);
    writeFileSync(join(out, name), '');
    expect(driverLibrary(name, new Set([name]), ['/none', out])).toBe(join(out, name));
  });

  it('reports missing devices, and the reason for each absent one', () => {
    const info = { kind: 'gpu', text: 'a card' } as const;
    const cuda: ListedBackend = {
      name: 'onnx',
      ok: true,
      devices: [{ id: 'cpu', ...info }],
      absent: [{ id: 'cuda', reason: 'no driver', fix: 'install it' }],
    };
    const webgpu: ListedBackend = { name: 'webgpu', ok: true, devices: [{ id: 'gpu', ...info }] };
    expect(missingDevices([cuda, webgpu])).toEqual(['onnx:cuda']);
    expect(absentDevices([cuda, webgpu])).toEqual([
      { id: 'onnx:cuda', reason: 'no driver', fix: 'install it' },
    ]);
    const none: ListedBackend = {
      name: 'webgpu',
      ok: false,
      code: 'NATIVE',
      reason: 'no Dawn',
      fix: 'npm i',
    };
    expect(missingDevices([none])).toEqual(['onnx:cuda', 'webgpu:gpu']);
    expect(absentDevices([none])).toEqual([{ id: 'webgpu', reason: 'no Dawn', fix: 'npm i' }]);
  });

  it('may print non-JSON lines', () => {
    expect(eventOf('{"event":"start"}')).toEqual({ event: 'start' });
    expect(eventOf('[W] a library warns')).toBeUndefined();
  });
});

describe('the sample', () => {
  it.each([
    [3, 3],
    [undefined, 1000],
  ])('has %s images', (count, least) => {
    const out = folder();
    writeSample(out, count);
    const bytes = readFileSync(join(out, 't10k-images-idx3-ubyte'));
    const images = bytes.readUInt32BE(4);
    expect(images).toBeGreaterThanOrEqual(least);
    expect(bytes.length).toBe(16 + images * 28 * 28);
  });
});

describe('the schedule', () => {
  it('gives each part a unique name', () => {
    expect(new Set(schedule.map(({ name }) => name)).size).toBe(schedule.length);
  });

  it('keeps the order of requested parts, and refuses unknown ones', () => {
    expect(chosen([])).toBe(schedule);
    expect(chosen(['torch', 'adapters']).map(({ name }) => name)).toEqual(['adapters', 'torch']);
    expect(chosen(['--without', 'conformance-cuda']).map(({ name }) => name)).toEqual(
      schedule.map(({ name }) => name).filter((name) => name !== 'conformance-cuda'),
    );
    expect(() => chosen(['--without'])).toThrow('--without: list the parts to leave out');
    expect(() => chosen(['nvidia'])).toThrow(/^unknown part "nvidia": expected some of adapters, /);
  });
});

describe('the tables', () => {
  const write = (out: string, name: string, results: object): void =>
    writeFileSync(join(out, `${name}.json`), JSON.stringify({ results }));
  const times = (alone: number, chained: number, first?: number): object => ({
    first,
    alone: { median: alone },
    chained: { median: chained },
  });

  it('show results side by side, PyTorch with its faster layout', () => {
    const out = folder();
    write(out, 'steps-webgpu', {
      networks: { 'nin-32': { step: times(4, 3, 900), forward: times(2, 1, 800) } },
    });
    write(out, 'forward-onnx-webgpu', { networks: { 'nin-32': { step: null, forward: times(9, 8, 70) } } });
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
    expect(lines).toContain(
      '| nin-32 | step | 900 | 4.00 | 3.00 |  |  |  | 1.40 | 1.25 |  | 1.00 | 1.00 | 0.125 |',
    );
    expect(lines).toContain(
      '| nin-32 | forward | 800 | 2.00 | 1.00 | 70.0 | 9.00 | 8.00 | 0.500 | 0.250 |  | 0.500 | 0.500 |  |',
    );
    expect(lines).toContain('| 1024 | 812 | 40000 |  |');
  });

  it('are empty if no part has results', () => {
    expect(tables(folder())).toEqual(['']);
  });
});
