// The bin of isonet starts @isonet/cli, or explains how to install it.
import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, readFile, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { Script } from 'node:vm';
import { expect, it, onTestFinished } from 'vitest';

const bin = fileURLToPath(new URL('../bin/isonet.js', import.meta.url));

/** Clears NODE_PATH, which pnpm sets and which would resolve to the packages of the repository. */
const env = { ...process.env, NODE_PATH: '' };

/** Runs the script in a folder. */
function start(script: string, cwd: string): Promise<{ readonly stdout: string; readonly stderr: string }> {
  return promisify(execFile)(process.execPath, [script, 'summary', 'nin'], { cwd, env });
}

/** Installs isonet in `elsewhere`, and creates an empty folder `here`. */
async function installed(): Promise<{ readonly here: string; readonly script: string }> {
  const folder = await realpath(await mkdtemp(join(tmpdir(), 'isonet-bin-')));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const isonet = join(folder, 'elsewhere/node_modules/isonet');
  await cp(dirname(bin), join(isonet, 'bin'), { recursive: true });
  await writeFile(join(isonet, 'package.json'), '{ "type": "module" }');
  await mkdir(join(folder, 'here'));
  return { here: join(folder, 'here'), script: join(isonet, 'bin/isonet.js') };
}

/** Installs @isonet/cli in a folder's node_modules. Without `main` it is not built. */
async function installCli(folder: string, main?: string): Promise<void> {
  const cli = join(folder, 'node_modules/@isonet/cli');
  await mkdir(join(cli, 'dist'), { recursive: true });
  const exports = { '.': { import: './dist/index.js' }, './package.json': './package.json' };
  await writeFile(
    join(cli, 'package.json'),
    JSON.stringify({ name: '@isonet/cli', type: 'module', exports }),
  );
  if (main !== undefined) await writeFile(join(cli, 'dist/main.js'), main);
}

const main = (text: string): string => `process.stdout.write('${text} ' + process.argv.slice(2).join(' '));`;

it('explains how to install a missing command line', async () => {
  const { here, script } = await installed();
  await expect(start(script, here)).rejects.toMatchObject({
    code: 1,
    stdout: '',
    stderr: 'isonet: the command line is not installed; run `npm install @isonet/cli`\n',
  });
});

it('starts the command line of the current folder, but prefers the one next to itself', async () => {
  const { here, script } = await installed();
  await installCli(here, main('here'));
  expect((await start(script, here)).stdout).toBe('here summary nin');
  await installCli(join(here, '../elsewhere'), main('elsewhere'));
  expect((await start(script, here)).stdout).toBe('elsewhere summary nin');
});

it('explains how to build a repository that is not built', async () => {
  const { here, script } = await installed();
  await installCli(here);
  await expect(start(script, here)).rejects.toMatchObject({
    code: 1,
    stderr: 'isonet is not built; run `npm run setup` in the root of the repository\n',
  });
});

/** Runs the script in a Node that reports another version. */
async function startUnder(version: string): Promise<{ readonly stdout: string }> {
  const { here, script } = await installed();
  await installCli(here, main('started'));
  const preload = join(here, 'node.cjs');
  const versions = JSON.stringify({ ...process.versions, node: version });
  await writeFile(preload, `Object.defineProperty(process, 'versions', { value: ${versions} });`);
  return promisify(execFile)(process.execPath, ['-r', preload, script, 'nin'], { cwd: here, env });
}

it.each(['20.19.0', '20.20.1', '22.0.0'])('starts under Node %s', async (version) => {
  expect(await startUnder(version)).toMatchObject({ stdout: 'started nin' });
});

it.each(['12.22.12', '18.20.8', '20.18.3'])('refuses Node %s in one line', async (version) => {
  const stderr = `isonet needs Node 20.19 or newer, got ${version}; see https://nodejs.org/en/download\n`;
  await expect(startUnder(version)).rejects.toMatchObject({ code: 1, stdout: '', stderr });
});

it('old versions of Node can parse the file that checks the version', async () => {
  const text = (await readFile(bin, 'utf8')).replace(/^#!.*/, '');
  // A script can contain neither a static import nor a top-level await.
  expect(() => new Script(text)).not.toThrow();
  expect(text).not.toMatch(/\?\?|\?\.|catch \{/);
});
