// Tests the installer with real wheels, which the test builds and pip finds in a folder, without a network. Fake
// programs replace Python in the tests in which it must fail.
import { execFileSync, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { statfs } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { install } from '../src/install/install.ts';
import { main } from '../src/install/program.ts';
import type { WantedFile, Wheel } from '../src/install/packages.ts';
import { cudaLibraries, provider } from '../src/install/packages.ts';
import { unpack } from '../src/install/python.ts';
import { LIBRARIES, PROVIDER_FILES } from '../src/runtime/cuda/files.ts';
import { checkFolder, digestOf } from '../src/runtime/cuda/folder.ts';

vi.mock(import('node:fs/promises'), async (original) => {
  const module = await original();
  return { ...module, statfs: vi.fn<typeof module.statfs>(module.statfs) as typeof module.statfs };
});

function hasPip(): boolean {
  try {
    execFileSync('python3', ['-m', 'pip', '--version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

const [first, second] = ['onnxruntime/capi/first.so', 'onnxruntime/capi/second.so'];
const files: readonly WantedFile[] = [
  { member: first, name: 'libonnxruntime_providers_shared.so', bytes: 10 },
  { member: second, name: 'libonnxruntime_providers_cuda.so', bytes: 11 },
];

let root = '';
let folder = '';
let lines: string[] = [];
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'isonet-install-'));
  folder = join(root, 'cache', 'cuda');
  lines = [];
  vi.stubEnv('PIP_NO_INDEX', '1');
  vi.stubEnv('PIP_FIND_LINKS', join(root, 'wheels'));
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(root, { recursive: true, force: true });
});

const MAKE = `
import sys, zipfile
path, members = sys.argv[1], sys.argv[2:]
with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as wheel:
    wheel.writestr("isonet_test_wheel-1.0.dist-info/METADATA", "Metadata-Version: 2.1\\nName: isonet-test-wheel\\nVersion: 1.0\\n")
    wheel.writestr("isonet_test_wheel-1.0.dist-info/WHEEL", "Wheel-Version: 1.0\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n")
    wheel.writestr("isonet_test_wheel-1.0.dist-info/RECORD", "")
    for member in members:
        name, size = member.split("=")
        wheel.writestr(name, "x" * int(size))
`;

/** Builds a wheel with members of the given sizes, in the folder where pip looks. */
function wheelWith(sizes: Readonly<Record<string, number>>): Wheel {
  mkdirSync(join(root, 'wheels'), { recursive: true });
  const path = join(root, 'wheels', 'isonet_test_wheel-1.0-py3-none-any.whl');
  const members = Object.entries(sizes).map(([name, size]) => `${name}=${size}`);
  execFileSync('python3', ['-c', MAKE, path, ...members]);
  const bytes = readFileSync(path);
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  return { name: 'isonet-test-wheel', version: '1.0', sha256, bytes: bytes.length, files };
}

const whole = (): Wheel => wheelWith(Object.fromEntries(files.map(({ member, bytes }) => [member, bytes])));

function attempt(
  wheel: Wheel,
  { python = 'python3', signal = new AbortController().signal } = {},
): Promise<boolean> {
  return install({ folder, wheels: [wheel], python, signal, log: (line) => void lines.push(line) });
}

/** Writes a program with the given shell script. */
function program(script: string): string {
  const path = join(root, 'program');
  writeFileSync(path, `#!/bin/sh\n${script}\n`);
  chmodSync(path, 0o755);
  return path;
}

const left = (): readonly string[] =>
  existsSync(join(root, 'cache')) ? readdirSync(join(root, 'cache')) : [];

/** A wheel that is never read, because the tested failure comes first. */
const none: Wheel = { name: 'none', version: '1', sha256: '', bytes: 1, files: [] };

describe.skipIf(process.platform !== 'linux' || !hasPip())(
  'with pip (needs linux and python3 -m pip)',
  () => {
    test('the installed folder is valid, and a second run keeps it', async () => {
      const wheel = whole();
      expect(await attempt(wheel)).toBe(true);
      const found = checkFolder(folder);
      expect(found).toMatchObject({ path: folder, packages: { 'isonet-test-wheel': '1.0' } });
      if ('reason' in found) throw new Error(found.reason);
      for (const [name, { sha256 }] of Object.entries(found.files)) {
        expect([name, await digestOf(join(folder, name))]).toEqual([name, sha256]);
      }
      expect(left()).toEqual(['cuda']);
      expect(readdirSync(folder).toSorted()).toEqual(
        [...Object.keys(found.files), 'manifest.json'].toSorted(),
      );
      expect(lines).toEqual(['1 of 1: isonet-test-wheel 1.0, 1 MB to download']);
      expect(statSync(folder).mode & 0o777).toBe(0o755);
      expect(await attempt({ ...wheel, sha256: 'not needed again' })).toBe(false);
      await expect(attempt({ ...wheel, name: 'another-wheel' })).rejects.toThrow(
        `${folder} was installed with --provider-only, without another-wheel; remove it and run this again, ` +
          'or choose another folder with --folder',
      );
      rmSync(join(folder, 'libonnxruntime_providers_cuda.so'));
      await expect(attempt(wheel)).rejects.toThrow(
        `${folder} cannot be used: ${folder}/libonnxruntime_providers_cuda.so is missing; remove it and run this again`,
      );
    });

    test('an empty folder is filled', async () => {
      mkdirSync(folder, { recursive: true });
      expect(await attempt(whole())).toBe(true);
      expect(checkFolder(folder)).not.toHaveProperty('reason');
    });

    test("Python's warnings do not affect the digests", async () => {
      whole();
      const noisy = program('echo a warning >&2; exec python3 "$@"');
      const signal = new AbortController().signal;
      const wheel = join(root, 'wheels', 'isonet_test_wheel-1.0-py3-none-any.whl');
      const digests = await unpack({ program: noisy, signal }, wheel, files, root);
      expect(Object.keys(digests)).toEqual(files.map(({ name }) => name));
      await expect(unpack({ program: program('exit 0'), signal }, wheel, files, root)).rejects.toThrow(
        /^cannot unpack .+: expected digests from Python, got ""; choose another Python with --python$/,
      );
    });

    test('two concurrent installations produce one folder', async () => {
      const wheel = whole();
      await Promise.all([attempt(wheel), attempt(wheel)]);
      expect(left()).toEqual(['cuda']);
      expect(checkFolder(folder)).not.toHaveProperty('reason');
    });

    test.each([
      ['larger', { [first]: 1_000_000, [second]: 11 }, 'is larger than expected'],
      ['smaller', { [first]: 10, [second]: 3 }, 'is smaller than expected'],
      ['missing', { [first]: 10 }, 'There is no item named'],
    ])('a %s file is rejected', async (_, sizes, reason) => {
      wheelWith(sizes);
      const python = { program: 'python3', signal: new AbortController().signal };
      const [file = ''] = readdirSync(join(root, 'wheels'));
      await expect(unpack(python, join(root, 'wheels', file), files, root)).rejects.toThrow(reason);
    });

    test('a wheel with other bytes is rejected', async () => {
      // Hides pip's output to stderr.
      const quiet = program('exec python3 "$@" 2>/dev/null');
      const wheel = { ...whole(), sha256: '0'.repeat(64) };
      await expect(attempt(wheel, { python: quiet })).rejects.toThrow(
        /^pip cannot download isonet-test-wheel 1\.0 \(exit code 1, see its output above\); make PyPI reachable/,
      );
      expect(left()).toEqual([]);
      const other = { ...whole(), files: [{ member: 'none.so', name: 'none.so', bytes: 1 }] };
      await expect(attempt(other)).rejects.toThrow(/^cannot unpack .+: KeyError: .+none\.so/);
      expect(left()).toEqual([]);
    });
  },
);

describe.skipIf(process.platform === 'win32')('before anything is downloaded', () => {
  const pip = 'if [ "$3" = --version ]; then echo "pip 25.0"; exit; fi';

  test('Python and pip are checked', async () => {
    await expect(attempt(none, { python: join(root, 'no-python') })).rejects.toThrow(
      /no-python is not installed; install it \(Debian, Ubuntu: apt-get install python3-pip; /,
    );
    await expect(attempt(none, { python: program('exit 1') })).rejects.toThrow(
      /program has no pip; install it/,
    );
    expect(left()).toEqual([]);
  });

  test('the free disk space is checked', async () => {
    vi.mocked(statfs).mockResolvedValueOnce({ bavail: 1000, bsize: 4096 } as Awaited<
      ReturnType<typeof statfs>
    >);
    const wheel = { ...none, bytes: 1e9 };
    await expect(attempt(wheel, { python: program(pip) })).rejects.toThrow(
      /cache: expected 2\.\d GB of free space, found 5 MB; free some, or choose a folder on another disk with --folder and ISONET_ONNX_CUDA$/,
    );
    expect(left()).toEqual([]);
  });

  test('an existing folder is left alone', async () => {
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'mine'), 'kept');
    await expect(attempt(none)).rejects.toThrow(
      `${folder} has other contents: ONNX Runtime's CUDA provider is not installed (there is no ${folder}/manifest.json); ` +
        'choose another folder with --folder',
    );
    writeFileSync(join(folder, 'manifest.json'), '{ "name": "a page" }');
    await expect(attempt(none)).rejects.toThrow(
      /has other contents: .+; choose another folder with --folder$/,
    );
    expect(readdirSync(folder).toSorted()).toEqual(['manifest.json', 'mine']);
  });

  test('a folder that cannot be used is reported', async () => {
    writeFileSync(join(root, 'cache'), 'a file');
    await expect(attempt(none, { python: program(pip) })).rejects.toThrow(
      /cannot use .+cuda: ENOTDIR.+; choose another folder with --folder$/,
    );
  });

  test('the partial folder of a killed process is removed, but not that of a running one', async () => {
    const { pid: dead } = spawn('true');
    await new Promise((resolve) => setTimeout(resolve, 200)); // lets the process end
    mkdirSync(`${folder}.partial-${dead}-abcdef`, { recursive: true });
    mkdirSync(`${folder}.partial-${process.pid}-abcdef`);
    const failing = program(`${pip}; exit 1`);
    await expect(attempt(none, { python: failing })).rejects.toThrow('pip cannot download');
    expect(left()).toEqual([`cuda.partial-${process.pid}-abcdef`]);
    expect(lines[0]).toBe(`removing cuda.partial-${dead}-abcdef, left over from a killed process`);
  });

  test('an abort ends the download and leaves nothing behind', async () => {
    const stopping = new AbortController();
    const stopped = new Error('stopped');
    const waiting = program(`${pip}; : > "${root}/started"; exec sleep 60`);
    const work = attempt(none, { python: waiting, signal: stopping.signal });
    const failure = work.catch((error: unknown) => error);
    await vi.waitFor(() => expect(existsSync(join(root, 'started'))).toBe(true), 20_000);
    stopping.abort(stopped);
    expect(await failure).toBe(stopped);
    expect(left()).toEqual([]);
  });
});

