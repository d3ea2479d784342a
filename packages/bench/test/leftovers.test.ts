// Tests that a benchmark that ends in the middle of a turn leaves no processes or temporary folders behind.
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it, onTestFinished } from 'vitest';
import { Leftovers } from '../src/candidates/leftovers.ts';
import { isRunning, temporaryFolder, typeScript } from './context.ts';

it('removes candidates and folder if the process exits during a turn', async () => {
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

it('runs the other removals if one fails', () => {
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
