// Tests that a temporary folder and its processes are gone at the end, even after a failure.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { inTemporaryFolder, runGroup } from '../temporary.mjs';

it('ends its commands and their child processes', async () => {
  let ran: ReturnType<typeof runGroup> | undefined;
  let folder = '';
  // The inner process keeps the output open, so ending only the outer one would not end the command.
  const inner = `require('node:fs').writeFileSync('started', ''); setInterval(() => {}, 1000)`;
  const outer = `require('node:child_process').spawn(process.execPath, ['-e', ${JSON.stringify(inner)}], { stdio: 'inherit' })`;
  const work = async (path: string): Promise<void> => {
    folder = path;
    ran = runGroup([process.execPath, '-e', outer], { cwd: path });
    while (!existsSync(join(path, 'started'))) await setTimeout(20);
    throw new Error('failed');
  };
  await expect(inTemporaryFolder(work)).rejects.toThrow('failed');
  expect(existsSync(folder)).toBe(false);
  expect((await ran)?.code).not.toBe(0);
});
