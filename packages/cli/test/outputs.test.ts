// Tests outputs to a full disk or to a closed reader: the command prints one line on the stream that still works, and ends with a nonzero
// exit code. A training run is saved first.
import { existsSync } from 'node:fs';
import { open, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { jsonLines, keyboard, makeWorld, onlyBackend, watched } from './helpers.ts';
import { endless, runRecord, start } from './processes.ts';

const DISK_FULL = 'cannot be written: the disk is full: free some space, or write to another disk (ENOSPC)';

/** Opens a file on which every write fails with ENOSPC. */
async function fullDisk(): Promise<number> {
  const file = await open('/dev/full', 'w');
  onTestFinished(() => file.close());
  return file.fd;
}

describe.skipIf(!existsSync('/dev/full'))('a full disk', () => {
  it('under stdout stops and saves a training run', async () => {
    const world = await makeWorld();
    const { code, stderr } = await start(world.cwd, endless(world), [await fullDisk(), 'pipe']).ended;
    expect(stderr).toMatch(
      /^the run in run stopped after \d+ of 300,000 steps; to resume it: npx isonet train --resume run\n[^\n]*\n$/,
    );
    expect(stderr).toMatch(
      new RegExp(`\nerror: stdout ${DISK_FULL.replaceAll(/[()]/g, String.raw`\$&`)}\n$`),
    );
    expect(code).toBe(1);
    expect(await runRecord(world)).toMatchObject({ status: 'stopped' });
  });

  it('under stdout ends a short command', async () => {
    const world = await makeWorld();
    const ended = await start(world.cwd, ['summary', 'tiny'], [await fullDisk(), 'pipe']).ended;
    expect(ended).toEqual({ code: 1, stdout: '', stderr: `error: stdout ${DISK_FULL}\n` });
  });

  it('under stderr is reported on stdout, unless stdout is JSON', async () => {
    const world = await makeWorld();
    const reference = new URL('../../backend-reference/src/index.ts', import.meta.url);
    await writeFile(join(world.cwd, 'mine.mjs'), `export { reference as mine } from '${reference.href}';`);
    // Bisect writes its progress to stderr.
    const args = ['bisect', 'tiny', '--backend', './mine.mjs', '--batch', '1'];
    const reported = await start(world.cwd, args, ['pipe', await fullDisk()]).ended;
    expect(reported.stdout).toMatch(/\nerror: stderr [^\n]*\n$/);
    expect(reported.stdout).toContain(`error: stderr ${DISK_FULL}\n`);
    expect(reported.code).toBe(1);
    const json = await start(world.cwd, [...args, '--json'], ['pipe', await fullDisk()]).ended;
    expect(jsonLines(json.stdout).at(-1)).toMatchObject({ event: 'result', wrong: null });
    expect(json.code).toBe(1);
  });

  it('under both shows only in the exit code', async () => {
    const world = await makeWorld();
    const full = await fullDisk();
    expect((await start(world.cwd, ['summary', 'tiny'], [full, full]).ended).code).toBe(1);
    expect((await start(world.cwd, ['evaluate', 'nothing'], [full, full]).ended).code).toBe(1);
  });
});

it('ends a short command with 141 if its reader has closed the pipe', async () => {
  const world = await makeWorld();
  const summary = start(world.cwd, ['summary', 'tiny']);
  summary.stopReading();
  expect(await summary.ended).toEqual({ code: 141, stdout: '', stderr: '' });
});

it('ends with 141 if the reader closes the pipe during the last step of training', async () => {
  const world = await makeWorld();
  const closing = watched('reference', (step) => step === 15 && keyboard.closeOutput());
  const args = ['train', 'tiny', '--backend', 'reference', '--data', world.data, '--batch-size', '10'];
  const { code, stdout, stderr } = await world.runWith(
    { tables: onlyBackend(closing) },
    ...args,
    '--epochs',
    '5',
    '--out',
    'run',
  );
  expect(code).toBe(141);
  expect(stdout).not.toContain('the run is in');
  expect(stderr).toContain('the run in run stopped after 15 of 15 steps; ');
});
