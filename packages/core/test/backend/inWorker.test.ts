// The lifetime of workers: how they start and end.
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { BackendError, DeviceLostError, inWorker } from '@isonet/core';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { nodeArguments, startWorker } from './remote/start.ts';
import { endAll, openInWorker, pair, prepared, stepping, valuesOf } from './remote/support.ts';

afterEach(endAll);

describe('a worker', () => {
  it.each([
    ['is killed', 'slow', 'the worker exited with code 1'],
    ['exits', 'exit', 'the worker exited with code 3'],
    ['crashes', 'crash', 'the worker crashed'],
  ] as const)('that %s loses its device', async (what, name, reason) => {
    const { device, worker } = await openInWorker();
    const { program, state } = await prepared(device, stepping(name));
    const run = program.run(state, { x: pair(1, 1) });
    const pending = [run.accepted, run.read(), state.read(), state.write({ w: pair(1, 1) })];
    if (what === 'is killed') await worker.terminate();
    await expect(device.lost).resolves.toBe(reason);
    for (const one of pending) await expect(one).rejects.toThrow(DeviceLostError);
    await expect(device.compile(stepping())).rejects.toThrow(reason);
    await device[Symbol.asyncDispose]();
  });

  it('ends when its device is disposed, even during a run, without a device loss', async () => {
    const { device, worker } = await openInWorker();
    const lost = vi.fn<() => void>();
    void device.lost.then(lost);
    const { program, state } = await prepared(device, stepping('slow'));
    const read = program.run(state, { x: pair(1, 1) }).read(['y']);
    const exit = once(worker, 'exit');
    await device[Symbol.asyncDispose]();
    expect(valuesOf(await read)).toEqual({ y: [1, 2] });
    await expect(exit).resolves.toEqual([0]);
    expect(lost).not.toHaveBeenCalled();
  });

  it.skipIf(process.platform !== 'linux')('leaves no thread behind', async () => {
    const counts: number[] = [];
    for (let round = 0; round < 4; round++) {
      const { device, worker } = await openInWorker();
      const { program, state } = await prepared(device);
      await program.run(state, { x: pair(1, 1) }).read();
      const exit = once(worker, 'exit');
      await device[Symbol.asyncDispose]();
      await exit;
      counts.push(readdirSync('/proc/self/task').length);
    }
    expect(counts.at(-1)).toBe(counts[1]);
  });

  it('ends after a probe, and after a failed open', async () => {
    const exits: Promise<unknown>[] = [];
    const backend = inWorker('loops', () => {
      const worker = startWorker();
      exits.push(once(worker, 'exit'));
      return worker;
    });
    await backend.probe();
    await expect(backend.open({ tf32: true })).rejects.toMatchObject({ code: 'UNKNOWN_OPTION' });
    await expect(Promise.all(exits)).resolves.toEqual([[0], [0]]);
  });

  it('that does not start, or serves nothing, fails open and is reported by probe', async () => {
    const starts = {
      'no such file': () => new Worker(new URL('./remote/none.mjs', import.meta.url)),
      'exited with code 0': () => new Worker('', { eval: true }),
      'cannot start': (): Worker => {
        throw new Error('cannot start');
      },
    };
    for (const start of Object.values(starts)) {
      const backend = inWorker('loops', start);
      await expect(backend.open()).rejects.toMatchObject({ name: 'BackendError', code: 'REMOTE' });
      await expect(backend.probe()).resolves.toMatchObject({ ok: false, code: 'REMOTE' });
    }
  });

  it('passes on a BackendError from its start', async () => {
    const error = new BackendError('WORKER', 'loops: no file; install it');
    const backend = inWorker('loops', () => {
      throw error;
    });
    await expect(backend.open()).rejects.toBe(error);
    await expect(backend.probe()).resolves.toMatchObject({ ok: false, code: 'REMOTE' });
  });

  it('keeps the process alive until it is idle', () => {
    const file = fileURLToPath(new URL('./remote/idle.ts', import.meta.url));
    const { stdout, stderr, status } = spawnSync(process.execPath, [...nodeArguments, file], {
      encoding: 'utf8',
      timeout: 30_000,
    });
    expect({ stdout, stderr, status }).toEqual({ stdout: '42\n', stderr: '', status: 0 });
  });
});
