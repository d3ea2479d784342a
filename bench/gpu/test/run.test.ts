// Tests that run.sh assembles chunks that arrive one by one, and reports missing and damaged ones. The pack's Node is a
// stub.
import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import {
  appendFileSync,
  chmodSync,
  chownSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, onTestFinished } from 'vitest';
import { bytesOf, compress, cut, digestOf, leftByPack, requireSize, writeSums } from '../pack/archives.mjs';
import { requireDigest } from '../pack/cuda.mjs';
import { isInstalled } from '../pack/programs.mjs';
import { linkTools, pathOf, pythonPath } from './bareTools.ts';

const missing = ['bash', 'tar', 'xz', 'sha256sum'].filter((name) => !isInstalled(name));
const MOST = 300_000;

interface Machine {
  /** The folder of the pack. */
  readonly folder: string;
  readonly work: string;
  readonly provider: Buffer;
  readonly bash: (
    script: string,
    args?: readonly string[],
    env?: Readonly<Record<string, string>>,
  ) => { readonly output: string; readonly code: number | null };
}

/** Builds a pack with a Node that prints its arguments, and a provider in several chunks. */
async function machine(): Promise<Machine> {
  const folder = mkdtempSync(join(tmpdir(), 'isonet-run-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const [native, base, provider] = ['native', 'base', 'provider'].map((name) => {
    mkdirSync(join(folder, name));
    return join(folder, name);
  }) as [string, string, string];
  const runtime = join(native, 'node_modules', '@isonet', 'onnxruntime-linux-x64');
  mkdirSync(runtime, { recursive: true });
  writeFileSync(join(native, 'node'), '#!/usr/bin/env bash\necho "node $*"\n');
  chmodSync(join(native, 'node'), 0o755);
  for (const name of ['onnxruntime_binding.node', 'libonnxruntime.so.1'])
    writeFileSync(join(runtime, name), name);
  await compress(native, join(base, 'native.tar.xz'));
  cpSync(fileURLToPath(new URL('../run.sh', import.meta.url)), join(base, 'run.sh'));
  writeSums(base);
  const bytes = randomBytes(700_000);
  writeFileSync(join(provider, 'libonnxruntime_providers_cuda.so'), bytes);
  await compress(provider, join(folder, 'cuda.tar.xz'));
  cut(join(folder, 'cuda.tar.xz'), folder, MOST);
  const work = join(folder, 'work');
  const bash: Machine['bash'] = (script, args = [], more = {}) => {
    const own = { PATH: process.env['PATH'], ISONET_GPU_WORK: work, OUT: join(folder, 'results') };
    const { stdout, stderr, status } = spawnSync(pathOf('bash'), [join(folder, script), ...args], {
      env: { ...own, ...more },
      encoding: 'utf8',
    });
    return { output: stdout + stderr, code: status };
  };
  return { folder, work, provider: bytes, bash };
}

