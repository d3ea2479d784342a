// Builds the GPU pack: everything that the parts need on a bare Linux x64 machine with an NVIDIA driver and PyTorch. See README.md.
//   node bench/gpu/pack.mjs [--out FOLDER] [--full-cuda | --no-cuda] [--no-libraries] [--wheel FILE] [--node FILE]
import { copyFileSync, existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { inTemporaryFolder } from '../../scripts/packed/temporary.mjs';
import { root } from '../../scripts/workspace.mjs';
import { buildApplication } from './pack/application.mjs';
import { compress, cut, leftByPack, requireSize, writeSums } from './pack/archives.mjs';
import { makeProvider } from './pack/cuda.mjs';
import { copyLibraries } from './pack/libraries.mjs';
import { copyNode } from './pack/node.mjs';
import { copyPackages } from './pack/packages.mjs';
import { needPrograms, runProgram, strip } from './pack/programs.mjs';

const runScript = fileURLToPath(new URL('run.sh', import.meta.url));

function parseOptions() {
  const { values } = parseArgs({
    options: {
      /** The folder that receives `base` and `cuda-1`, `cuda-2`, ... */
      out: { type: 'string', default: join(root, '.cache', 'gpu') },
      /** Packs all kernels of the CUDA provider, in several chunks; by default only those for sm_90 that image networks call. */
      'full-cuda': { type: 'boolean', default: false },
      'no-cuda': { type: 'boolean', default: false },
      /** Leaves out Vulkan's loader and the X libraries. */
      'no-libraries': { type: 'boolean', default: false },
      /** A wheel of PyPI's onnxruntime-gpu; by default it is downloaded (250 MB). */
      wheel: { type: 'string' },
      /** The Node of the pack; by default the one that runs this script. */
      node: { type: 'string', default: process.execPath },
    },
  });
  for (const name of /** @type {const} */ (['wheel', 'node'])) {
    const file = values[name];
    if (file !== undefined && !existsSync(file)) throw new Error(`--${name} ${file}: no such file`);
  }
  if (values['full-cuda'] && values['no-cuda']) {
    throw new Error('--full-cuda and --no-cuda cannot be combined: leave one out');
  }
  return values;
}

/** @typedef {ReturnType<typeof parseOptions>} Options */

/** @param {string} line */
function say(line) {
  process.stdout.write(`${line}\n`);
}

/**
 * @param {string} scratch
 * @param {Options} options
 */
async function pack(scratch, options) {
  // The pack contains build outputs, which may be older than the sources.
  runProgram(process.execPath, [join(root, 'scripts', 'setup.mjs')]);
  const out = resolve(options.out);
  mkdirSync(out, { recursive: true });
  leftByPack(out); // Fails now rather than minutes later, when the folders are removed.
  const runtime = await packBase(scratch, out, options);
  if (!options['no-cuda']) await packCuda(scratch, out, runtime, options);
}

/**
 * @param {string} scratch
 * @param {string} out
 * @param {Options} options
 * @returns {Promise<string>} The folder of ONNX Runtime's package.
 */
async function packBase(scratch, out, options) {
  // Compression is most of the work, so two archives of about the same size are compressed at the same time.
  const native = join(scratch, 'native');
  const javascript = join(scratch, 'javascript');
  const base = join(scratch, 'base');
  for (const folder of [native, javascript, base]) mkdirSync(folder);
  const modules = join(javascript, 'node_modules');
  const copied = await copyPackages(modules);
  say(`${copied.length} packages`);
  strip(join(modules, '@isonet', 'dawn-linux-x64', 'dawn.node'));
  await buildApplication(join(javascript, 'app'));
  copyNode(options.node, join(native, 'node'));
  if (!options['no-libraries']) {
    const debs = join(scratch, 'debs');
    mkdirSync(debs);
    copyLibraries(join(native, 'lib'), debs);
  }
  say('compressing (half a minute)');
  await Promise.all([
    compress(native, join(base, 'native.tar.xz')),
    compress(javascript, join(base, 'javascript.tar.xz')),
  ]);
  copyFileSync(runScript, join(base, 'run.sh'));
  writeSums(base);
  const size = requireSize(base);
  const finished = join(out, 'base');
  // Chunks of an older pack would not match this base.
  for (const folder of leftByPack(out)) rmSync(folder, { recursive: true });
  move(base, finished);
  say(`${finished}: ${size} MiB`);
  return join(modules, '@isonet', 'onnxruntime-linux-x64');
}

/**
 * @param {string} scratch
 * @param {string} out
 * @param {string} runtime
 * @param {Options} options
 */
async function packCuda(scratch, out, runtime, options) {
  const provider = join(scratch, 'provider');
  const wheel = options.wheel === undefined ? undefined : resolve(options.wheel);
  await makeProvider(provider, { scratch, runtime, wheel, full: options['full-cuda'] });
  const archive = join(scratch, 'cuda.tar.xz');
  await compress(provider, archive);
  for (const folder of cut(archive, out)) say(`${folder}: ${requireSize(folder)} MiB`);
}

/**
 * @param {string} from
 * @param {string} to
 */
function move(from, to) {
  try {
    renameSync(from, to);
  } catch {
    runProgram('cp', ['-r', from, to]); // another file system
  }
}

try {
  const options = parseOptions();
  if (process.platform !== 'linux' || process.arch !== 'x64')
    throw new Error('expected linux x64: build the pack there');
  const forCuda = options['no-cuda'] ? [] : ['python3', 'zstd', 'as', 'ld'];
  needPrograms(['bash', 'tar', 'xz', 'strip', 'readelf', ...forCuda]);
  await inTemporaryFolder((scratch) => pack(scratch, options));
} catch (error) {
  process.stderr.write(`pack.mjs: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
