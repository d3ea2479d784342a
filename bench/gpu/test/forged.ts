// Forges a wheel of onnxruntime-gpu with a few bytes as kernels: the parts of the real one that thin.py and pack.mjs read.
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export interface ForgedEntry {
  /** 90 is sm_90. */
  readonly arch: number;
  readonly payload: Buffer;
  /** Whether it is PTX, which the driver compiles, instead of an ELF. */
  readonly ptx?: boolean;
}

const CONTAINER_HEADER = 16;
const ENTRY_HEADER = 64;

/** Builds a container of .nv_fatbin with a kernel per architecture. */
export function container(entries: readonly ForgedEntry[]): Buffer {
  const body = Buffer.concat(entries.map(entry));
  const header = Buffer.alloc(CONTAINER_HEADER);
  header.writeUInt32LE(0xba55ed50, 0);
  header.writeUInt16LE(1, 4);
  header.writeUInt16LE(CONTAINER_HEADER, 6);
  header.writeBigUInt64LE(BigInt(body.length), 8);
  return Buffer.concat([header, body]);
}

function entry({ arch, payload, ptx = false }: ForgedEntry): Buffer {
  const header = Buffer.alloc(ENTRY_HEADER);
  header.writeUInt16LE(ptx ? 1 : 2, 0);
  header.writeUInt32LE(ENTRY_HEADER, 4);
  header.writeBigUInt64LE(BigInt(payload.length), 8);
  header.writeUInt32LE(arch, 28);
  return Buffer.concat([header, payload]);
}

/** Builds kernels of `bytes` bytes whose names contain a namespace, compressed as nvcc compresses them. */
export function kernels(namespace: string, bytes: number): Buffer {
  const noise = Buffer.from(Array.from({ length: bytes }, (_, i) => (i * 7919 + (i >> 8) * 31) % 251));
  noise.write(`_ZN11onnxruntime${namespace}4AddKEPf`, 64);
  return execFileSync('zstd', ['-cq'], { input: noise });
}

export const STANDARD = '4cuda';
export const CONTRIB = '7contrib4cuda';

/** Builds a 64-bit ELF with only that section. */
export function library(fatbin: Buffer, name = '.nv_fatbin'): Buffer {
  const names = Buffer.from(`\0${name}\0.shstrtab\0`);
  const header = Buffer.alloc(64);
  const sections = [
    section(0, 0, 0, 0),
    section(1, 1, 64, fatbin.length),
    section(name.length + 2, 3, 64 + fatbin.length, names.length),
  ];
  header.write('\x7fELF', 0, 'latin1');
  header.set([2, 1, 1], 4); // 64 bits, little-endian, version 1
  header.writeUInt16LE(3, 0x10); // a shared object
  header.writeUInt16LE(62, 0x12); // of x86-64
  header.writeUInt32LE(1, 0x14);
  header.writeBigUInt64LE(BigInt(64 + fatbin.length + names.length), 0x28);
  header.writeUInt16LE(64, 0x34);
  header.writeUInt16LE(64, 0x3a);
  header.writeUInt16LE(sections.length, 0x3c);
  header.writeUInt16LE(sections.length - 1, 0x3e);
  return Buffer.concat([header, fatbin, names, ...sections]);
}

function section(name: number, type: number, offset: number, length: number): Buffer {
  const header = Buffer.alloc(64);
  header.writeUInt32LE(name, 0);
  header.writeUInt32LE(type, 4);
  header.writeBigUInt64LE(BigInt(offset), 0x18);
  header.writeBigUInt64LE(BigInt(length), 0x20);
  return header;
}

/**
 * Writes the wheel.
 * @param runtime the file whose commit it contains, and its version
 * @returns its path
 */
export function forgeWheel(
  folder: string,
  runtime: { readonly file: string; readonly version: string },
): string {
  const capi = join(folder, 'onnxruntime', 'capi');
  mkdirSync(capi, { recursive: true });
  const real = readFileSync(runtime.file);
  const at = real.indexOf('git-commit-id=');
  writeFileSync(join(capi, `libonnxruntime.so.${runtime.version}`), real.subarray(at, at + 64));
  const fatbin = [
    container([
      { arch: 80, payload: kernels(STANDARD, 90_000) },
      { arch: 90, payload: kernels(STANDARD, 80_000) },
    ]),
    container([{ arch: 90, payload: kernels(CONTRIB, 20_000) }]),
  ];
  writeFileSync(join(capi, 'libonnxruntime_providers_cuda.so'), library(Buffer.concat(fatbin)));
  writeFileSync(join(capi, 'libonnxruntime_providers_shared.so'), library(Buffer.alloc(0)));
  const wheel = join(folder, `onnxruntime_gpu-${runtime.version}-forged.whl`);
  execFileSync('python3', ['-m', 'zipfile', '-c', wheel, 'onnxruntime/'], { cwd: folder });
  return wheel;
}