describe.skipIf(missing.length > 0)('run.sh', () => {
  it('assembles chunks that were stored one after the other', async () => {
    const { folder, work, provider, bash } = await machine();
    const chunks = readdirSync(folder).filter((name) => name.startsWith('cuda-'));
    expect(chunks).toEqual(['cuda-1', 'cuda-2', 'cuda-3']);
    for (const chunk of chunks) {
      const path = join(folder, chunk);
      expect(requireSize(path, MOST)).toBe('0.2');
      expect(() => requireSize(path, bytesOf(path) - 1)).toThrow(
        `${path}: expected at most 0.2 MiB, got 0.2 MiB`,
      );
    }
    for (const [i, chunk] of chunks.entries()) {
      const { output } = bash(join(chunk, 'keep.sh'));
      const lines = chunks.map((_, n) => `chunk-0${n + 1} is ${n <= i ? 'here' : 'missing'}`);
      expect(output.trim().split('\n')).toEqual(lines);
      rmSync(join(folder, chunk), { recursive: true });
    }
    const { output, code } = bash('base/run.sh', ['steps-webgpu']);
    expect(code).toBe(0);
    expect(output).toContain(`node ${join(work, 'base', 'app', 'main.js')} steps-webgpu`);
    expect(readFileSync(join(folder, 'results', 'log.txt'), 'utf8')).toBe(output);
    expect(readFileSync(join(work, 'cuda', 'libonnxruntime_providers_cuda.so')).equals(provider)).toBe(true);
    expect(readFileSync(join(work, 'cuda', 'libonnxruntime.so.1'), 'utf8')).toBe('libonnxruntime.so.1');
    const before = statSync(join(work, 'base', 'node')).mtimeMs;
    bash('base/run.sh');
    expect(statSync(join(work, 'base', 'node')).mtimeMs).toBe(before); // not unpacked again
    const log = readFileSync(join(folder, 'results', 'log.txt'), 'utf8');
    expect(log.startsWith(output)).toBe(true); // from the first run
    expect(log.length).toBeGreaterThan(output.length);
  });

  it('reports a missing chunk, and still starts', async () => {
    const { folder, work, bash } = await machine();
    rmSync(join(folder, 'cuda-2'), { recursive: true });
    const { output, code } = bash('base/run.sh');
    expect(output).toContain('chunk-02 is missing');
    expect(output).toContain('no CUDA provider: a chunk is missing or damaged');
    expect(output).toContain('main.js');
    expect(code).toBe(0);
    expect(existsSync(join(work, 'cuda'))).toBe(false);
  });

  it('removes an older provider if a chunk is damaged or cannot be unpacked, and still starts', async () => {
    const { folder, work, bash } = await machine();
    bash('base/run.sh');
    expect(existsSync(join(work, 'cuda'))).toBe(true);
    appendFileSync(join(folder, 'cuda-3', 'chunk-03'), 'x');
    const damaged = bash('base/run.sh');
    expect(damaged.output).toContain('no CUDA provider: a chunk is missing or damaged');
    expect(damaged.output).toContain('main.js');
    expect(damaged.code).toBe(0);
    expect(existsSync(join(work, 'cuda'))).toBe(false);

    writeFileSync(join(folder, 'not.tar.xz'), 'not an archive');
    for (const name of ['cuda-2', 'cuda-3']) rmSync(join(folder, name), { recursive: true });
    cut(join(folder, 'not.tar.xz'), folder, MOST);
    const broken = bash('base/run.sh');
    expect(broken.output).toContain('no CUDA provider: it cannot be unpacked');
    expect(broken.output).toContain('main.js');
    expect(broken.code).toBe(0);
    expect(existsSync(join(work, 'cuda'))).toBe(false);
  });

  it('accepts a relative work folder, which only its user may read', async () => {
    const { folder, work, bash } = await machine();
    const cwd = process.cwd();
    const { output } = bash('base/run.sh', [], { ISONET_GPU_WORK: relative(cwd, work) });
    expect(output).toContain(`node ${join(work, 'base', 'app', 'main.js')}`);
    expect(statSync(work).mode & 0o777).toBe(0o700);
    expect(folder).not.toBe(work);
  });

  it.skipIf(process.getuid?.() !== 0)('refuses a folder of another user', async () => {
    const { work, bash } = await machine();
    mkdirSync(work);
    chownSync(work, 12_345, 12_345);
    for (const name of ['run.sh', 'keep.sh']) {
      const { output, code } = bash(join(name === 'run.sh' ? 'base' : 'cuda-1', name));
      expect(output).toBe(
        `${name}: ${work} belongs to another user: set ISONET_GPU_WORK to another folder\n`,
      );
      expect(code).toBe(1);
    }
  });

  it.skipIf(!isInstalled('python3'))('fails with one line if lzma is missing, too', async () => {
    const { folder, bash } = await machine();
    const bin = join(folder, 'bin');
    linkTools(bin, 'xz');
    const python = join(folder, 'python');
    const code = "import sys; sys.modules['_lzma'] = sys.modules['lzma'] = None; exec(sys.argv.pop(1))";
    writeFileSync(python, `#!/bin/sh\nshift\nexec '${pythonPath()}' -c "${code}" "$@"\n`);
    chmodSync(python, 0o755);
    const ran = bash('base/run.sh', [], { PATH: bin, PYTHON: python });
    expect(ran.output).toContain(`run.sh: no xz, and ${python} has no lzma: install xz-utils, or`);
    expect(ran.output).not.toContain('Traceback');
    expect(ran.code).toBe(1);
  });

  it.skipIf(!isInstalled('python3'))('unpacks with Python if xz is missing', async () => {
    const { folder, work, provider, bash } = await machine();
    const bin = join(folder, 'bin');
    linkTools(bin, 'xz');
    const { output, code } = bash('base/run.sh', [], { PATH: bin, PYTHON: pythonPath() });
    expect(output).toContain('main.js');
    expect(output).not.toContain('DeprecationWarning');
    expect(code).toBe(0);
    expect(readFileSync(join(work, 'cuda', 'libonnxruntime_providers_cuda.so')).equals(provider)).toBe(true);
  });

  it('refuses a damaged pack with one line, and removes the chunks of another pack', async () => {
    const { folder, work, bash } = await machine();
    mkdirSync(join(work, 'chunks'), { recursive: true });
    for (const name of ['chunk-09', 'SHA256SUMS'])
      writeFileSync(join(work, 'chunks', name), 'of another pack');
    bash('cuda-1/keep.sh');
    expect(existsSync(join(work, 'chunks', 'chunk-09'))).toBe(false);
    appendFileSync(join(folder, 'base', 'native.tar.xz'), 'x');
    const { output, code } = bash('base/run.sh');
    expect(output).toContain('run.sh: the pack is damaged: copy it again');
    expect(output).not.toContain('main.js');
    expect(code).toBe(1);
  });
});

