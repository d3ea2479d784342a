// How rivals are found: forged home folders and PATHs, with shell scripts for interpreters.
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

/** A Python that imports what its folder says, or fails as Python does. */
async function interpreter(path: string, { imports }: { readonly imports: boolean }): Promise<string> {
  const failure = `echo 'Traceback (most recent call last):' >&2; echo "ModuleNotFoundError: No module named 'torch'" >&2; exit 1`;
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, `#!/bin/sh\n${imports ? '[ "$2" = "import numpy, torch" ]' : failure}\n`);
  await chmod(path, 0o755);
  return path;
}

/** How to install PyTorch where caches are kept in a folder. */
function install(cache = join(home, '.cache')): string {
  const made = join(cache, 'isonet/rivals/torch');
  return `with Python 3.11 or newer: python3.12 -m venv ${made} && ${made}/bin/pip install torch==2.15.0 numpy==2.4.6`;
}

async function torch(): Promise<Located> {
  return (await findRival('torch', folder)).locate(folder);
}

describe.skipIf(process.platform === 'win32')('a rival in Python', () => {
  it('is run by the interpreter that the variable names, whatever else is there', async () => {
    await interpreter(join(home, '.cache/isonet/rivals/torch/bin/python'), { imports: true });
    const named = await interpreter(join(folder, 'own python'), { imports: true });
    vi.stubEnv('ISONET_TORCH_PYTHON', named);
    expect(await torch()).toEqual({
      command: [named, '-B', expect.stringMatching(/\/src\/rivals\/pytorch\.py$/)],
    });
  });

  it('is run by the one in the cache before that of the PATH', async () => {
    const cached = await interpreter(join(home, '.cache/isonet/rivals/torch/bin/python'), { imports: true });
    await interpreter(join(bin, 'python3'), { imports: true });
    expect(await torch()).toMatchObject({ command: [cached, '-B', expect.any(String)] });
  });

  it('is run by the one in $XDG_CACHE_HOME, and is to be installed there', async () => {
    const cache = join(folder, 'caches');
    vi.stubEnv('XDG_CACHE_HOME', cache);
    expect(await torch()).toMatchObject({ fix: install(cache) });
    const cached = await interpreter(join(cache, 'isonet/rivals/torch/bin/python'), { imports: true });
    expect(await torch()).toMatchObject({ command: [cached, '-B', expect.any(String)] });
  });

  it('is run as if the variable were unset where it is empty', async () => {
    vi.stubEnv('ISONET_TORCH_PYTHON', '');
    await interpreter(join(bin, 'python3'), { imports: true });
    expect(await torch()).toMatchObject({ command: ['python3', '-B', expect.any(String)] });
  });

  it('is run by python3 of the PATH that can import the library', async () => {
    await interpreter(join(bin, 'python3'), { imports: true });
    expect(await torch()).toMatchObject({ command: ['python3', '-B', expect.any(String)] });
  });

  it('is missing where no Python is', async () => {
    expect(await torch()).toEqual({ reason: 'python3: there is no such program', fix: install() });
  });

  it('leaves no import running where the bench ends early', async () => {
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

  it('is missing where Python does not have the library', async () => {
    await interpreter(join(bin, 'python3'), { imports: false });
    const reason = "python3: cannot import torch: ModuleNotFoundError: No module named 'torch'";
    expect(await torch()).toEqual({ reason, fix: install() });
  });

  it('is missing where the variable names nothing, though another Python has it', async () => {
    await interpreter(join(bin, 'python3'), { imports: true });
    vi.stubEnv('ISONET_TORCH_PYTHON', join(folder, 'none'));
    expect(await torch()).toEqual({
      reason: `ISONET_TORCH_PYTHON=${join(folder, 'none')}: there is no such program`,
      fix: 'let ISONET_TORCH_PYTHON name a Python (3.11 or newer) that has torch, or unset it',
    });
  });

  it('is to be installed again where what is in the cache does not work', async () => {
    const cached = await interpreter(join(home, '.cache/isonet/rivals/torch/bin/python'), { imports: false });
    await interpreter(join(bin, 'python3'), { imports: true });
    expect(await torch()).toEqual({
      reason: `${cached}: cannot import torch: ModuleNotFoundError: No module named 'torch'`,
      fix: `remove ${join(home, '.cache/isonet/rivals/torch')}; ${install()}`,
    });
  });
});

describe('TensorFlow', () => {
  /** A package as npm installs it, and as its binding makes it whole. @returns the file that is required */
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

  it('is the one in the cache where the project has no binding', async () => {
    await tfjsNode(folder);
    expect(tfjsNodeOf(folder)).toBeUndefined();
    const entry = await tfjsNode(cached(join(home, '.cache')), 8);
    expect(tfjsNodeOf(folder)).toBe(entry);
    vi.stubEnv('XDG_CACHE_HOME', join(folder, 'caches'));
    expect(tfjsNodeOf(folder)).toBeUndefined();
    const other = await tfjsNode(cached(join(folder, 'caches')), 8);
    expect(tfjsNodeOf(folder)).toBe(other);
  });

  it('is in the folder that the variable names, which may be relative, or nowhere', async () => {
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
  it('knows every rival by its name', async () => {
    for (const rival of rivals) expect(await findRival(rival.name, folder)).toBe(rival);
    expect(rivals.map(({ name }) => name)).toEqual([
      'torch',
      'mxnet',
      'tfjs-layers',
      'onnx-webgpu',
      'jax-js',
    ]);
  });

  it('asks whether a name that is close was meant', async () => {
    await expect(findRival('torhc', folder)).rejects.toThrow(
      new UsageError(
        'unknown rival "torhc", did you mean torch? ' +
          '(available: torch, mxnet, tfjs-layers, onnx-webgpu, jax-js, a program (.py, .js, .mjs, .ts))',
      ),
    );
  });

  it.each(['mine.mjs', './mine.mjs', 'mine.js'])('takes a program of the user: %s', async (name) => {
    const file = join(folder, name);
    await writeFile(file, '');
    const rival = await findRival(name, folder);
    expect(rival).toMatchObject({ name, works: ['forward', 'step'] });
    expect(await rival.locate(folder)).toEqual({ command: [process.execPath, file] });
  });

  it('runs a program in Python by python3', async () => {
    await writeFile(join(folder, 'mine.py'), '');
    const rival = await findRival('./mine.py', folder);
    const python = process.platform === 'win32' ? 'python' : 'python3';
    expect(await rival.locate(folder)).toEqual({ command: [python, join(folder, 'mine.py')] });
  });

  it('refuses a program that is not there, and one of another kind', async () => {
    await expect(findRival('./none.py', folder)).rejects.toThrow(
      new UsageError('rival "./none.py": there is no such file'),
    );
    await writeFile(join(folder, 'mine.rb'), '');
    await expect(findRival('./mine.rb', folder)).rejects.toThrow(
      new UsageError('rival "./mine.rb": expected a program that ends in .py, .js, .mjs, .ts'),
    );
  });
});
