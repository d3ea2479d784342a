// Finds libraries and drivers on this machine and builds the environment of the parts: the pack's libraries where the machine has none,
// and the CUDA libraries of PyTorch.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** The settings that run.sh passes in the environment. */
export interface Setting {
  /** The folder of the results. */
  readonly out: string;
  /** The unpacked pack. */
  readonly base: string;
  readonly python: string;
  /** The manifest of a software driver: a rehearsal without a GPU. */
  readonly software: string | undefined;
  /** The time at which everything has to be done, in milliseconds since 1970. */
  readonly deadline: number;
}

export type Environment = Readonly<Record<string, string | undefined>>;

export function settingOf(env: Environment): Setting {
  const need = (name: string): string => {
    const value = env[name];
    if (value === undefined || value === '') throw new Error(`${name} is not set: start this with run.sh`);
    return value;
  };
  return {
    out: need('OUT'),
    base: need('ISONET_GPU_BASE'),
    python: need('PYTHON'),
    software: env['ISONET_SOFTWARE_DRIVER'],
    deadline: Number(need('ISONET_GPU_DEADLINE')) * 1000,
  };
}

/** Returns the environment of every part, without variables that would change the results. */
export function withoutOverrides(env: Environment): Environment {
  const kept = Object.entries(env).filter(([name]) => name !== 'NVIDIA_TF32_OVERRIDE');
  return { ...Object.fromEntries(kept), CUDA_MODULE_LOADING: 'LAZY' }; // most kernels of the provider are never called
}

/** The folders in which NVIDIA's container images put the driver; the loader's configuration does not list them. */
const DRIVER_FOLDERS = ['/usr/local/nvidia/lib64', '/usr/local/nvidia/lib'];

/** Adds Vulkan's loader and the X libraries that NVIDIA's driver links to, each only if the machine lacks it. */
export function withLibraries(env: Environment, { base }: Setting): Environment {
  const known = knownLibraries();
  const used = join(base, 'used');
  rmSync(used, { recursive: true, force: true });
  mkdirSync(used);
  const lib = join(base, 'lib');
  const missing = (existsSync(lib) ? readdirSync(lib) : []).filter((name) => !known.has(name));
  for (const name of missing) symlinkSync(join(lib, name), join(used, name));
  process.stdout.write(`from the pack: ${missing.length === 0 ? 'no library' : missing.join(' ')}\n`);
  return withPath(env, [used, ...pathsOf(env), ...DRIVER_FOLDERS]);
}

/** Adds the CUDA libraries that PyTorch was installed with, for ONNX Runtime. PyTorch is not imported. */
export function withCuda(env: Environment, { python }: Setting): Environment {
  const code = 'import importlib.util; print(importlib.util.find_spec("torch").origin)';
  const site = output(python, ['-c', code]);
  const packages = site === undefined ? undefined : dirname(dirname(site));
  const nvidia =
    packages === undefined ? [] : subfolders(join(packages, 'nvidia')).map((name) => join(name, 'lib'));
  const torch = packages === undefined ? [] : [join(packages, 'torch', 'lib')];
  const found = [...nvidia, ...torch, '/usr/local/cuda/lib64'].filter((folder) => existsSync(folder));
  process.stdout.write(`CUDA's libraries: ${found.length === 0 ? 'none found' : found.join(' ')}\n`);
  return withPath(env, [...pathsOf(env), ...found]);
}

/** Lists the manifests that may name NVIDIA's Vulkan driver, best first; undefined means the manifests that the loader finds by default. */
export function manifestCandidates({ base, software }: Setting): readonly (string | undefined)[] {
  if (software !== undefined) return [software];
  const folders = ['/usr/local/nvidia/share', '/etc', '/usr/share', '/usr/local/share'].map(
    (folder) => `${folder}/vulkan/icd.d`,
  );
  const installed = folders.flatMap((folder) =>
    (existsSync(folder) ? readdirSync(folder) : [])
      .filter((name) => /nvidia.*\.json$/.test(name))
      .map((name) => join(folder, name)),
  );
  return [undefined, ...installed, ...ownManifests(base)];
}

/** The folders in which distributions put the driver's libraries; Debian's is reachable only through links. */
const SYSTEM_FOLDERS = [
  '/usr/lib/x86_64-linux-gnu',
  '/usr/lib/x86_64-linux-gnu/nvidia/current',
  '/usr/lib64',
  '/usr/lib64/nvidia',
];

/** Writes manifests for a driver whose own manifest is missing from a container. */
function ownManifests(base: string): readonly string[] {
  const known = knownLibraries();
  return ['libGLX_nvidia.so.0', 'libEGL_nvidia.so.0'].flatMap((name) => {
    const library = driverLibrary(name, known);
    if (library === undefined) return [];
    const manifest = join(base, `${name}.json`);
    const icd = { file_format_version: '1.0.1', ICD: { library_path: library, api_version: '1.3.290' } };
    writeFileSync(manifest, JSON.stringify(icd));
    return [manifest];
  });
}

/**
 * Returns the text by which a manifest refers to a library of the driver: its path, or its name if the system's loader finds it.
 * @param folders the folders to search
 */
export function driverLibrary(
  name: string,
  known: ReadonlySet<string>,
  folders: readonly string[] = [...DRIVER_FOLDERS, ...SYSTEM_FOLDERS],
): string | undefined {
  const path = folders.map((folder) => join(folder, name)).find((candidate) => existsSync(candidate));
  return path ?? (known.has(name) ? name : undefined);
}

function pathsOf(env: Environment): readonly string[] {
  const { LD_LIBRARY_PATH: paths = '' } = env;
  return paths.split(':').filter((path) => path !== '');
}

function withPath(env: Environment, paths: readonly string[]): Environment {
  return { ...env, LD_LIBRARY_PATH: [...new Set(paths)].join(':') };
}

/** Lists the file names that the system's loader finds itself; empty if it cannot list them. */
function knownLibraries(): ReadonlySet<string> {
  const ldconfig = ['/sbin/ldconfig', '/usr/sbin/ldconfig'].find((path) => existsSync(path));
  const listed = ldconfig === undefined ? undefined : output(ldconfig, ['-p']);
  return new Set(listed?.split('\n').flatMap((line) => /^\s+(\S+) \(libc6,x86-64/.exec(line)?.[1] ?? []));
}

function subfolders(folder: string): readonly string[] {
  return existsSync(folder) ? readdirSync(folder).map((name) => join(folder, name)) : [];
}

/** Returns the output of a program; undefined if it fails or is missing. */
function output(program: string, args: readonly string[]): string | undefined {
  try {
    return execFileSync(program, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
  } catch {
    return undefined;
  }
}
