// Tests ONNX Runtime's telemetry. The processes have an empty home folder and none of the variables that mark a build
// server, because the library disables its telemetry on build servers. Telemetry leaves files in the home folder, or in
// the current folder if the home is not writable.
import { spawn } from 'node:child_process';
import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';

interface Outcome {
  readonly code: unknown;
  /** The program's output. */
  readonly output: string;
  /** The files that the process left in its home and its current folder. */
  readonly files: readonly string[];
}

/** Runs test/worker/telemetry.mjs. @param args its arguments */
async function outcome(
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<Outcome> {
  const folder = await mkdtemp(join(tmpdir(), 'isonet-telemetry-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const home = join(folder, 'home');
  await mkdir(home);
  const program = fileURLToPath(new URL('worker/telemetry.mjs', import.meta.url));
  const child = spawn(process.execPath, ['--conditions=@isonet/source', program, ...args], {
    cwd: folder,
    env: { ...withoutMarkers(process.env), HOME: home, ...env },
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk: Buffer) => (output += chunk.toString()));
  }
  const code = await new Promise((resolve) => child.once('close', resolve));
  return { code, output, files: await filesIn(folder) };
}

function withoutMarkers(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const markers = ['CI', 'GITHUB_ACTIONS', 'TF_BUILD', 'ORT_DISABLE_TELEMETRY', 'XDG_CACHE_HOME'];
  return Object.fromEntries(Object.entries(env).filter(([name]) => !markers.includes(name)));
}

async function filesIn(folder: string): Promise<readonly string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map(({ name }) => name);
}

const quiet: Outcome = { code: 0, output: 'ran\n', files: [] };
const loud = { code: 0, output: 'ran\n', files: expect.arrayContaining([expect.any(String)]) as string[] };

test.skipIf(process.platform !== 'linux').each([
  ['onnx, in its worker', ['onnx']],
  ['onnxHere, on the main thread', ['onnxHere']],
  ["onnx, in the user's worker", ['onnx', 'in a worker']],
  ['onnx, in a nested worker', ['onnx', 'in a worker', 'in a worker']],
  ['a probe', ['probe']],
])('is off: %s', async (_, args) => {
  expect(await outcome(args)).toEqual(quiet);
});

test.skipIf(process.platform !== 'linux')('is off if the home folder is not writable', async () => {
  expect(await outcome(['onnx'], { HOME: '/proc/nowhere' })).toEqual(quiet);
});

// These tests prove that the tests above would detect telemetry.
test.skipIf(process.platform !== 'linux').each([
  ['the bare library', ['bare']],
  [
    'the bare library in a worker that sets the variable, which native code does not read there',
    ['bare', 'in a worker'],
  ],
])('leaves files: %s', async (_, args) => {
  expect(await outcome(args)).toEqual(loud);
});

test.skipIf(process.platform !== 'linux')('is on if the user has set the variable to 0', async () => {
  expect(await outcome(['onnx'], { ORT_DISABLE_TELEMETRY: '0' })).toEqual(loud);
});

test.skipIf(process.platform !== 'linux').each([
  ['is waiting', 'main thread waits', {}, 'ran\n'],
  [
    'does not respond',
    'main thread in a native call',
    {},
    "TELEMETRY: onnx: ONNX Runtime's telemetry cannot be disabled from this worker (the main thread does not respond); " +
      'set ORT_DISABLE_TELEMETRY=1 before the worker starts\n',
  ],
  [
    'does not respond, and the variable is set',
    'main thread in a native call',
    { ORT_DISABLE_TELEMETRY: '1' },
    'ran\n',
  ],
])('is handled in a worker whose main thread %s', async (_, main, env, output) => {
  expect(await outcome(['disable', 'in a worker', main], env)).toEqual({ code: 0, output, files: [] });
});
