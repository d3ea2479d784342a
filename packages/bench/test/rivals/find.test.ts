// Tests the search for rivals, with fake home folders and PATHs, and with shell scripts as interpreters.
import { UsageError } from '@isonet/runs';
import { execFile } from 'node:child_process';
import { chmod, mkdir, mkdtemp, readFile, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { findRival, rivals } from '../../src/rivals/index.ts';
import type { Located } from '../../src/rivals/index.ts';
import { missingTfjsNode, tfjsNodeOf } from '../../src/rivals/tfjsNode.ts';
import { isRunning, typeScript } from '../context.ts';

let folder: string;
let home: string;
let bin: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'isonet-rivals-'));
  home = join(folder, 'home');
  bin = join(folder, 'bin');
  await mkdir(bin, { recursive: true });
  vi.stubEnv('HOME', home);
  vi.stubEnv('PATH', bin);
  vi.stubEnv('XDG_CACHE_HOME', undefined);
  vi.stubEnv('ISONET_TORCH_PYTHON', undefined);
  vi.stubEnv('ISONET_TENSORFLOW', undefined);
});

afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(folder, { recursive: true });
});

/** Creates a fake Python that can import torch, or fails like Python. */
async function interpreter(path: string, { imports }: { readonly imports: boolean }): Promise<string> {
  const failure = `echo 'Traceback (most recent call last):' >&2; echo "ModuleNotFoundError: No module named 'torch'" >&2; exit 1`;
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, `#!/bin/sh\n${imports ? '[ "$2" = "import numpy, torch" ]' : failure}\n`);
  await chmod(path, 0o755);
  return path;
}

/** Returns the command that installs PyTorch into a cache. */
function install(cache = join(home, '.cache')): string {
  const made = join(cache, 'isonet/rivals/torch');
  return `with Python 3.11 or newer: python3.12 -m venv ${made} && ${made}/bin/pip install torch==2.15.0 numpy==2.4.6`;
}

async function torch(): Promise<Located> {
  return (await findRival('torch', folder)).locate(folder);
}

describe.skipIf(process.platform === 'win32')('a rival in Python', () => {
  it('uses the interpreter in the variable before all others', async () => {
    await interpreter(join(home, '.cache/isonet/rivals/torch/bin/python'), { imports: true });
    const named = await interpreter(join(folder, 'own python'), { imports: true });
    vi.stubEnv('ISONET_TORCH_PYTHON', named);
    expect(await torch()).toEqual({
      command: [named, '-B', expect.stringMatching(/\/src\/rivals\/pytorch\.py$/)],
    });
  });

  it('uses the interpreter in the cache before that in the PATH', async () => {
    const cached = await interpreter(join(home, '.cache/isonet/rivals/torch/bin/python'), { imports: true });
    await interpreter(join(bin, 'python3'), { imports: true });
    expect(await torch()).toMatchObject({ command: [cached, '-B', expect.any(String)] });
  });

  it('uses the interpreter in $XDG_CACHE_HOME, and suggests installing it there', async () => {
    const cache = join(folder, 'caches');
    vi.stubEnv('XDG_CACHE_HOME', cache);
    expect(await torch()).toMatchObject({ fix: install(cache) });
    const cached = await interpreter(join(cache, 'isonet/rivals/torch/bin/python'), { imports: true });
    expect(await torch()).toMatchObject({ command: [cached, '-B', expect.any(String)] });
  });

  it('treats an empty variable as unset', async () => {
    vi.stubEnv('ISONET_TORCH_PYTHON', '');
    await interpreter(join(bin, 'python3'), { imports: true });
    expect(await torch()).toMatchObject({ command: ['python3', '-B', expect.any(String)] });
  });

  it('uses python3 in the PATH if it can import the library', async () => {
    await interpreter(join(bin, 'python3'), { imports: true });
    expect(await torch()).toMatchObject({ command: ['python3', '-B', expect.any(String)] });
  });

  it('is missing without Python', async () => {
    expect(await torch()).toEqual({ reason: 'python3: no such program', fix: install() });
  });

  it('leaves no import running if the bench ends early', async () => {
    const named = join(folder, 'slow');
    const pidFile = join(folder, 'pid');
    await writeFile(
      named,
      `#!/bin/sh\necho $$ > '${pidFile}.part'; /bin/mv '${pidFile}.part' '${pidFile}'\nexec /bin/sleep 60\n`,
    );
    await chmod(named, 0o755);
    const program = fileURLToPath(new URL('endsInLocate.ts', import.meta.url));
    const env = { ...process.env, ISONET_TORCH_PYTHON: named };
    const code = await new Promise((done) => {
      execFile(process.execPath, [...typeScript, program, pidFile], { env }).once('exit', done);
    });
    expect(code).toBe(130);
    const pid = Number(await readFile(pidFile, 'utf8'));
    await expect.poll(() => isRunning(pid), { timeout: 10_000 }).toBe(false);
  });

  it('is missing if Python does not have the library', async () => {
    await interpreter(join(bin, 'python3'), { imports: false });
    const reason = "python3: cannot import torch: ModuleNotFoundError: No module named 'torch'";
    expect(await torch()).toEqual({ reason, fix: install() });
  });

  it('is missing if the variable names no program, even if another Python has it', async () => {
    await interpreter(join(bin, 'python3'), { imports: true });
    vi.stubEnv('ISONET_TORCH_PYTHON', join(folder, 'none'));
    expect(await torch()).toEqual({
      reason: `ISONET_TORCH_PYTHON=${join(folder, 'none')}: no such program`,
      fix: 'set ISONET_TORCH_PYTHON to a Python (3.11 or newer) that has torch, or unset it',
    });
  });

  it('must be installed again if the installation in the cache does not work', async () => {
    const cached = await interpreter(join(home, '.cache/isonet/rivals/torch/bin/python'), { imports: false });
    await interpreter(join(bin, 'python3'), { imports: true });
    expect(await torch()).toEqual({
      reason: `${cached}: cannot import torch: ModuleNotFoundError: No module named 'torch'`,
      fix: `remove ${join(home, '.cache/isonet/rivals/torch')}; ${install()}`,
    });
  });
});

