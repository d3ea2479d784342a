// A fake CUDA folder for tests: the real addon and library, and stubs of the provider and NVIDIA's libraries, built with a C compiler.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  copyFileSync,
  existsSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import {
  DRIVER_LIBRARY,
  FORMAT,
  LIBRARIES,
  PROVIDER_FILES,
  RUNTIME_FILES,
} from '../src/runtime/cuda/files.ts';
import { library } from '../src/runtime/library.ts';

const require = createRequire(import.meta.url);
const original = join(
  dirname(require.resolve('onnxruntime-node/package.json')),
  dirname(library.original.addon(process.platform, process.arch)),
);

/** Returns whether all of these programs are installed. */
export function hasPrograms(...names: readonly string[]): boolean {
  try {
    for (const name of names) execFileSync(name, ['--version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

/** Builds a shared library that does nothing. */
export function stub(folder: string, name: string, source = 'int nothing(void) { return 0; }'): void {
  mkdirSync(folder, { recursive: true });
  const options = ['-shared', '-fPIC', `-Wl,-soname,${name}`, '-o', join(folder, name), '-x', 'c', '-'];
  execFileSync('gcc', options, { input: source });
}

/** Builds a stub of NVIDIA's driver with the functions that libraries need to load. Its functions report that there is no card. */
export function stubDriver(folder: string): void {
  const functions = ['cuInit', 'cuDriverGetVersion', 'cuTensorMapEncodeTiled'];
  stub(folder, DRIVER_LIBRARY, functions.map((name) => `int ${name}() { return 100; }`).join('\n'));
}

/** Fills a folder like an installed one, with stubs instead of the files from PyPI. Stubs are built only once, in `stubs`. */
export function fakeFolder(folder: string, stubs: string): void {
  mkdirSync(folder, { recursive: true });
  for (const name of [...PROVIDER_FILES, ...LIBRARIES]) {
    if (!existsSync(join(stubs, name))) stub(stubs, name);
    copyFileSync(join(stubs, name), join(folder, name));
  }
  for (const name of RUNTIME_FILES) {
    linkOrCopy(join(original, name), join(folder, name));
  }
  writeManifest(folder, {});
}

export function linkOrCopy(from: string, to: string): void {
  try {
    linkSync(from, to);
  } catch {
    copyFileSync(from, to); // the folders are on different disks
  }
}

/** Writes the manifest of a folder. */
export function writeManifest(folder: string, changes: Readonly<Record<string, unknown>>): void {
  const names = readdirSync(folder).filter((name) => name !== 'manifest.json');
  const files = Object.fromEntries(names.map((name) => [name, recordOf(folder, name)]));
  const manifest = { format: FORMAT, onnxruntime: library.version, packages: {}, files, ...changes };
  writeFileSync(join(folder, 'manifest.json'), JSON.stringify(manifest));
}

function recordOf(folder: string, name: string): { readonly bytes: number; readonly sha256: string } {
  const path = join(folder, name);
  // Nothing checks the digests of these large files.
  const content = RUNTIME_FILES.includes(name) ? '' : readFileSync(path);
  return { bytes: statSync(path).size, sha256: createHash('sha256').update(content).digest('hex') };
}
