// Runs tensorflow.sh with a fake `node` that computes nothing, and checks which parts run and which files they write.
import { execFile } from 'node:child_process';
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

const script = fileURLToPath(new URL('tensorflow.sh', import.meta.url));
let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'isonet-gpu-'));
  await mkdir(join(folder, 'bin'));
});

afterEach(() => rm(folder, { recursive: true, force: true }));

/** Runs the script. @param body the shell code of the fake `node` */
async function run(args: readonly string[], body: string): Promise<{ code: unknown; stderr: string }> {
  const node = join(folder, 'bin/node');
  await writeFile(node, `#!/bin/sh\necho "$*" >> "${folder}/calls"\n${body}\n`);
  await chmod(node, 0o755);
  const env = { ...process.env, PATH: `${join(folder, 'bin')}:/usr/bin:/bin` };
  return new Promise((done) => {
    execFile('bash', [script, ...args], { cwd: folder, env }, (error, _, stderr) =>
      done({ code: error === null ? 0 : error.code, stderr }),
    );
  });
}

async function summary(): Promise<readonly unknown[]> {
  const lines = (await readFile(join(folder, 'tensorflow-results/summary.jsonl'), 'utf8')).trim().split('\n');
  return lines.map((line) => {
    const { part, code } = JSON.parse(line) as { readonly part: string; readonly code: number };
    return [part, code];
  });
}

const hasBash = process.platform !== 'win32';

describe.skipIf(!hasBash)('bench/gpu/tensorflow.sh', () => {
  it.each([
    [['--gpu'], 'unknown option --gpu: use --cpu, --tf32 or --out FOLDER'],
    [['--out'], '--out: expected a folder'],
    [['--cpu', '--tf32'], '--tf32 needs a card: leave out --cpu'],
    [['--out', 'bin'], /bin exists: choose another folder with --out/],
  ])('refuses %j', async (args, message) => {
    const { code, stderr } = await run(args, '');
    expect(code).toBe(2);
    expect(stderr).toMatch(message);
  });

  it('runs every part even if one fails, and measures with isonet bench', async () => {
    const body = 'case "$*" in *conformance*) echo it fails >&2; exit 3 ;; esac';
    const { code } = await run(['--cpu'], body);
    expect(code).toBe(1);
    expect(await summary()).toEqual([
      ['machine', 0],
      ['install', 0],
      ['opened', 0],
      ['backends', 0],
      ['conformance', 3],
      ['steps', 0],
      ['training', 0],
    ]);
    const calls = await readFile(join(folder, 'calls'), 'utf8');
    expect(calls).toMatch(/install\/main\.ts$/m);
    expect(calls).toMatch(/bench nin --recipe book --backend tfjs:tensorflow --batch 32,256 --json$/m);
    expect(await readFile(join(folder, 'tensorflow-results/log.txt'), 'utf8')).toContain('it fails');
  });

  it('installs the CUDA variant, and counts a failing benchmark', async () => {
    const { code } = await run([], 'case "$*" in *" bench "*) exit 1 ;; esac');
    expect(code).toBe(1);
    expect(await summary()).toContainEqual(['steps', 1]);
    expect(await readFile(join(folder, 'calls'), 'utf8')).toMatch(/install\/main\.ts --cuda$/m);
  });
});
