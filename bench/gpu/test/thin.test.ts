// thin.py keeps the wanted kernels and no others, and refuses a library with an unknown layout.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, onTestFinished } from 'vitest';
import { isInstalled } from '../pack/programs.mjs';
import { container, CONTRIB, kernels, library, STANDARD } from './forged.ts';

const script = fileURLToPath(new URL('../pack/thin.py', import.meta.url));

/** Runs thin.py. Returns the thinned library, if there is one, the output and the exit code. */
function thin(bytes: Buffer): {
  readonly thinned: Buffer | undefined;
  readonly output: string;
  readonly code: number | null;
} {
  const folder = mkdtempSync(join(tmpdir(), 'isonet-thin-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const [from, to] = [join(folder, 'in.so'), join(folder, 'out.so')];
  writeFileSync(from, bytes);
  const { status, stdout, stderr } = spawnSync('python3', [script, from, to], { encoding: 'utf8' });
  return { thinned: existsSync(to) ? readFileSync(to) : undefined, output: stdout + stderr, code: status };
}

const missing = ['python3', 'zstd'].filter((name) => !isInstalled(name));

describe.skipIf(missing.length > 0)('thin.py', () => {
  const wanted = kernels(STANDARD, 80_000);
  const unwanted = kernels(CONTRIB, 70_000);
  const small = kernels(CONTRIB, 2000);
  const old = kernels(STANDARD, 60_000);
  const containers = [
    container([
      { arch: 80, payload: old },
      { arch: 90, payload: wanted },
      { arch: 90, payload: old, ptx: true },
    ]),
    container([
      { arch: 90, payload: unwanted },
      { arch: 100, payload: old },
    ]),
    container([{ arch: 80, payload: old }]),
    container([{ arch: 90, payload: small }]),
  ];
  const original = library(Buffer.concat(containers));

  it('keeps sm_90 kernels of standard operators, and replaces the rest with the smallest kernel', () => {
    const { thinned, output } = thin(original);
    expect(output).toBe('thinned: kept the kernels of 2 of 4 containers\n');
    const left = [wanted, small, small, small].map((payload) => container([{ arch: 90, payload }]));
    const expected = containers.map((bytes, i) =>
      Buffer.concat([left[i] ?? Buffer.alloc(0), Buffer.alloc(bytes.length)], bytes.length),
    );
    expect(thinned?.equals(library(Buffer.concat(expected)))).toBe(true);
  });

  /** Returns the original with 8 bytes overwritten. */
  const damaged = (offset: number, value: bigint): Buffer => {
    const copy = Buffer.from(original);
    copy.writeBigUInt64LE(value, offset);
    return copy;
  };

  it.each([
    ['not an ELF', Buffer.from('something else'), 'it is not a 64-bit ELF'],
    ['no such section', library(Buffer.alloc(64), '.text'), 'there is no section .nv_fatbin'],
    ['sections after the end', damaged(0x28, 1n << 40n), 'the library ends at'],
    ['a container without its magic number', damaged(64, 0n), 'there is no container at 64'],
    ['a container that is too long', damaged(64 + 8, 1n << 60n), 'extends beyond its section'],
    ['an entry that is too long', damaged(64 + 16 + 8, 1n << 60n), 'extends beyond its container'],
    ['a truncated library', original.subarray(0, 200), 'the library ends at 200'],
    ['nothing for sm_90', library(container([{ arch: 80, payload: old }])), 'it has no kernels for sm_90'],
  ])('refuses with one line: %s', (_, bytes, reason) => {
    const { thinned, output, code } = thin(bytes);
    expect(output.trim()).toMatch(/^thin\.py: \S+: .*; pack with --full-cuda$/);
    expect(output).toContain(reason);
    expect(code).toBe(1);
    expect(thinned).toBeUndefined();
  });
});
