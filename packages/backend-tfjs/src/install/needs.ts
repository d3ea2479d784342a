// What the machine needs for the installation: asked for before anything is fetched, and named in one line where it is missing.
import { stat, statfs } from 'node:fs/promises';
import { dirname } from 'node:path';
import { answers, InstallError } from './command.ts';
import type { Form } from './forms.ts';

interface Program {
  readonly name: string;
  readonly command: readonly [program: string, ...args: string[]];
  /** The package of Debian and Ubuntu. */
  readonly debian: string;
}

const programs = (python: string): readonly Program[] => [
  { name: python, command: [python, '--version'], debian: 'python3' },
  { name: "Python's pip", command: [python, '-m', 'pip', '--version'], debian: 'python3-pip' },
  { name: 'npm', command: ['npm', '--version'], debian: 'npm' },
  { name: 'g++', command: ['g++', '--version'], debian: 'g++' },
];

/** @throws InstallError naming the programs that are missing */
export async function checkPrograms(python: string, signal: AbortSignal): Promise<void> {
  const missing: Program[] = [];
  for (const program of programs(python)) {
    const [name, ...args] = program.command;
    if (!(await answers(name, args, signal))) missing.push(program);
  }
  if (missing.length === 0) return;
  const names = missing.map(({ name }) => name).join(', ');
  const packages = missing.map(({ debian }) => debian).join(' ');
  throw new InstallError(
    `needs python3 with pip, npm and g++; missing: ${names}; on Debian and Ubuntu: apt install ${packages}`,
  );
}

/** @throws InstallError where there is no wheel of TensorFlow, or none that was tried */
export function checkSystem(
  platform: string = process.platform,
  architecture: string = process.arch,
  isMusl: boolean = usesMusl(),
): void {
  if (platform !== 'linux' || architecture !== 'x64') {
    throw new InstallError(
      `runs on Linux x64, this is ${platform} ${architecture}; use the device "wasm", or @isonet/backend-onnx`,
    );
  }
  if (isMusl) {
    throw new InstallError(
      'TensorFlow needs glibc, and this system has musl, as Alpine Linux does; use an image with glibc (node:22-slim)',
    );
  }
}

function usesMusl(): boolean {
  const { header } = process.report.getReport() as { readonly header: Readonly<Record<string, unknown>> };
  return process.platform === 'linux' && header['glibcVersionRuntime'] === undefined;
}

/** @throws InstallError where the disk of the folder has less room than it takes */
export async function checkRoom(folder: string, { room, flag }: Form): Promise<void> {
  const { bavail, bsize } = await statfs(await existing(folder));
  if (bavail * bsize >= room) return;
  const other = flag === '' ? '' : ', or install the form for the cpu, which is smaller';
  throw new InstallError(
    `needs ${gigabytes(room)} in ${dirname(folder)}, which has ${gigabytes(bavail * bsize)}; name a folder on another disk with --folder${other}`,
  );
}

/** The folder, or the first above it that exists. */
async function existing(folder: string): Promise<string> {
  const found = await stat(folder).catch(() => undefined);
  return found !== undefined || dirname(folder) === folder ? folder : existing(dirname(folder));
}

function gigabytes(bytes: number): string {
  return `${(bytes / 1e9).toFixed(1)} GB`;
}
