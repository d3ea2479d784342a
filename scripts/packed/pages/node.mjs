// The project's programs in Node, on the packages in its node_modules.
import { spawnSync } from 'node:child_process';
import { dirname, join } from 'node:path';
import { build } from 'esbuild';

/**
 * Node 20 runs no TypeScript: the program is bundled, without the packages.
 * @param {string} folder
 * @param {string} program Without its ending.
 * @returns {Promise<string>} What it prints.
 */
export async function runInNode(folder, program) {
  const outfile = join(folder, `${program}.mjs`);
  const options = /** @type {const} */ ({
    bundle: true,
    packages: 'external',
    platform: 'node',
    format: 'esm',
  });
  await build({ entryPoints: [join(folder, `${program}.ts`)], outfile, ...options });
  const { status, stdout, stderr } = spawnSync('node', [outfile], {
    cwd: dirname(outfile),
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(`${program}: ${stderr}`);
  return stdout;
}
