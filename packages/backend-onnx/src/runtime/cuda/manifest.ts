// The manifest of the CUDA folder. The installation writes it last; afterwards it is read as untrusted input.
import { readFileSync, statSync } from 'node:fs';
import { codeOf, messageOf } from '@isonet/core';
import type { Missing } from '@isonet/native';
import { COMMAND, FORMAT } from './files.ts';

/** The expected size and digest of a file in the folder. */
export interface FileRecord {
  readonly bytes: number;
  /** The digest of the whole file, in hexadecimal. */
  readonly sha256: string;
}

export interface Manifest {
  /** ONNX Runtime's version. */
  readonly onnxruntime: string;
  /** The packages that the files come from: versions by package name. */
  readonly packages: Readonly<Record<string, string>>;
  /** The files, by name. */
  readonly files: Readonly<Record<string, FileRecord>>;
}

const MAX_BYTES = 65_536;
const MAX_ENTRIES = 64;

/** Reads a manifest. @returns undefined if the file does not exist */
export function readManifest(path: string): Manifest | Missing | undefined {
  try {
    const stat = statSync(path, { throwIfNoEntry: false });
    if (stat === undefined) return undefined;
    if (!stat.isFile()) return invalid(path, 'it is not a file');
    if (stat.size > MAX_BYTES)
      return invalid(path, `expected at most ${MAX_BYTES} bytes, found ${stat.size}`);
    return parsed(path, readFileSync(path, 'utf8'));
  } catch (error) {
    return {
      code: 'CUDA_FOLDER',
      reason: `cannot read ${path}: ${codeOf(error) ?? messageOf(error)}`,
      fix: 'make it readable, or choose another folder with ISONET_ONNX_CUDA',
    };
  }
}

function parsed(path: string, text: string): Manifest | Missing {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return invalid(path, 'it is not JSON');
  }
  if (!isRecord(value) || value['format'] !== FORMAT) return invalid(path, `expected "format": "${FORMAT}"`);
  const { onnxruntime, packages, files } = value;
  if (!isVersion(onnxruntime)) return invalid(path, '"onnxruntime" is not a version');
  if (!isRecord(packages) || !fits(packages, isName, isVersion)) {
    return invalid(path, '"packages" must map names to versions');
  }
  if (!isRecord(files) || !fits(files, isName, isFileRecord)) {
    return invalid(path, '"files" must map names to "bytes" and "sha256"');
  }
  return { onnxruntime, packages, files };
}

function invalid(path: string, what: string): Missing {
  return {
    code: 'CUDA_MANIFEST',
    reason: `${path} is not a valid manifest: ${what}`,
    fix: reinstall(path.slice(0, path.lastIndexOf('/'))),
  };
}

/** Returns the instruction to reinstall the folder. */
export function reinstall(folder: string): string {
  return `remove the folder ${folder} and run ${COMMAND}`;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function fits<T>(
  record: Readonly<Record<string, unknown>>,
  key: (name: string) => boolean,
  is: (value: unknown) => value is T,
): record is Readonly<Record<string, T>> {
  const entries = Object.entries(record);
  return entries.length <= MAX_ENTRIES && entries.every(([name, value]) => key(name) && is(value));
}

/** Returns whether this can be the name of a package or of a file in the folder: a path is rejected. */
function isName(name: string): boolean {
  return /^\w[\w.-]{0,99}$/.test(name);
}

function isVersion(value: unknown): value is string {
  return typeof value === 'string' && /^\d[\w.+-]{0,39}$/.test(value);
}

function isFileRecord(value: unknown): value is FileRecord {
  if (!isRecord(value)) return false;
  const { bytes, sha256 } = value;
  if (!(typeof bytes === 'number' && Number.isSafeInteger(bytes) && bytes >= 0)) return false;
  return typeof sha256 === 'string' && /^[0-9a-f]{64}$/.test(sha256);
}
