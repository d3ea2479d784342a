// Runs the project's programs in Node, with the packages in its node_modules.
import { spawnSync } from 'node:child_process';
import { dirname, join } from 'node:path';
import { build } from 'esbuild';

/**
 * Runs a program. It is bundled first, without the packages, because Node 20 does not run TypeScript.
 * @param {string} folder
 * @param {string} program Its path without the extension.
 * @returns {Promise<string>} Its output.
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
