// Tests Ctrl-C while ONNX Runtime computes a step of several seconds in its worker. The first Ctrl-C is announced during the step, and
// the run is saved after the step. A second Ctrl-C does not wait for the step.
import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it, onTestFinished } from 'vitest';
import { writeData } from '../../runs/test/tiny.ts';
import { sourceArgs } from './tables.ts';

/** A training run in its second step. */
interface Training {
  readonly interrupt: () => void;
  /** Resolves once stderr has this text. */
  readonly printed: (text: string) => Promise<void>;
  /** The exit code or signal, stderr, and the record of the run. */
  readonly ended: Promise<{
    readonly code: number | null;
    readonly signal: string | null;
    readonly stderr: string;
    readonly record: unknown;
  }>;
}

async function training(): Promise<Training> {
  const cwd = await mkdtemp(join(tmpdir(), 'isonet-slow-'));
  await writeData(join(cwd, 'data'), 1);
  const args = 'train slow --backend onnx --threads 1 --batch-size 24 --epochs 1000 --data data --out run';
  const program = fileURLToPath(new URL('slowMain.ts', import.meta.url));
  const child = spawn(process.execPath, [...sourceArgs, program, ...args.split(' ')], {
    cwd,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, NO_COLOR: '1' },
  });
  onTestFinished(async () => {
    child.kill('SIGKILL');
    await rm(cwd, { recursive: true, force: true });
  });
  const texts = { stdout: '', stderr: '' };
  child.stdout.on('data', (chunk: Buffer) => (texts.stdout += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (texts.stderr += chunk.toString()));
  const until = async (output: keyof typeof texts, text: string): Promise<void> => {
    while (!texts[output].includes(text) && child.exitCode === null) await pause(20);
    if (!texts[output].includes(text)) throw new Error(`no "${text}" in: ${texts.stdout}${texts.stderr}`);
  };
  const closed = new Promise<Pick<Awaited<Training['ended']>, 'code' | 'signal'>>((resolve) =>
    child.once('close', (code, signal) => resolve({ code, signal })),
  );
  const ended = closed.then(async (how) => ({
    ...how,
    stderr: texts.stderr,
    record: JSON.parse(await readFile(join(cwd, 'run', 'run.json'), 'utf8')) as unknown,
  }));
  await until('stdout', 'epoch 1,');
  await pause(300);
  return { interrupt: () => void child.kill('SIGINT'), printed: (text) => until('stderr', text), ended };
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

const ANNOUNCEMENT = 'stopping after the current step';

it.skipIf(process.platform === 'win32')('one Ctrl-C saves after the current step', async () => {
  const { interrupt, ended } = await training();
  interrupt();
  const { code, record } = await ended;
  expect(code).toBe(130);
  expect(record).toMatchObject({ status: 'stopped', step: 2 });
});

it.skipIf(process.platform === 'win32')(
  'a second Ctrl-C interrupts the step, and nothing aborts',
  async () => {
    const { interrupt, printed, ended } = await training();
    interrupt();
    await printed(ANNOUNCEMENT); // The announcement does not wait for the step.
    await pause(1300);
    interrupt();
    const { signal, stderr, record } = await ended;
    expect(signal).toBe('SIGINT'); // Only a signal ends native code; an exit would have waited.
    expect(stderr.split(ANNOUNCEMENT).length).toBe(2);
    expect(stderr).not.toContain('terminate called');
    expect(record).toMatchObject({ status: 'running' });
  },
);
