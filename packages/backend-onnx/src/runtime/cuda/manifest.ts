// The manifest of the CUDA folder: written last when the folder is made, read as foreign bytes ever after.
import { readFileSync, statSync } from 'node:fs';
import { codeOf, messageOf } from '@isonet/core';
import type { Missing } from '@isonet/native';
import { COMMAND, FORMAT } from './files.ts';

/** What a file of the folder has to be. */
export interface FileRecord {
  readonly bytes: number;
  /** Of all its bytes, in hexadecimal digits. */
  readonly sha256: string;
}

export interface Manifest {
  /** ONNX Runtime's version. */
  readonly onnxruntime: string;
  /** Where the files come from: versions by the packages' names. */
  readonly packages: Readonly<Record<string, string>>;
  /** By the files' names. */
  readonly files: Readonly<Record<string, FileRecord>>;
}

const MAX_BYTES = 65_536;
const MAX_ENTRIES = 64;

/** @returns undefined where there is no such file */
export function readManifest(path: string): Manifest | Missing | undefined {
  try {
    const stat = statSync(path, { throwIfNoEntry: false });
    if (stat === undefined) return undefined;
    if (!stat.isFile()) return garbage(path, 'it is not a file');
    if (stat.size > MAX_BYTES)
      return garbage(path, `it has ${stat.size} bytes, at most ${MAX_BYTES} are read`);
    return parsed(path, readFileSync(path, 'utf8'));
  } catch (error) {
    return {
      code: 'CUDA_FOLDER',
      reason: `cannot read ${path}: ${codeOf(error) ?? messageOf(error)}`,
      fix: 'make it readable, or name another folder with ISONET_ONNX_CUDA',
    };
  }
}

function parsed(path: string, text: string): Manifest | Missing {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return garbage(path, 'it is not JSON');
  }
  if (!isRecord(value) || value['format'] !== FORMAT) return garbage(path, `expected "format": "${FORMAT}"`);
  const { onnxruntime, packages, files } = value;
  if (!isVersion(onnxruntime)) return garbage(path, '"onnxruntime" is not a version');
  if (!isRecord(packages) || !fits(packages, isName, isVersion)) {
    return garbage(path, '"packages" has to map names to versions');
  }
  if (!isRecord(files) || !fits(files, isName, isFileRecord)) {
    return garbage(path, '"files" has to map names to "bytes" and "sha256"');
  }
  return { onnxruntime, packages, files };
}

function garbage(path: string, what: string): Missing {
  return {
    code: 'CUDA_MANIFEST',
    reason: `${path} is not a manifest of isonet's: ${what}`,
    fix: again(path.slice(0, path.lastIndexOf('/'))),
  };
}

/** How to get a folder that is as it should be. */
export function again(folder: string): string {
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

/** No path: the name of a file in the folder, or a package's. */
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
