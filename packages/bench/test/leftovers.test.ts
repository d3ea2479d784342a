// What is left when a process ends in the middle of a turn: nothing.
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it, onTestFinished } from 'vitest';
import { Leftovers } from '../src/candidates/leftovers.ts';
import { isRunning, temporaryFolder, typeScript } from './context.ts';

it('a process that exits during a turn leaves neither its candidates nor its folder', async () => {
  const folder = await temporaryFolder(onTestFinished);
  const program = fileURLToPath(new URL('exitsEarly.ts', import.meta.url));
  const code = await new Promise((resolve) => {
    const child = execFile(process.execPath, [...typeScript, program, folder]);
    child.once('exit', resolve);
  });
  expect(code).toBe(130);
  const pid = Number(await readFile(join(folder, 'pid'), 'utf8'));
  await expect.poll(() => isRunning(pid), { timeout: 10_000 }).toBe(false);
  const data = / open (.+)$/m.exec(await readFile(join(folder, 'log'), 'utf8'))?.[1] ?? '';
  expect(data).toContain('isonet-bench-');
  expect(existsSync(dirname(data))).toBe(false);
});

it('one that cannot be removed does not keep the others', () => {
  const removed: string[] = [];
  const listeners = process.listenerCount('exit');
  {
    using leftovers = new Leftovers();
    expect(process.listenerCount('exit')).toBe(listeners + 1);
    leftovers.add(() => {
      throw new Error('busy');
    });
    const forget = leftovers.add(() => void removed.push('forgotten'));
    leftovers.add(() => void removed.push('last'));
    forget();
  }
  expect(removed).toEqual(['last']);
  expect(process.listenerCount('exit')).toBe(listeners);
});
