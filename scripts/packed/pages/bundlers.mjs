// Runs the bundlers as users do: without a config file, a shim or an alias.
import { spawn } from 'node:child_process';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';
import { run } from '../../workspace.mjs';
import { modulesOf } from '../tools.mjs';

export const viteVersions = /** @type {const} */ ([7, 8]);

/** @param {number} version */
function vite(version) {
  return join(modulesOf('pages'), `vite-${version}`, 'bin', 'vite.js');
}

/**
 * Bundles the script of a page with esbuild.
 * @param {string} page A folder with an index.html and a main.ts.
 * @param {string} out The output folder, relative to the page.
 */
export async function esbuildPage(page, out) {
  const outdir = join(page, out);
  const options = /** @type {const} */ ({ bundle: true, minify: true, format: 'esm', logLevel: 'silent' });
  const { warnings } = await build({ entryPoints: [join(page, 'main.ts')], outdir, ...options });
  if (warnings.length > 0) throw new Error(warnings.map(({ text }) => text).join('\n'));
  const html = readFileSync(join(page, 'index.html'), 'utf8');
  writeFileSync(join(outdir, 'index.html'), html.replace('main.ts', 'main.js'));
}

/**
 * Runs `vite build`.
 * @param {number} version
 * @param {string} page A folder with an index.html.
 * @param {string} out The output folder, relative to the page.
 */
export async function viteBuild(version, page, out) {
  assertQuiet(await run('node', [vite(version), 'build', page, '--outDir', out], { NO_COLOR: '1' }));
}

/**
 * Runs `vite dev` until `work` is done. No dependency has been optimized beforehand.
 * @template T
 * @param {number} version
 * @param {string} page A folder with an index.html.
 * @param {(url: string) => Promise<T>} work
 */
export async function withViteDev(version, page, work) {
  rmSync(join(page, '..', 'node_modules', '.vite'), { recursive: true, force: true });
  const server = spawn('node', [vite(version), page, '--host', '127.0.0.1'], {
    env: { ...process.env, NO_COLOR: '1' },
    stdio: ['pipe', 'pipe', 'pipe'], // Vite also ends when its stdin closes
  });
  let output = '';
  const closed = new Promise((resolve) => server.once('close', (code) => resolve(code ?? 0)));
  try {
    const url = await new Promise((resolve, reject) => {
      const collect = (/** @type {Buffer} */ chunk) => {
        output += chunk.toString();
        const [, address] = /Local:\s+(\S+)/.exec(output) ?? [];
        if (address !== undefined) resolve(address);
      };
      server.stdout.on('data', collect);
      server.stderr.on('data', collect);
      server.once('error', reject);
      void closed.then((code) => reject(new Error(`vite ended with code ${code}:\n${output}`)));
    });
    return await work(String(url));
  } finally {
    server.kill();
    await closed;
    assertQuiet({ code: 0, output });
  }
}

/**
 * Throws on warnings, too: a bundler that externalizes a Node module only warns, and the page fails later.
 * @param {{ code: number, output: string }} done
 */
function assertQuiet({ code, output }) {
  if (code !== 0 || /warn|externalized|error|\(!\)/i.test(output)) throw new Error(output.trimEnd());
}
