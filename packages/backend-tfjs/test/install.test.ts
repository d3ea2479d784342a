// Tests of the program isonet-tensorflow, with fake scripts for python3, npm and g++ on an otherwise empty PATH. The scripts log their
// arguments, and a TensorFlow that computes with TensorFlow.js's plain JavaScript replaces the library.
import { execFile, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, readdir, readFile, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { cpuForm } from '../src/install/forms.ts';
import { checkSpace, checkSystem } from '../src/install/needs.ts';
import { library, scripts } from './fakeTools.ts';

const main = fileURLToPath(new URL('../src/install/main.ts', import.meta.url));
const node = ['--conditions=@isonet/source', '--import', import.meta.resolve('tsx'), main];

let world: string;

beforeEach(async () => {
  world = await realpath(await mkdtemp(join(tmpdir(), 'isonet-install-')));
  await mkdir(join(world, 'bin'));
  for (const [name, script] of Object.entries(scripts)) await tool(name, script);
  await writeFile(join(world, 'library.cjs'), library);
});

afterEach(() => rm(world, { recursive: true, force: true }));

async function tool(name: string, script: string): Promise<void> {
  const path = join(world, 'bin', name);
  await writeFile(path, `#!/bin/sh\nPATH=/usr/bin:/bin\necho "${name} $*" >> "${world}/asked"\n${script}\n`);
  await chmod(path, 0o755);
}

interface Outcome {
  readonly code: number | string | null | undefined;
  readonly stdout: string;
  readonly stderr: string;
}

function environment(): NodeJS.ProcessEnv {
  return {
    ...process.env,
    ISONET_TENSORFLOW: '',
    PATH: join(world, 'bin'),
    HOME: world,
    XDG_CACHE_HOME: join(world, 'cache'),
    NO_COLOR: '1',
  };
}

function run(args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Outcome> {
  return new Promise((done) => {
    const options = { cwd: world, env: { ...environment(), ...env } };
    execFile(process.execPath, [...node, ...args], options, (error, stdout, stderr) =>
      done({ code: error === null ? 0 : error.code, stdout, stderr }),
    );
  });
}

function asked(): Promise<string> {
  return readFile(join(world, 'asked'), 'utf8');
}

const kept = (): string => join(world, 'cache/isonet/tensorflow-2.18.1-cpu');

/** Expects that neither the folder nor a partial one exists. */
async function expectNothingKept(): Promise<void> {
  expect(await readdir(join(world, 'cache/isonet')).catch(() => [])).toEqual([]);
}

describe('the arguments', () => {
  it('--help prints the usage', async () => {
    const { code, stdout, stderr } = await run(['--help']);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(
      /^Usage: npx -p @isonet\/backend-tfjs isonet-tensorflow \[--cuda\] \[--folder FOLDER\] \[--python PROGRAM\]\n/,
    );
  });

  it.each([
    [['--gpu'], "Unknown option '--gpu'; see --help"],
    [['--folder'], "Option '--folder <value>' argument missing; see --help"],
    [['--folder', ''], '--folder: expected a folder, got nothing; see --help'],
    [['now'], "Unexpected argument 'now'; see --help"],
  ])('%j are rejected with one line', async (args, message) => {
    const outcome = await run(args);
    expect(outcome).toEqual({ code: 2, stdout: '', stderr: `isonet-tensorflow: ${message}\n` });
    expect(existsSync(join(world, 'asked'))).toBe(false);
  });
});

/** On other systems the program stops before it does anything. */
const runsHere = process.platform === 'linux' && process.arch === 'x64';

describe('the requirements', () => {
  it.skipIf(!runsHere).each([
    [['g++'], 'missing: g++; on Debian and Ubuntu, run apt install g++'],
    [
      ['python3'],
      "missing: python3, Python's pip; on Debian and Ubuntu, run apt install python3 python3-pip",
    ],
  ])('include programs, and missing ones are named: %j', async (names, message) => {
    for (const name of names) await rm(join(world, 'bin', name));
    const { code, stderr } = await run([]);
    expect({ code, stderr }).toEqual({
      code: 1,
      stderr: `isonet-tensorflow: expected python3 with pip, npm and g++; ${message}\n`,
    });
    await expectNothingKept();
  });

  it('include a system that TensorFlow has a wheel for', () => {
    expect(() => checkSystem('linux', 'x64', false)).not.toThrow();
    expect(() => checkSystem('darwin', 'arm64', false)).toThrow('expected Linux x64, got darwin arm64; use');
    expect(() => checkSystem('linux', 'x64', true)).toThrow('this system uses musl');
  });

  it('include disk space', async () => {
    await expect(checkSpace(world, { ...cpuForm, buildBytes: 1 })).resolves.toBeUndefined();
    await expect(checkSpace(join(world, 'not', 'yet'), { ...cpuForm, buildBytes: 1e18 })).rejects.toThrow(
      /^expected 1000000000\.0 GB of free space in .+\/not, found [\d.]+ GB; choose a folder on another disk with --folder$/,
    );
  });
});

describe.skipIf(!runsHere)('an installation', () => {
  it('is complete, and a second run only checks it', async () => {
    const first = await run([]);
    expect(first).toMatchObject({ code: 0, stderr: '' });
    expect(first.stdout).toMatch(
      /TensorFlow 2\.18\.1 on the cpu, \d+ threads \(@tensorflow\/tfjs-node\); checked: a test convolution is correct\nisonet finds it there\n$/,
    );
    expect(await readdir(join(world, 'cache/isonet'))).toEqual(['tensorflow-2.18.1-cpu']);
    expect((await readdir(kept())).toSorted()).toEqual(['isonet.json', 'node_modules', 'package.json']);
    const folder = join(kept(), 'node_modules/@tensorflow/tfjs-node');
    expect((await readdir(join(folder, 'deps'))).toSorted()).toEqual(['lib']);
    expect(existsSync(join(folder, 'lib/napi-v8/tfjs_binding.node'))).toBe(true);
    const before = await asked();
    expect(before).toContain('npm install --prefix');
    expect(before).toContain('--ignore-scripts');
    expect(before).toMatch(/^python3 -m pip .*download .*--require-hashes .*--requirement /m);
    expect(before).toMatch(/^tensorflow-cpu==2\.18\.1 --hash=sha256:[0-9a-f]{64}$/m);

    // The variable names the same folder.
    const second = await run([], { ISONET_TENSORFLOW: kept() });
    expect(second).toMatchObject({ code: 0, stderr: '' });
    expect(second.stdout).toContain('already exists; check it\nTensorFlow 2.18.1 on the cpu');
    expect(await asked()).toBe(before);
    const third = await run([], { BROKEN: 'wrong' });
    expect(third.code).toBe(1);
    expect(third.stderr).toMatch(/a convolution is wrong: .+; remove .+-cpu and run this again\n$/);
  });

  it('for CUDA installs the libraries that the wheel requires, and reports that there is no GPU', async () => {
    const { code, stdout } = await run(['--cuda', '--folder', 'gpu']);
    expect(code).toBe(0);
    expect(stdout).toContain(
      '(@tensorflow/tfjs-node-gpu, which found no GPU); checked: a test convolution is correct',
    );
    expect(stdout).toContain(`to use it, run: export ISONET_TENSORFLOW=${world}/gpu\n`);
    const log = await asked();
    expect(log).toMatch(/^python3 -m pip .*install .*--require-hashes .*--requirement /m);
    expect(log).toMatch(/^tensorflow==2\.18\.1 --hash=sha256:[0-9a-f]{64}$/m);
    expect(log.match(/^nvidia-[a-z-]+-cu12==[\d.]+ --hash=sha256:[0-9a-f]{64}$/gm)).toHaveLength(12);
    expect(existsSync(join(world, 'gpu/node_modules/@tensorflow/tfjs-node-gpu/deps/nvidia'))).toBe(true);
  });

  it('on a GPU tolerates the rounding of its algorithms', async () => {
    const { code, stdout } = await run(['--cuda'], { GPU: '1', BROKEN: 'rounding' });
    expect(code).toBe(0);
    expect(stdout).toContain('on an NVIDIA GPU (@tensorflow/tfjs-node-gpu); checked: ');
    expect((await run(['--cuda', '--folder', 'wrong'], { GPU: '1', BROKEN: 'wrong' })).code).toBe(1);
  });

  it('removes the partial folder of a killed process, but not that of a running one', async () => {
    const { pid: dead } = spawnSync('true');
    await mkdir(`${kept()}.partial-${dead}-abcdef`, { recursive: true });
    await mkdir(`${kept()}.partial-${process.pid}-abcdef`);
    const { stdout } = await run([]);
    expect(stdout).toContain(
      `  removing tensorflow-2.18.1-cpu.partial-${dead}-abcdef, left over from a killed process`,
    );
    expect((await readdir(join(world, 'cache/isonet'))).toSorted()).toEqual([
      'tensorflow-2.18.1-cpu',
      `tensorflow-2.18.1-cpu.partial-${process.pid}-abcdef`,
    ]);
  });

  it('accepts another Python, and reports a folder that it cannot write', async () => {
    await rm(join(world, 'bin/python3'));
    await tool('snake', scripts.python3);
    await writeFile(join(world, 'cache'), 'a file');
    const unusable = await run(['--python', 'snake']);
    expect(unusable.stderr).toMatch(
      /^isonet-tensorflow: .+-cpu cannot be used: ENOTDIR; choose another folder/,
    );
    expect((await run(['--python', 'snake', '--folder', 'mine'])).code).toBe(0);
    await rm(join(world, 'cache'));
    await symlink(join(world, 'nowhere/cache'), join(world, 'cache'));
    const unwritable = await run(['--python', 'snake']);
    expect(unwritable.stderr).toMatch(
      /^isonet-tensorflow: cannot write .+-cpu: E[A-Z]+: .+; choose a writable folder with --folder\n$/,
    );
  });

  it('leaves a folder with other contents alone', async () => {
    await writeFile(join(world, 'mine'), 'a file');
    const file = await run(['--folder', 'mine']);
    expect(file.stderr).toBe(
      `isonet-tensorflow: ${world}/mine cannot be used: ENOTDIR; choose another folder with --folder\n`,
    );
    const folder = await run(['--folder', '.']);
    expect(folder.stderr).toBe(
      `isonet-tensorflow: ${world} does not contain TensorFlow 2.18.1 of tensorflow-cpu, but is not empty; ` +
        'choose another folder with --folder\n',
    );
    expect(await readFile(join(world, 'mine'), 'utf8')).toBe('a file');
  });
});

describe.skipIf(!runsHere)('a failure is reported in one line and leaves nothing behind', () => {
  it.each([
    [
      'npm',
      `[ "$1" = --version ] && exit 0
echo 'npm error code ENOTFOUND
npm error network request to https://registry.npmjs.org failed, reason: getaddrinfo ENOTFOUND
npm error A complete log of this run can be found in: /root/.npm/_logs/x.log' >&2; exit 1`,
      'npm install failed: network request to https://registry.npmjs.org failed, reason: getaddrinfo ENOTFOUND',
    ],
    [
      'python3',
      `case "$*" in *download*) echo 'ERROR: No matching distribution found for tensorflow-cpu==2.18.1' >&2; exit 1 ;; esac`,
      'pip download failed: No matching distribution found for tensorflow-cpu==2.18.1',
    ],
    [
      'python3',
      `case "$*" in *download*) while [ "$1" != --dest ]; do shift; done; touch "$2/x.whl" ;; esac`,
      'the wheel is incomplete: expected libtensorflow_cc, libtensorflow_framework and include',
    ],
    ['python3', '', 'pip download failed: it downloaded no wheel of tensorflow-cpu==2.18.1'],
    [
      'g++',
      `[ "$1" = --version ] && exit 0
echo 'tfjs_backend.cc:18:10: fatal error: node_api.h: No such file or directory' >&2; exit 1`,
      'compiling the binding failed: tfjs_backend.cc:18:10: fatal error: node_api.h: No such file or directory',
    ],
    [
      'g++',
      '[ "$1" = --version ] && exit 0; exit 3',
      'compiling the binding failed: g++ printed nothing (exit code 3)',
    ],
  ])('of %s (case %#)', async (name, script, message) => {
    await tool(name, script);
    const { code, stderr } = await run([]);
    expect({ code, stderr }).toEqual({ code: 1, stderr: `isonet-tensorflow: ${message}\n` });
    await expectNothingKept();
  });

  it.each([
    [
      'wrong',
      /^isonet-tensorflow: checking TensorFlow failed: a convolution is wrong: expected -?\d+ at 0, got -?\d+\n$/,
    ],
    ['rounding', /a convolution is wrong/],
    ['silent', /^isonet-tensorflow: checking TensorFlow failed: expected a line of JSON, got nothing\n$/],
    ['killed', /^isonet-tensorflow: checking TensorFlow failed: .+ printed nothing \(killed by SIGILL\)\n$/],
  ])('of a library that is %s', async (broken, message) => {
    const { code, stderr } = await run([], { BROKEN: broken });
    expect(code).toBe(1);
    expect(stderr).toMatch(message);
    await expectNothingKept();
  });

  it("such as a signal, even if npm sends a terminal's Ctrl-C twice", async () => {
    await tool(
      'npm',
      `[ "$1" = --version ] && exit 0
trap 'kill $!; touch "${world}/stopping"; sleep 1; exit 1' TERM
touch "${world}/started"; sleep 60 & wait`,
    );
    const child = spawn(process.execPath, node, { cwd: world, env: environment() });
    let stderr = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
    for (const file of ['started', 'stopping']) {
      await expect.poll(() => existsSync(join(world, file)), { timeout: 20_000 }).toBe(true);
      child.kill('SIGINT');
    }
    const [code] = (await once(child, 'close')) as [number | null];
    expect({ code, stderr }).toEqual({
      code: 130,
      stderr: 'isonet-tensorflow: stopped; nothing was installed\n',
    });
    await expectNothingKept();
  });
});
