// Reads a packed package into memory, for the rules about its contents.
import { mkdtempSync, readFileSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative, sep } from 'node:path';
import { run } from '../../workspace.mjs';

/**
 * @typedef {object} Manifest The fields of a package.json that the rules read. All are optional, because the rules check them.
 * @property {string} [name]
 * @property {Record<string, unknown>} [exports]
 * @property {Record<string, string> | string} [bin]
 * @property {Record<string, string | false>} [browser]
 * @property {Record<string, string>} [scripts]
 */

/**
 * @typedef {object} Packed
 * @property {number} bytes The compressed size of the tarball.
 * @property {Manifest & Record<string, unknown>} manifest
 * @property {ReadonlyMap<string, Buffer>} files The files by path in the package, with `/` on every system.
 */

/**
 * @param {string} tarball
 * @returns {Promise<Packed>}
 */
export async function readTarball(tarball) {
  const folder = mkdtempSync(join(tmpdir(), 'isonet-contents-'));
  try {
    const unpacked = await run('tar', ['-xzf', tarball, '-C', folder, '--strip-components=1']);
    if (unpacked.code !== 0) throw new Error(`${tarball} cannot be unpacked: ${unpacked.output}`);
    const files = new Map(
      readdirSync(folder, { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map((entry) => join(entry.parentPath, entry.name))
        .map((path) => [relative(folder, path).replaceAll(sep, '/'), readFileSync(path)]),
    );
    const manifest = JSON.parse(files.get('package.json')?.toString() ?? '{}');
    return { bytes: statSync(tarball).size, manifest, files };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