describe('the program', () => {
  const start = async (...args: string[]): Promise<readonly [code: number, out: string, error: string]> => {
    let [out, error] = ['', ''];
    const streams = {
      out: (text: string) => void (out += text),
      error: (text: string) => void (error += text),
    };
    return [await main(args, streams), out, error];
  };

  test('has help, and rejects unknown options with one line', async () => {
    const [code, out] = await start('--help');
    expect([code, out.split('\n')[0]]).toEqual([
      0,
      'Usage: isonet-onnx-cuda [--provider-only] [--folder FOLDER] [--python PROGRAM]',
    ]);
    const [bad, , error] = await start('--fodler', 'x');
    expect([bad, error]).toEqual([2, "isonet-onnx-cuda: Unknown option '--fodler'; see --help\n"]);
    expect(await start('--folder', '')).toEqual([
      2,
      '',
      'isonet-onnx-cuda: --folder: expected a folder, got nothing; see --help\n',
    ]);
  });

  test.skipIf(process.platform !== 'linux' || process.arch !== 'x64')(
    'stops at Ctrl-C with exit code 130',
    async () => {
      const script = program(
        `if [ "$3" = --version ]; then echo "pip 25.0"; exit; fi; : > "${root}/started"; exec sleep 60`,
      );
      const run = fileURLToPath(new URL('../src/install/main.ts', import.meta.url));
      const args = ['--conditions=@isonet/source', '--import', 'tsx', run, '--folder', folder];
      const child = spawn(process.execPath, [...args, '--python', script], {
        stdio: ['ignore', 'ignore', 'pipe'],
      });
      let error = '';
      child.stderr.on('data', (chunk: Buffer) => (error += chunk.toString()));
      const ended = new Promise((resolve) => child.on('close', resolve));
      await vi.waitFor(() => expect(existsSync(join(root, 'started'))).toBe(true), 20_000);
      child.kill('SIGINT');
      expect(await ended).toBe(130);
      expect(error.split('\n').at(-2)).toBe('stopped by SIGINT; nothing was installed');
      expect(left()).toEqual([]);
    },
  );
});

test('the wheels contain all files that the provider needs', () => {
  const names = [provider, ...cudaLibraries].flatMap((wheel) => wheel.files.map(({ name }) => name));
  expect(names).toEqual(expect.arrayContaining([...PROVIDER_FILES, ...LIBRARIES]));
  expect(new Set(names).size).toBe(names.length);
  for (const { name, sha256 } of [provider, ...cudaLibraries]) {
    expect([name, sha256]).toEqual([name, expect.stringMatching(/^[0-9a-f]{64}$/)]);
  }
});
