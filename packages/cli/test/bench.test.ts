// Tests isonet bench on the tiny network and the reference backend: what it prints, writes and rejects, and how it stops.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { BenchReport } from '@isonet/bench';
import { rivals } from '@isonet/bench';
import { describe, expect, it, vi } from 'vitest';
import type { World } from './helpers.ts';
import { makeWorld } from './helpers.ts';
import { inTerminal, nodeArgs } from './processes.ts';

const CTRL_C = '\u0003';
const tiny = ['bench', 'tiny', '--backend', 'reference', '--work', 'forward', '--batch', '2'] as const;
const quick = [...tiny, '--rounds', '2'] as const;

const reportIn = async (world: World, name: string): Promise<BenchReport> =>
  JSON.parse(await readFile(join(world.cwd, name), 'utf8')) as BenchReport;

describe('isonet bench', () => {
  it('prints its measurements, and writes them to the requested files', async () => {
    const world = await makeWorld();
    const files = ['--out', 'report.json', '--markdown', 'report.md', '--plot', 'plot.svg'];
    const { code, stdout, stderr } = await world.run(...quick, ...files);
    expect({ code, stderr }).toEqual({
      code: 0,
      stderr: 'measurement 1/1: tiny, batch 2, forward: 2 rounds\n',
    });
    expect(stdout).toContain('reference:cpu');
    expect(stdout).toMatch(
      /\nreport\.json is the report: .*\nreport\.md is the report as Markdown: .*\nplot\.svg is the plot of the report: open it in a browser\n$/,
    );
    const report = await reportIn(world, 'report.json');
    expect(report.measurements[0]?.candidates[0]?.milliseconds).toHaveLength(2);
    expect(await readFile(join(world.cwd, 'report.md'), 'utf8')).toMatch(
      /^# Benchmark\n[^]*\| reference:cpu \|/,
    );
    expect(await readFile(join(world.cwd, 'plot.svg'), 'utf8')).toContain('<svg');
  });

  it('prints only the report with --json', async () => {
    const world = await makeWorld();
    const { code, stdout, stderr } = await world.run(...quick, '--json');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout.split('\n')).toHaveLength(2);
    expect(JSON.parse(stdout)).toMatchObject({
      format: 'isonet-bench',
      version: 1,
      command: 'npx isonet bench tiny --backend reference --batch 2 --work forward --rounds 2',
      rounds: 2,
      measurements: [{ model: 'tiny', recipe: 'best', batch: 2, work: 'forward' }],
      missing: [],
    });
  });

  it('ends with 1 if a candidate fails, and writes no file if nothing was measured', async () => {
    const world = await makeWorld();
    const { code, stdout, stderr } = await world.run(...quick, '--threads', '2', '--out', 'report.json');
    expect(code).toBe(1);
    expect(stdout).toContain(
      'reference:cpu: tiny, batch 2, forward: --threads: reference has no such option: leave it out',
    );
    expect(stderr).toContain('nothing was measured: report.json is not written\n');
    expect(existsSync(join(world.cwd, 'report.json'))).toBe(false);
  });

  it('lists the rivals with their descriptions in its help', async () => {
    const { stdout } = await (await makeWorld()).run('bench', '--help');
    for (const { name, text } of rivals) expect(stdout).toContain(`\n  ${name.padEnd(11)}  ${text}\n`);
    expect(stdout).toContain('Examples:');
  });

  it('explains itself if the program of a candidate is run directly', async () => {
    const program = join(import.meta.dirname, '../src/candidate.ts');
    const args = ['--conditions=@isonet/source', '--import', 'tsx', program];
    const failure: unknown = await promisify(execFile)(process.execPath, args).catch(
      (error: unknown) => error,
    );
    expect(failure).toMatchObject({
      code: 2,
      stderr: 'isonet bench starts this program; do not run it directly. Run: npx isonet bench MODEL\n',
    });
  });

  it('compares with an older report', async () => {
    const world = await makeWorld();
    // An interval needs at least 6 rounds.
    await world.run(...tiny, '--rounds', '6', '--out', 'old.json');
    const old = await reportIn(world, 'old.json');
    // In the older report, each time is a nanosecond.
    const faster = old.measurements.map((measurement) => ({
      ...measurement,
      candidates: measurement.candidates.map((one) => ({ ...one, median: 1e-9, interval: [1e-9, 1e-9] })),
    }));
    await writeFile(join(world.cwd, 'faster.json'), JSON.stringify({ ...old, measurements: faster }));
    const { code, stdout } = await world.run(...tiny, '--rounds', '6', '--compare', 'faster.json');
    expect(code).toBe(1);
    expect(stdout).toContain('1 slower');
    // A report of another network has nothing to compare with.
    const other = old.measurements.map((measurement) => ({ ...measurement, model: 'other' }));
    await writeFile(join(world.cwd, 'other.json'), JSON.stringify({ ...old, measurements: other }));
    expect(await world.run(...tiny, '--rounds', '6', '--compare', 'other.json')).toMatchObject({ code: 1 });
  });
});

