// Tests candidate processes that answer correctly, and those that fail in one way or another.
import { describe, expect, it, onTestFinished } from 'vitest';
import { Leftovers } from '../src/candidates/leftovers.ts';
import type { ProcessOptions } from '../src/candidates/process.ts';
import { CandidateError, CandidateProcess, Interrupted } from '../src/candidates/process.ts';
import type { OpenRequest } from '../src/protocol.ts';
import type { FakeSettings } from './context.ts';
import { fakeCommand, isRunning } from './context.ts';

const open: OpenRequest = {
  do: 'open',
  work: 'step',
  batch: 2,
  network: 'network.json',
  weights: 'weights.safetensors',
  data: 'data.safetensors',
  optimizer: { lr: 1e-4, momentum: 0, nesterov: false, weightDecay: 0 },
  threads: null,
  device: null,
  tf32: false,
};

function start(settings: Partial<FakeSettings>, options: Partial<ProcessOptions> = {}): CandidateProcess {
  const leftovers = new Leftovers();
  onTestFinished(() => leftovers[Symbol.dispose]());
  return new CandidateProcess({
    command: fakeCommand({ name: 'A', ...settings }),
    cwd: process.cwd(),
    timeoutMs: 60_000,
    longestLine: 100_000,
    leftovers,
    ...options,
  });
}

/** Waits until the process has ended. */
async function gone({ pid }: CandidateProcess): Promise<void> {
  if (pid === undefined) throw new Error('the process did not start');
  await expect.poll(() => isRunning(pid), { timeout: 10_000 }).toBe(false);
}

it('sends requests and returns the answers', async () => {
  const candidate = start({ loss: 2.5 });
  expect(await candidate.ask(open)).toEqual({ text: 'fake A', firstMilliseconds: 123, loss: 2.5 });
  expect((await candidate.ask({ do: 'check' })).logits).toHaveLength(20);
  expect(await candidate.ask({ do: 'run', count: 3 })).toEqual({ milliseconds: [70, 10, 10], loss: 2.5 });
  expect(await candidate.ask({ do: 'product', size: 512, count: 1 })).toEqual({ milliseconds: [10] });
  expect(await candidate.ask({ do: 'close' })).toEqual({ deviceBytes: 4096 });
  await candidate.end();
  await gone(candidate);
});

describe('a program that', () => {
  it.each([
    ['dies', 'exited with 3: MemoryError: no memory is left'],
    ['isKilled', 'was killed by SIGKILL'],
    ['garbage', 'sent an invalid answer to "run": expected a line of JSON, got "Loading weights..."'],
    ['refuses', 'no such device'],
    ['tooLong', 'printed a line of more than 100000 characters'],
    ['infinite', 'sent an invalid answer to "run": milliseconds: expected a list of numbers'],
    ['negative', 'sent an invalid answer to "run": milliseconds: expected times of at least 0'],
    ['ages', 'sent an invalid answer to "run": milliseconds: expected times of at least 0 and below 1e9'],
    ['nanLoss', 'sent an invalid answer to "run": loss: expected a finite number, got null'],
  ])('%s is an error: %s', async (bad, reason) => {
    const candidate = start({ on: 'run', bad });
    await candidate.ask(open);
    const asked = candidate.ask({ do: 'run', count: 2 });
    await expect(asked).rejects.toThrow(reason);
    await expect(asked).rejects.toBeInstanceOf(CandidateError);
    if (bad !== 'refuses') await gone(candidate);
  });

  it.skipIf(process.platform === 'win32')(
    'is killed while it opens gets a hint to try a smaller batch',
    async () => {
      const candidate = start({ on: 'open', bad: 'isKilled' });
      await expect(candidate.ask(open)).rejects.toMatchObject({
        fix: 'it may have run out of memory: try a smaller --batch',
      });
    },
  );

  it('is rejected if its logits are not numbers', async () => {
    const candidate = start({ on: 'check', bad: 'noLogits' });
    await candidate.ask(open);
    await expect(candidate.ask({ do: 'check' })).rejects.toThrow('logits: expected a list of numbers');
  });

  it('answers twice receives no further request', async () => {
    const candidate = start({ on: 'run', bad: 'twice' });
    await candidate.ask(open);
    await candidate.ask({ do: 'run', count: 2 });
    await gone(candidate);
    await expect(candidate.ask({ do: 'run', count: 2 })).rejects.toThrow(
      String.raw`printed "{\"milliseconds\":[]}" without a request`,
    );
  });

  it('hangs is killed after the time limit', async () => {
    const candidate = start({ on: 'open', bad: 'hangs' }, { timeoutMs: 200 });
    await expect(candidate.ask(open)).rejects.toThrow('did not answer "open" within 0.2 s');
    await gone(candidate);
  });

  it('does not exist is an error of this candidate', async () => {
    const candidate = start({}, { command: ['isonet-no-such-program'] });
    await expect(candidate.ask(open)).rejects.toThrow('did not start: spawn isonet-no-such-program ENOENT');
  });

  it('the system rejects at once is an error of this candidate', () => {
    const command = [process.execPath, 'an argument with \0'];
    expect(() => start({}, { command })).toThrow(CandidateError);
    expect(() => start({}, { command })).toThrow('did not start: ');
  });

  it('does not exit after its last answer is killed', async () => {
    const endless = "process.stdin.on('data', () => console.log('{}')); setInterval(() => 0, 1000)";
    const candidate = start({}, { command: [process.execPath, '-e', endless] });
    expect(await candidate.ask({ do: 'close' })).toEqual({});
    await candidate.end();
    await gone(candidate);
  });
});

describe('a request to stop', () => {
  it('does not wait for an untimed answer', async () => {
    const candidate = start({ on: 'open', bad: 'hangs' });
    const stop = { aborted: false };
    const asked = candidate.ask(open, stop);
    stop.aborted = true;
    await expect(asked).rejects.toBeInstanceOf(Interrupted);
    await gone(candidate);
  });

  it('has no effect before it is made', async () => {
    const candidate = start({});
    await candidate.ask(open, { aborted: false });
    expect(await candidate.ask({ do: 'run', count: 1 })).toEqual({ milliseconds: [70], loss: 2.3 });
  });
});

it.skipIf(process.platform === 'win32')('the child processes of a candidate end with it', async () => {
  const child = "require('child_process').spawn('sleep', ['600'], { stdio: 'ignore' }).pid";
  const program = `process.stdin.once('data', () => console.log(JSON.stringify({ text: String(${child}), firstMilliseconds: 1 })))`;
  const candidate = start({}, { command: [process.execPath, '-e', program] });
  const { text } = await candidate.ask(open);
  expect(isRunning(Number(text))).toBe(true);
  candidate.kill();
  await expect.poll(() => isRunning(Number(text)), { timeout: 10_000 }).toBe(false);
});