describe('TensorFlow', () => {
  /** Fakes an installed package, optionally with its binding. @returns the file to `require` */
  async function tfjsNode(project: string, napi?: number): Promise<string> {
    const installed = join(project, 'node_modules/@tensorflow/tfjs-node');
    await mkdir(join(installed, 'dist'), { recursive: true });
    await writeFile(join(installed, 'package.json'), '{"main":"dist/index.js"}');
    await writeFile(join(installed, 'dist/index.js'), '');
    if (napi !== undefined) {
      await mkdir(join(installed, `lib/napi-v${napi}`), { recursive: true });
      await writeFile(join(installed, `lib/napi-v${napi}/tfjs_binding.node`), '');
    }
    return realpath(join(installed, 'dist/index.js'));
  }

  const cached = (cache: string): string => join(cache, 'isonet/tensorflow-2.18.1-cpu');

  it.each([3, 4, 5, 6, 7, 8])("is the project's package with its binding, for Node-API %i", async (napi) => {
    const entry = await tfjsNode(folder, napi);
    await tfjsNode(cached(join(home, '.cache')), 8);
    expect(tfjsNodeOf(folder)).toBe(entry);
  });

  it('is the package in the cache if the project has no binding', async () => {
    await tfjsNode(folder);
    expect(tfjsNodeOf(folder)).toBeUndefined();
    const entry = await tfjsNode(cached(join(home, '.cache')), 8);
    expect(tfjsNodeOf(folder)).toBe(entry);
    vi.stubEnv('XDG_CACHE_HOME', join(folder, 'caches'));
    expect(tfjsNodeOf(folder)).toBeUndefined();
    const other = await tfjsNode(cached(join(folder, 'caches')), 8);
    expect(tfjsNodeOf(folder)).toBe(other);
  });

  it('is only searched in the folder of the variable, which may be relative', async () => {
    await tfjsNode(folder, 8);
    const entry = await tfjsNode(join(folder, 'own'), 8);
    vi.stubEnv('ISONET_TENSORFLOW', 'own');
    expect(tfjsNodeOf(folder)).toBe(entry);
    vi.stubEnv('ISONET_TENSORFLOW', 'none');
    expect(tfjsNodeOf(folder)).toBeUndefined();
    expect(missingTfjsNode(folder)).toBe(
      `ISONET_TENSORFLOW=${join(folder, 'none')} has no @tensorflow/tfjs-node with its library; ` +
        `npx -p @isonet/backend-tfjs isonet-tensorflow, or unset ISONET_TENSORFLOW`,
    );
    vi.stubEnv('ISONET_TENSORFLOW', '');
    expect(tfjsNodeOf(folder)).toBe(
      await realpath(join(folder, 'node_modules/@tensorflow/tfjs-node/dist/index.js')),
    );
  });
});

describe('findRival', () => {
  it('finds every rival by its name', async () => {
    for (const rival of rivals) expect(await findRival(rival.name, folder)).toBe(rival);
    expect(rivals.map(({ name }) => name)).toEqual([
      'torch',
      'mxnet',
      'tfjs-layers',
      'onnx-webgpu',
      'jax-js',
    ]);
  });

  it('suggests a similar name', async () => {
    await expect(findRival('torhc', folder)).rejects.toThrow(
      new UsageError(
        'unknown rival "torhc", did you mean torch? ' +
          '(available: torch, mxnet, tfjs-layers, onnx-webgpu, jax-js, a program (.py, .js, .mjs, .ts))',
      ),
    );
  });

  it.each(['mine.mjs', './mine.mjs', 'mine.js'])('accepts a user program: %s', async (name) => {
    const file = join(folder, name);
    await writeFile(file, '');
    const rival = await findRival(name, folder);
    expect(rival).toMatchObject({ name, works: ['forward', 'step'] });
    expect(await rival.locate(folder)).toEqual({ command: [process.execPath, file] });
  });

  it('runs a Python program with python3', async () => {
    await writeFile(join(folder, 'mine.py'), '');
    const rival = await findRival('./mine.py', folder);
    const python = process.platform === 'win32' ? 'python' : 'python3';
    expect(await rival.locate(folder)).toEqual({ command: [python, join(folder, 'mine.py')] });
  });

  it('rejects a missing program, and one in another language', async () => {
    await expect(findRival('./none.py', folder)).rejects.toThrow(
      new UsageError('rival "./none.py": there is no such file'),
    );
    await writeFile(join(folder, 'mine.rb'), '');
    await expect(findRival('./mine.rb', folder)).rejects.toThrow(
      new UsageError('rival "./mine.rb": expected a program that ends in .py, .js, .mjs, .ts'),
    );
  });
});
