// Checks the requirements of the installation before anything is downloaded, and names what is missing in one line.
import { stat, statfs } from 'node:fs/promises';
import { dirname } from 'node:path';
import { answers, InstallError } from './command.ts';
import type { Form } from './forms.ts';

interface Program {
  readonly name: string;
  readonly command: readonly [program: string, ...args: string[]];
  /** The package in Debian and Ubuntu. */
  readonly debian: string;
}

const programs = (python: string): readonly Program[] => [
  { name: python, command: [python, '--version'], debian: 'python3' },
  { name: "Python's pip", command: [python, '-m', 'pip', '--version'], debian: 'python3-pip' },
  { name: 'npm', command: ['npm', '--version'], debian: 'npm' },
  { name: 'g++', command: ['g++', '--version'], debian: 'g++' },
];

/** Checks that the programs exist. @throws InstallError that names the missing programs */
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
    `expected python3 with pip, npm and g++; missing: ${names}; on Debian and Ubuntu, run apt install ${packages}`,
  );
}

/** Checks the system. @throws InstallError if there is no tested wheel of TensorFlow for it */
export function checkSystem(
  platform: string = process.platform,
  architecture: string = process.arch,
  isMusl: boolean = usesMusl(),
): void {
  if (platform !== 'linux' || architecture !== 'x64') {
    throw new InstallError(
      `expected Linux x64, got ${platform} ${architecture}; use the device "wasm", or @isonet/backend-onnx`,
    );
  }
  if (isMusl) {
    throw new InstallError(
      'TensorFlow needs glibc, but this system uses musl, as Alpine Linux does; use an image with glibc (node:22-slim)',
    );
  }
}

function usesMusl(): boolean {
  const { header } = process.report.getReport() as { readonly header: Readonly<Record<string, unknown>> };
  return process.platform === 'linux' && header['glibcVersionRuntime'] === undefined;
}

/** Checks the free disk space. @throws InstallError if the disk of the folder has less than the build needs */
export async function checkSpace(folder: string, { buildBytes, flag }: Form): Promise<void> {
  const { bavail, bsize } = await statfs(await existing(folder));
  if (bavail * bsize >= buildBytes) return;
  const other = flag === '' ? '' : ', or install the smaller form for the CPU';
  throw new InstallError(
    `expected ${gigabytes(buildBytes)} of free space in ${dirname(folder)}, found ${gigabytes(bavail * bsize)}; choose a folder on another disk with --folder${other}`,
  );
}

/** Returns the folder, or its nearest ancestor that exists. */
async function existing(folder: string): Promise<string> {
  const found = await stat(folder).catch(() => undefined);
  return found !== undefined || dirname(folder) === folder ? folder : existing(dirname(folder));
}

function gigabytes(bytes: number): string {
  return `${(bytes / 1e9).toFixed(1)} GB`;
}
