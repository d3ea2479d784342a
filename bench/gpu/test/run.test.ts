// run.sh puts together chunks that arrive one by one, and names what is missing or damaged. Its Node is a stub.
import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import {
  appendFileSync,
  chmodSync,
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
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, onTestFinished } from 'vitest';
import { bytesOf, compress, cut, requireSize, writeSums } from '../pack/archives.mjs';
import { isInstalled } from '../pack/programs.mjs';
import { linkTools, pathOf, pythonPath } from './bareTools.ts';

const missing = ['bash', 'tar', 'xz', 'sha256sum'].filter((name) => !isInstalled(name));
const MOST = 300_000;

interface Machine {
  /** Where the pack lies. */
  readonly folder: string;
  readonly work: string;
  readonly provider: Buffer;
  readonly bash: (
    script: string,
    args?: readonly string[],
    env?: Readonly<Record<string, string>>,
  ) => { readonly said: string; readonly code: number | null };
}

/** A pack with a Node that prints its arguments, and a provider in several chunks. */
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
    return { said: stdout + stderr, code: status };
  };
  return { folder, work, provider: bytes, bash };
}

describe.skipIf(missing.length > 0)('run.sh', () => {
  it('puts chunks together that were kept one after the other', async () => {
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
      const { said } = bash(join(chunk, 'keep.sh'));
      const lines = chunks.map((_, n) => `chunk-0${n + 1} is ${n <= i ? 'here' : 'missing'}`);
      expect(said.trim().split('\n')).toEqual(lines);
      rmSync(join(folder, chunk), { recursive: true });
    }
    const { said, code } = bash('base/run.sh', ['steps-webgpu']);
    expect(code).toBe(0);
    expect(said).toContain(`node ${join(work, 'base', 'app', 'main.js')} steps-webgpu`);
    expect(readFileSync(join(folder, 'results', 'log.txt'), 'utf8')).toBe(said);
    expect(readFileSync(join(work, 'cuda', 'libonnxruntime_providers_cuda.so')).equals(provider)).toBe(true);
    expect(readFileSync(join(work, 'cuda', 'libonnxruntime.so.1'), 'utf8')).toBe('libonnxruntime.so.1');
    const before = statSync(join(work, 'base', 'node')).mtimeMs;
    bash('base/run.sh');
    expect(statSync(join(work, 'base', 'node')).mtimeMs).toBe(before); // not unpacked again
  });

  it('says which chunk is missing, and starts all the same', async () => {
    const { folder, work, bash } = await machine();
    rmSync(join(folder, 'cuda-2'), { recursive: true });
    const { said, code } = bash('base/run.sh');
    expect(said).toContain('chunk-02 is missing');
    expect(said).toContain("ONNX Runtime's CUDA provider is not whole");
    expect(said).toContain('main.js');
    expect(code).toBe(0);
    expect(existsSync(join(work, 'cuda'))).toBe(false);
  });

  it.skipIf(!isInstalled('python3'))('unpacks with Python where there is no xz', async () => {
    const { folder, work, provider, bash } = await machine();
    const bin = join(folder, 'bin');
    linkTools(bin, 'xz');
    const { said, code } = bash('base/run.sh', [], { PATH: bin, PYTHON: pythonPath() });
    expect(said).toContain('main.js');
    expect(code).toBe(0);
    expect(readFileSync(join(work, 'cuda', 'libonnxruntime_providers_cuda.so')).equals(provider)).toBe(true);
  });

  it('refuses a damaged pack in one line, and forgets the chunks of another', async () => {
    const { folder, work, bash } = await machine();
    mkdirSync(join(work, 'chunks'), { recursive: true });
    for (const name of ['chunk-09', 'SHA256SUMS'])
      writeFileSync(join(work, 'chunks', name), 'of another pack');
    bash('cuda-1/keep.sh');
    expect(existsSync(join(work, 'chunks', 'chunk-09'))).toBe(false);
    appendFileSync(join(folder, 'base', 'native.tar.xz'), 'x');
    const { said, code } = bash('base/run.sh');
    expect(said).toContain('run.sh: the pack is damaged: copy it again');
    expect(said).not.toContain('main.js');
    expect(code).toBe(1);
  });
});
