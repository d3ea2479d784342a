// Writes archives, their checksums, and chunks of them, so that no folder exceeds the maximum size of a transfer.
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  closeSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const MEBIBYTE = 2 ** 20;
/** The maximum size of the pack, and of each folder with a chunk. */
export const MOST_BYTES = 52 * MEBIBYTE;

// One block, with a filter for x86 code; preset 9 takes longer and saves nothing here.
const compression = '-T1 --x86 --lzma2=preset=6,dict=64MiB';
const keepScript = fileURLToPath(new URL('../keep.sh', import.meta.url));

/**
 * Writes a folder as a tar, compressed with xz. The same files produce the same bytes.
 * @param {string} folder
 * @param {string} file
 * @returns {Promise<void>}
 */
export function compress(folder, file) {
  const tar = 'tar -C "$1" --sort=name --owner=0 --group=0 --mtime=@0 -cf - .';
  const child = spawn(
    'bash',
    ['-c', `set -o pipefail; ${tar} | xz ${compression} >"$2"`, 'compress', folder, file],
    {
      stdio: ['ignore', 'ignore', 'inherit'],
    },
  );
  return new Promise((resolve, reject) => {
    child.on('error', reject).on('close', (code) => {
      if (code === 0) resolve();
      else reject(new Error(`tar or xz failed for ${folder}, exit code ${code}`));
    });
  });
}

/**
 * Lists the folders of an earlier pack, which the next one replaces.
 * @param {string} out
 * @returns {readonly string[]} Their paths.
 * @throws {Error} If a folder has such a name but belongs to no pack.
 */
export function leftByPack(out) {
  if (!existsSync(out)) return [];
  const names = readdirSync(out).filter((name) => /^(base|cuda-\d+)$/.test(name));
  for (const name of names) {
    const folder = join(out, name);
    const script = name === 'base' ? 'run.sh' : 'keep.sh';
    const isPack = ['SHA256SUMS', script].every((file) => existsSync(join(folder, file)));
    if (!isPack)
      throw new Error(`${folder} does not belong to a pack: move it, or choose another folder with --out`);
  }
  return names.map((name) => join(out, name));
}

/**
 * Splits a file into folders `cuda-1`, `cuda-2`, ..., each with one chunk, the checksums of all chunks, and the script that stores it.
 * @param {string} file
 * @param {string} out The folder that receives them.
 * @param {number} most The maximum bytes of a folder.
 * @returns {readonly string[]} The folders.
 */
export function cut(file, out, most = MOST_BYTES) {
  const { size } = statSync(file);
  const available = most - statSync(keepScript).size - 4096; // for the checksums
  const count = Math.ceil(size / available);
  const each = Math.ceil(size / count);
  const source = openSync(file, 'r');
  const folders = Array.from({ length: count }, (_, i) => {
    const folder = join(out, `cuda-${i + 1}`);
    mkdirSync(folder, { recursive: true });
    const chunk = Buffer.alloc(Math.min(each, size - i * each));
    readSync(source, chunk, 0, chunk.length, i * each);
    const name = `chunk-${String(i + 1).padStart(2, '0')}`;
    writeFileSync(join(folder, name), chunk);
    return { folder, name, sum: digestOf(chunk) };
  });
  closeSync(source);
  const sums = folders.map(({ name, sum }) => `${sum}  ${name}\n`).join('');
  for (const { folder } of folders) {
    writeFileSync(join(folder, 'SHA256SUMS'), sums);
    copyFileSync(keepScript, join(folder, 'keep.sh'));
  }
  return folders.map(({ folder }) => folder);
}

/**
 * Writes SHA256SUMS, in sha256sum's format, for all files in a folder.
 * @param {string} folder
 */
export function writeSums(folder) {
  const lines = readdirSync(folder).map((name) => `${digestOf(readFileSync(join(folder, name)))}  ${name}\n`);
  writeFileSync(join(folder, 'SHA256SUMS'), lines.join(''));
}

/** @param {Uint8Array} bytes */
export function digestOf(bytes) {
  return createHash('sha256').update(bytes).digest('hex');
}

/** @param {string} folder */
export function bytesOf(folder) {
  return readdirSync(folder).reduce((sum, name) => sum + statSync(join(folder, name)).size, 0);
}

/**
 * Checks the size of a folder.
 * @param {string} folder
 * @param {number} most The maximum bytes.
 * @returns {string} Its size in MiB.
 * @throws {Error} If it is larger.
 */
export function requireSize(folder, most = MOST_BYTES) {
  const bytes = bytesOf(folder);
  if (bytes <= most) return inMebibytes(bytes);
  throw new Error(`${folder}: expected at most ${inMebibytes(most)} MiB, got ${inMebibytes(bytes)} MiB`);
}

/** @param {number} bytes */
function inMebibytes(bytes) {
  return (bytes / MEBIBYTE).toFixed(1);
}
