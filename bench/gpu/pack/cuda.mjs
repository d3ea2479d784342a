// Extracts ONNX Runtime's CUDA provider from PyPI's onnxruntime-gpu, as the folder from which @isonet/backend-onnx loads it.
import { copyFileSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { root } from '../../../scripts/workspace.mjs';
import { digestOf } from './archives.mjs';
import { runProgram } from './programs.mjs';

const thin = fileURLToPath(new URL('thin.py', import.meta.url));

const PROVIDER = 'libonnxruntime_providers_cuda.so';
const SHARED = 'libonnxruntime_providers_shared.so';
const CURAND = 'libcurand.so.10';
const RUNTIME = ['onnxruntime_binding.node', 'libonnxruntime.so.1'];

/**
 * Fills `target` with the provider and the manifest. The manifest also lists ONNX Runtime itself, which run.sh adds.
 * @param {string} target
 * @param {{ scratch: string, runtime: string, wheel: string | undefined, full: boolean }} options `runtime`: the folder of
 *   @isonet/onnxruntime-linux-x64. `wheel`: onnxruntime-gpu; downloaded if undefined. `full`: whether to keep every kernel.
 * @returns {Promise<void>}
 * @throws {Error} If the download is not the pinned wheel, or the wheel differs from the runtime in version or source.
 */
export async function makeProvider(target, { scratch, runtime, wheel, full }) {
  const { version } = JSON.parse(readFileSync(join(runtime, 'package.json'), 'utf8'));
  const file = wheel ?? (await download(version, scratch));
  if (!basename(file).startsWith(`onnxruntime_gpu-${version}-`)) {
    throw new Error(`${file}: expected a wheel of onnxruntime-gpu ${version}`);
  }
  const unpacked = join(scratch, 'wheel');
  runProgram('python3', ['-m', 'zipfile', '-e', file, unpacked]);
  const capi = join(unpacked, 'onnxruntime', 'capi');
  requireSameSource(capi, runtime);

  mkdirSync(target, { recursive: true });
  copyFileSync(join(capi, SHARED), join(target, SHARED));
  if (full) copyFileSync(join(capi, PROVIDER), join(target, PROVIDER));
  else process.stdout.write(runProgram('python3', [thin, join(capi, PROVIDER), join(target, PROVIDER)]));
  makeEmptyCurand(target, scratch);
  const paths = [
    ...RUNTIME.map((name) => join(runtime, name)),
    ...[SHARED, PROVIDER, CURAND].map((name) => join(target, name)),
  ];
  const manifest = {
    format: 'isonet-onnxruntime-cuda',
    onnxruntime: version,
    packages: { 'onnxruntime-gpu': version },
    files: Object.fromEntries(paths.map((path) => [basename(path), recordOf(path)])),
  };
  writeFileSync(join(target, 'manifest.json'), `${JSON.stringify(manifest, null, 2)}\n`);
}

/**
 * Creates an empty library in place of cuRAND. The provider links to cuRAND but calls nothing in it, and PyTorch no longer includes
 * it.
 * @param {string} target
 * @param {string} scratch
 */
function makeEmptyCurand(target, scratch) {
  const symbols = runProgram('readelf', ['--dyn-syms', '--wide', join(target, PROVIDER)]);
  if (/UND curand/.test(symbols)) throw new Error('the provider calls cuRAND: add cuRAND to the pack');
  const source = join(scratch, 'empty.s');
  const object = join(scratch, 'empty.o');
  writeFileSync(source, '');
  runProgram('as', ['-o', object, source]);
  runProgram('ld', ['-shared', '-soname', CURAND, '-o', join(target, CURAND), object]);
}

/**
 * @param {string} version
 * @param {string} folder
 * @returns {Promise<string>}
 */
async function download(version, folder) {
  const wheelTags = ['manylinux_2_28_x86_64', 'manylinux_2_27_x86_64', 'manylinux2014_x86_64'];
  runProgram('python3', [
    '-m',
    'pip',
    'download',
    '--quiet',
    '--disable-pip-version-check',
    '--no-deps',
    '--only-binary=:all:',
    '--implementation=cp',
    '--python-version=3.12', // the provider does not depend on it
    ...wheelTags.map((tag) => `--platform=${tag}`),
    `--dest=${folder}`,
    `onnxruntime-gpu==${version}`,
  ]);
  const wheel = readdirSync(folder).find((name) => name.endsWith('.whl'));
  if (wheel === undefined) throw new Error(`pip downloaded no wheel of onnxruntime-gpu ${version}`);
  requireDigest(join(folder, wheel), await pinnedDigest());
  return join(folder, wheel);
}

/**
 * Reads the SHA-256 that the built @isonet/backend-onnx pins for its own installation.
 * @returns {Promise<string>}
 */
async function pinnedDigest() {
  const built = join(root, 'packages', 'backend-onnx', 'dist', 'install', 'packages.js');
  const { provider } = await import(pathToFileURL(built).href);
  return provider.sha256;
}

/**
 * Checks the SHA-256 of a file.
 * @param {string} file
 * @param {string} expected The SHA-256 in hexadecimal digits.
 * @throws {Error} If the file has a different one.
 */
export function requireDigest(file, expected) {
  const got = digestOf(readFileSync(file));
  if (got !== expected) {
    throw new Error(`${file}: expected the pinned SHA-256 ${expected}, got ${got}: do not use it`);
  }
}

/**
 * Checks that the wheel and the runtime come from the same commit: a provider works only with the library that it was built with.
 * @param {string} capi
 * @param {string} runtime
 */
function requireSameSource(capi, runtime) {
  const name = readdirSync(capi).find((entry) => /^libonnxruntime\.so\.\d/.test(entry));
  if (name === undefined) throw new Error('the wheel has no libonnxruntime.so');
  const theirs = commitOf(join(capi, name));
  const ours = commitOf(join(runtime, 'libonnxruntime.so.1'));
  if (theirs !== ours)
    throw new Error(`npm's ONNX Runtime was built from commit ${ours}, PyPI's from ${theirs}`);
}

/** @param {string} path */
function commitOf(path) {
  const bytes = readFileSync(path);
  const at = bytes.indexOf('git-commit-id=');
  const [commit] = /[0-9a-f]+/.exec(bytes.toString('latin1', at + 14, at + 54)) ?? [];
  if (at < 0 || commit === undefined) throw new Error(`${path} contains no commit id`);
  return commit;
}

/** @param {string} path */
function recordOf(path) {
  return { bytes: statSync(path).size, sha256: digestOf(readFileSync(path)) };
}