describe('an invalid command line', () => {
  it.each([
    [['bench'], 2, "error: missing required argument 'model'\n"],
    [[...tiny, '--rounds', '0'], 2, /--rounds <n>.* is invalid\. Expected an integer of at least 1\.\n$/],
    [[...tiny, '--batch', '2,x'], 2, /--batch <list>.* is invalid\. Expected an integer of at least 1\.\n$/],
    [[...tiny, '--rounds', '9999'], 2, 'error: --rounds: expected an integer from 1 to 1,000, got 9999\n'],
    [[...tiny, '--work', 'steps'], 2, 'error: --work: expected forward or step, got "steps"\n'],
    [[...tiny, '--rivals', 'trch'], 2, /^error: unknown rival "trch"/],
    [['bench', 'tiny', '--backend', 'onnxx'], 1, /^error: unknown backend "onnxx"/],
    [[...tiny, '--compare', 'nothing.json'], 1, /nothing\.json: there is no such report/],
    [[...tiny, '--out', 'nowhere/report.json'], 1, /^error: nowhere\/report\.json: /],
    [
      [...tiny, '--out', 'a.json', '--plot', './a.json'],
      2,
      'error: two of --out, --markdown and --plot name the same file: use different files\n',
    ],
  ] as const)('%o', async (argv, code, message) => {
    const world = await makeWorld();
    const outcome = await world.run(...argv);
    expect(outcome).toMatchObject({ code, stdout: '', stderr: expect.stringMatching(message) as string });
    expect(outcome.stderr.split('\n')).toHaveLength(2);
  });

  it('replaces a file only with --force', async () => {
    const world = await makeWorld();
    const path = join(world.cwd, 'report.json');
    await writeFile(path, 'mine');
    const { code, stderr } = await world.run(...quick, '--out', 'report.json');
    expect(code).toBe(1);
    expect(stderr).toBe('error: "report.json" already exists: choose another file, or pass --force\n');
    expect(await readFile(path, 'utf8')).toBe('mine');
    const forced = await world.run(...quick, '--out', 'report.json', '--force');
    expect(forced.code).toBe(0);
    expect(await reportIn(world, 'report.json')).toMatchObject({ format: 'isonet-bench' });
  });
});

/** Returns the ids of the processes with a word in their environment. Works only on Linux. */
function processesWith(word: string): readonly string[] {
  return readdirSync('/proc').filter((id) => {
    try {
      return /^\d+$/.test(id) && readFileSync(`/proc/${id}/environ`, 'utf8').includes(word);
    } catch {
      return false;
    }
  });
}

describe.skipIf(process.platform !== 'linux')('a Ctrl-C in the terminal', () => {
  it.each([
    ['during the rounds', /\b[2-9]\/1000 /, 'reference:cpu'],
    ['while a candidate is opened', /warming up reference:cpu/, ''],
  ])('%s prints the complete measurements, and leaves nothing behind', async (_, seen, printed) => {
    const world = await makeWorld();
    const temporary = join(world.cwd, 'temporary');
    await mkdir(temporary);
    const command = [process.execPath, ...nodeArgs, ...tiny, '--rounds', '1000'] as const;
    const terminal = inTerminal(world.cwd, command, { TMPDIR: temporary });
    await vi.waitFor(() => expect(terminal.text).toMatch(seen), { timeout: 40_000, interval: 20 });
    // The command line and its candidate.
    expect(processesWith(temporary).length).toBeGreaterThanOrEqual(2);
    terminal.type(CTRL_C);
    expect(await terminal.ended).toBe(130);
    expect(terminal.text.split('stopping after the current turn').length).toBe(2);
    const lines = terminal.text.slice(terminal.text.lastIndexOf('exit at once'));
    expect(lines).toContain(printed);
    expect(processesWith(temporary)).toEqual([]);
    // tsx, which runs TypeScript, has its own temporary files.
    expect((await readdir(temporary)).filter((name) => !name.startsWith('tsx'))).toEqual([]);
  });
});
