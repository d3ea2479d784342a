// thin.py leaves the kernels that are wanted and no others, and refuses what it does not understand.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, onTestFinished } from 'vitest';
import { isInstalled } from '../pack/programs.mjs';
import { container, CONTRIB, kernels, library, STANDARD } from './forged.ts';

const script = fileURLToPath(new URL('../pack/thin.py', import.meta.url));

/** The thinned library, or undefined, and what was said. */
function thin(bytes: Buffer): {
  readonly thinned: Buffer | undefined;
  readonly said: string;
  readonly code: number | null;
} {
  const folder = mkdtempSync(join(tmpdir(), 'isonet-thin-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const [from, to] = [join(folder, 'in.so'), join(folder, 'out.so')];
  writeFileSync(from, bytes);
  const { status, stdout, stderr } = spawnSync('python3', [script, from, to], { encoding: 'utf8' });
  return { thinned: existsSync(to) ? readFileSync(to) : undefined, said: stdout + stderr, code: status };
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

  it('keeps sm_90 of standard operators, and puts the smallest kernel in place of the rest', () => {
    const { thinned, said } = thin(original);
    expect(said).toBe('thinned: the kernels of 2 of 4 containers are left\n');
    const left = [wanted, small, small, small].map((payload) => container([{ arch: 90, payload }]));
    const expected = containers.map((bytes, i) =>
      Buffer.concat([left[i] ?? Buffer.alloc(0), Buffer.alloc(bytes.length)], bytes.length),
    );
    expect(thinned?.equals(library(Buffer.concat(expected)))).toBe(true);
  });

  /** The original with 8 bytes overwritten. */
  const damaged = (offset: number, value: bigint): Buffer => {
    const copy = Buffer.from(original);
    copy.writeBigUInt64LE(value, offset);
    return copy;
  };

  it.each([
    ['not an ELF', Buffer.from('something else'), 'it is not a 64-bit ELF'],
    ['no such section', library(Buffer.alloc(64), '.text'), 'there is no section .nv_fatbin'],
    ['sections after the end', damaged(0x28, 1n << 40n), 'the library ends at'],
    ['a container that is none', damaged(64, 0n), 'there is no container at 64'],
    ['a container without an end', damaged(64 + 8, 1n << 60n), 'goes on after its section'],
    ['an entry without an end', damaged(64 + 16 + 8, 1n << 60n), 'goes on after its container'],
    ['cut off', original.subarray(0, 200), 'the library ends at 200'],
    ['nothing for sm_90', library(container([{ arch: 80, payload: old }])), 'it has no kernel for sm_90'],
  ])('refuses in one line: %s', (_, bytes, reason) => {
    const { thinned, said, code } = thin(bytes);
    expect(said.trim()).toMatch(/^thin\.py: \S+: .*; pack with --full-cuda$/);
    expect(said).toContain(reason);
    expect(code).toBe(1);
    expect(thinned).toBeUndefined();
  });
});
