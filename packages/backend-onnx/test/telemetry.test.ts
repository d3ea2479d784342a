// ONNX Runtime's telemetry: in processes whose home is empty, and which no variable marks as a build server's, where the library keeps
// quiet by itself. It leaves files in the home, or in the current folder where the home cannot be written.
import { spawn } from 'node:child_process';
import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';

interface Outcome {
  readonly code: unknown;
  /** What the program printed. */
  readonly output: string;
  /** The files that the process left in its home and its current folder. */
  readonly files: readonly string[];
}

/** @param args of test/worker/telemetry.mjs */
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
    env: { ...withoutMarks(process.env), HOME: home, ...env },
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk: Buffer) => (output += chunk.toString()));
  }
  const code = await new Promise((resolve) => child.once('close', resolve));
  return { code, output, files: await filesIn(folder) };
}

function withoutMarks(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const marks = ['CI', 'GITHUB_ACTIONS', 'TF_BUILD', 'ORT_DISABLE_TELEMETRY', 'XDG_CACHE_HOME'];
  return Object.fromEntries(Object.entries(env).filter(([name]) => !marks.includes(name)));
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
  ['onnx, in a worker of the user', ['onnx', 'in a worker']],
  ['onnx, in a worker in a worker', ['onnx', 'in a worker', 'in a worker']],
  ['a probe', ['probe']],
])('is off: %s', async (_, args) => {
  expect(await outcome(args)).toEqual(quiet);
});

test.skipIf(process.platform !== 'linux')('is off where the home cannot be written', async () => {
  expect(await outcome(['onnx'], { HOME: '/proc/nowhere' })).toEqual(quiet);
});

// These show that the tests above would notice.
test.skipIf(process.platform !== 'linux').each([
  ['the bare library', ['bare']],
  [
    'the bare library in a worker that sets the variable, where nothing native reads it',
    ['bare', 'in a worker'],
  ],
])('leaves files: %s', async (_, args) => {
  expect(await outcome(args)).toEqual(loud);
});

test.skipIf(process.platform !== 'linux')('is on for who has set the variable to 0', async () => {
  expect(await outcome(['onnx'], { ORT_DISABLE_TELEMETRY: '0' })).toEqual(loud);
});

test.skipIf(process.platform !== 'linux').each([
  ['waits for something', 'main thread waits', {}, 'ran\n'],
  [
    'does not answer',
    'main thread in a native call',
    {},
    "TELEMETRY: onnx: ONNX Runtime's telemetry cannot be switched off from this worker (the main thread does not answer); " +
      'set ORT_DISABLE_TELEMETRY=1 before the worker starts\n',
  ],
  [
    'does not answer, and the variable is set',
    'main thread in a native call',
    { ORT_DISABLE_TELEMETRY: '1' },
    'ran\n',
  ],
])('a worker whose main thread %s', async (_, main, env, output) => {
  expect(await outcome(['disable', 'in a worker', main], env)).toEqual({ code: 0, output, files: [] });
});
