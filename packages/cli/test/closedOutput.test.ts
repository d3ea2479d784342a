// Tests commands whose reader closes the pipe, as `head -3` does. A training run is saved and ends with a nonzero exit code; a short
// command just ends.
import { spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { expect, it, vi } from 'vitest';
import { tinyEntry } from '../../runs/test/tiny.ts';
import type { World } from './helpers.ts';
import { keyboard, makeWorld, onlyBackend, watched } from './helpers.ts';

const script = fileURLToPath(new URL('../src/main.ts', import.meta.url));
const tsx = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href;

const train = (world: World): readonly string[] => [
  'train',
  'tiny',
  '--backend',
  'reference',
  '--data',
  world.data,
  '--batch-size',
  '10',
  '--out',
  'run',
];

const record = async (world: World, run: string): Promise<unknown> =>
  JSON.parse(await readFile(join(world.cwd, run, 'run.json'), 'utf8'));

it('train saves, ends with 141, and can be resumed', async () => {
  const world = await makeWorld();
  const closing = watched('reference', (step) => step === 4 && keyboard.closeOutput());
  const { code } = await world.runWith({ tables: onlyBackend(closing) }, ...train(world));
  expect(code).toBe(141);
  expect(await record(world, 'run')).toMatchObject({ status: 'stopped', step: 5, history: [{ epoch: 1 }] });
  expect((await world.run('train', '--resume', 'run')).code).toBe(0);
});

it('start saves and ends with 141, too', async () => {
  const world = await makeWorld();
  vi.stubEnv('ISONET_DATA', world.data);
  // The first 21 steps are those of the measurement.
  const closing = watched('onnx', (step) => step === 25 && keyboard.closeOutput());
  const backends = [{ name: 'onnx', load: () => Promise.resolve(closing) }];
  const { code } = await world.runWith({ tables: { models: [tinyEntry(28, 'nin')], backends } }, 'start');
  vi.unstubAllEnvs();
  expect(code).toBe(141);
  expect(await record(world, 'runs/nin-best-onnx-0')).toMatchObject({ status: 'stopped' });
});

/** Runs a command whose reader closes the pipe after the first output. @returns its exit code and stderr */
async function readOnce(
  cwd: string,
  ...args: readonly string[]
): Promise<{ code: number | null; stderr: string }> {
  const argv = ['--conditions=@isonet/source', '--import', tsx, script, ...args];
  const child = spawn(process.execPath, argv, { cwd, stdio: ['ignore', 'pipe', 'pipe'] });
  child.stdout.once('data', () => child.stdout.destroy());
  let stderr = '';
  child.stderr.on('data', (text: Buffer) => (stderr += text.toString('utf8')));
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
  return { code, stderr };
}

it('a process notices its closed pipe', { timeout: 60_000 }, async () => {
  const world = await makeWorld();
  const settings = ['--limit', '8', '--batch-size', '4', '--epochs', '50', '--out', 'run'];
  const on = ['--backend', 'reference', '--data', world.data];
  const { code, stderr } = await readOnce(world.cwd, 'train', 'nin', ...on, ...settings);
  expect(code).toBe(141);
  expect(stderr).toMatch(
    /^the run in run stopped after \d of 100 steps; to resume it: npx isonet train --resume run\n$/,
  );
  expect(await record(world, 'run')).toMatchObject({ status: 'stopped' });
});
