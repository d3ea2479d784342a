// The bin of isonet: it starts @isonet/cli where that is installed, and says how to install it where it is not.
import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, readFile, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { Script } from 'node:vm';
import { expect, it, onTestFinished } from 'vitest';

const bin = fileURLToPath(new URL('../bin/isonet.js', import.meta.url));

/** pnpm's own links set NODE_PATH, which would lead to the clone's packages. */
const env = { ...process.env, NODE_PATH: '' };

/** Starts the script in a folder. */
function start(script: string, cwd: string): Promise<{ readonly stdout: string; readonly stderr: string }> {
  return promisify(execFile)(process.execPath, [script, 'summary', 'nin'], { cwd, env });
}

/** isonet installed in `elsewhere`, and an empty folder `here`. */
async function installed(): Promise<{ readonly here: string; readonly script: string }> {
  const folder = await realpath(await mkdtemp(join(tmpdir(), 'isonet-bin-')));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const isonet = join(folder, 'elsewhere/node_modules/isonet');
  await cp(dirname(bin), join(isonet, 'bin'), { recursive: true });
  await writeFile(join(isonet, 'package.json'), '{ "type": "module" }');
  await mkdir(join(folder, 'here'));
  return { here: join(folder, 'here'), script: join(isonet, 'bin/isonet.js') };
}

/** @isonet/cli in a folder's node_modules; without `main` it is not built. */
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

it('says how to install the command line where it is not', async () => {
  const { here, script } = await installed();
  await expect(start(script, here)).rejects.toMatchObject({
    code: 1,
    stdout: '',
    stderr: 'The command line is a package of its own: npm install @isonet/cli\n',
  });
});

it('starts the one of the current folder, or the one beside itself before that', async () => {
  const { here, script } = await installed();
  await installCli(here, main('here'));
  expect((await start(script, here)).stdout).toBe('here summary nin');
  await installCli(join(here, '../elsewhere'), main('elsewhere'));
  expect((await start(script, here)).stdout).toBe('elsewhere summary nin');
});

it('says what is missing in a clone that is not built', async () => {
  const { here, script } = await installed();
  await installCli(here);
  await expect(start(script, here)).rejects.toMatchObject({
    code: 1,
    stderr: 'isonet is not built yet: run `npm run setup` in the root of the repository.\n',
  });
});

/** Starts the script under a Node that says it is of another version. */
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
  const stderr = `isonet needs Node 20.19 or newer, this is ${version}\n`;
  await expect(startUnder(version)).rejects.toMatchObject({ code: 1, stdout: '', stderr });
});

it('old Nodes, too, can read what checks their version', async () => {
  const text = (await readFile(bin, 'utf8')).replace(/^#!.*/, '');
  // As a script: no static import, and no await outside of a function.
  expect(() => new Script(text)).not.toThrow();
  expect(text).not.toMatch(/\?\?|\?\.|catch \{/);
});