describe('leftByPack', () => {
  it('lists the folders of a pack, and refuses other folders with such names', () => {
    const out = mkdtempSync(join(tmpdir(), 'isonet-left-'));
    onTestFinished(() => rmSync(out, { recursive: true }));
    expect(leftByPack(join(out, 'none'))).toEqual([]);
    for (const [name, script] of [
      ['base', 'run.sh'],
      ['cuda-2', 'keep.sh'],
    ] as const) {
      mkdirSync(join(out, name));
      expect(() => leftByPack(out)).toThrow(`${join(out, name)} does not belong to a pack: move it`);
      for (const file of ['SHA256SUMS', script]) writeFileSync(join(out, name, file), '');
    }
    mkdirSync(join(out, 'baseline'));
    expect(leftByPack(out)).toEqual([join(out, 'base'), join(out, 'cuda-2')]);
  });

  it('runs before the slow steps, as does the check for contradicting options', () => {
    const script = fileURLToPath(new URL('../pack.mjs', import.meta.url));
    const { status, stderr } = spawnSync(process.execPath, [script, '--full-cuda', '--no-cuda'], {
      encoding: 'utf8',
    });
    expect(stderr).toBe('pack.mjs: --full-cuda and --no-cuda cannot be combined: leave one out\n');
    expect(status).toBe(1);
  });
});

describe('requireDigest', () => {
  it('refuses a download that is not the pinned one', () => {
    const file = join(mkdtempSync(join(tmpdir(), 'isonet-digest-')), 'wheel.whl');
    onTestFinished(() => rmSync(join(file, '..'), { recursive: true }));
    writeFileSync(file, 'bytes');
    const digest = digestOf(Buffer.from('bytes'));
    expect(() => requireDigest(file, digest)).not.toThrow();
    const other = digestOf(Buffer.from('others'));
    expect(() => requireDigest(file, other)).toThrow(`expected the pinned SHA-256 ${other}, got ${digest}`);
  });
});
