// Makes the GPU pack: everything that the parts need on a bare Linux x64 machine with an NVIDIA driver and PyTorch. See README.md.
//   node bench/gpu/pack.mjs [--out FOLDER] [--full-cuda | --no-cuda] [--no-libraries] [--wheel FILE] [--node FILE]
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { root } from '../../scripts/workspace.mjs';
import { buildApplication } from './pack/application.mjs';
import { bytesOf, compress, cut, MEBIBYTE, MOST_BYTES, writeSums } from './pack/archives.mjs';
import { makeProvider } from './pack/cuda.mjs';
import { copyLibraries } from './pack/libraries.mjs';
import { copyNode } from './pack/node.mjs';
import { copyPackages } from './pack/packages.mjs';
import { needPrograms, runProgram, strip } from './pack/programs.mjs';

const { values: options } = parseArgs({
  options: {
    /** Gets `base` and `cuda-1`, `cuda-2`, ... */
    out: { type: 'string', default: join(root, '.cache', 'gpu') },
    /** All kernels of the CUDA provider, in several chunks; by default those for sm_90 that networks of images call. */
    'full-cuda': { type: 'boolean', default: false },
    'no-cuda': { type: 'boolean', default: false },
    /** Without Vulkan's loader and the X libraries. */
    'no-libraries': { type: 'boolean', default: false },
    /** PyPI's onnxruntime-gpu, which is downloaded otherwise (250 MB). */
    wheel: { type: 'string' },
    /** The Node of the pack; by default the one that runs this. */
    node: { type: 'string', default: process.execPath },
  },
});

const runScript = fileURLToPath(new URL('run.sh', import.meta.url));

/** @param {string} line */
function say(line) {
  process.stdout.write(`${line}\n`);
}

/** @param {string} folder */
function mebibytes(folder) {
  return (bytesOf(folder) / MEBIBYTE).toFixed(1);
}

/** @param {string} folder */
function requireSize(folder) {
  const bytes = bytesOf(folder);
  if (bytes > MOST_BYTES) {
    throw new Error(`${folder}: expected at most ${MOST_BYTES / MEBIBYTE} MiB, got ${mebibytes(folder)}`);
  }
}

/** @param {string} scratch */
async function pack(scratch) {
  // The pack holds what is built, which may be older than the sources.
  runProgram(process.execPath, [join(root, 'scripts', 'setup.mjs')]);
  const out = resolve(options.out);
  mkdirSync(out, { recursive: true });
  // Compression is most of the work: two archives of about the same size, made at the same time.
  const [native, javascript, base] = ['native', 'javascript', 'base'].map((name) => join(scratch, name));
  if (native === undefined || javascript === undefined || base === undefined) throw new Error('unreachable');
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
  say('compressing, half a minute');
  await Promise.all([
    compress(native, join(base, 'native.tar.xz')),
    compress(javascript, join(base, 'javascript.tar.xz')),
  ]);
  copyFileSync(runScript, join(base, 'run.sh'));
  writeSums(base);
  requireSize(base);
  const finished = join(out, 'base');
  rmSync(finished, { recursive: true, force: true });
  move(base, finished);
  say(`${finished}: ${mebibytes(finished)} MiB`);
  if (options['no-cuda']) return;

  const provider = join(scratch, 'provider');
  makeProvider(provider, {
    scratch,
    runtime: join(modules, '@isonet', 'onnxruntime-linux-x64'),
    wheel: options.wheel === undefined ? undefined : resolve(options.wheel),
    full: options['full-cuda'],
  });
  const archive = join(scratch, 'cuda.tar.xz');
  await compress(provider, archive);
  for (const folder of cut(archive, out)) {
    requireSize(folder);
    say(`${folder}: ${mebibytes(folder)} MiB`);
  }
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

const scratch = mkdtempSync(join(tmpdir(), 'isonet-gpu-'));
try {
  if (process.platform !== 'linux' || process.arch !== 'x64')
    throw new Error('the pack is made on linux x64');
  needPrograms([
    'bash',
    'tar',
    'xz',
    'strip',
    'readelf',
    ...(options['no-cuda'] ? [] : ['python3', 'zstd', 'as', 'ld']),
  ]);
  if (options.wheel !== undefined && !existsSync(options.wheel))
    throw new Error(`--wheel ${options.wheel}: no such file`);
  await pack(scratch);
} catch (error) {
  process.stderr.write(
    `${basename(process.argv[1] ?? 'pack.mjs')}: ${error instanceof Error ? error.message : String(error)}\n`,
  );
  process.exitCode = 1;
} finally {
  rmSync(scratch, { recursive: true, force: true });
}
