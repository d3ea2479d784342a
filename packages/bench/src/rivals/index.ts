// The rivals by name, and the user's own programs that implement the protocol.
import { unknownName, UsageError } from '@isonet/runs';
import { stat } from 'node:fs/promises';
import { extname, isAbsolute, join, resolve } from 'node:path';
import { entryOf, nodeCommand, npmInstall, typescript } from './packages.ts';
import type { Package } from './packages.ts';
import { locatePython } from './python.ts';
import type { Located, Rival } from './rival.ts';
import { tfjsNodeOf } from './tfjsNode.ts';

export type { Located, Rival } from './rival.ts';

const TFJS: readonly Package[] = ['@tensorflow/tfjs', '@tensorflow/tfjs-backend-wasm'];

/** The libraries that isonet can be timed against, in the order in which they are listed. */
export const rivals: readonly Rival[] = [
  {
    name: 'torch',
    text: 'PyTorch, channels_last, on the CPU or CUDA',
    works: ['forward', 'step'],
    locate: () =>
      locatePython({
        name: 'torch',
        script: 'pytorch.py',
        variable: 'ISONET_TORCH_PYTHON',
        packages: 'torch==2.15.0 numpy==2.4.6',
        python: 'python3.12',
        versions: '3.11 or newer',
      }),
  },
  {
    name: 'mxnet',
    text: "MXNet, hybridized Gluon, the book's own framework",
    works: ['forward', 'step'],
    locate: () =>
      locatePython({
        name: 'mxnet',
        script: 'gluon.py',
        variable: 'ISONET_MXNET_PYTHON',
        packages: 'mxnet==1.9.1 numpy==1.23.5',
        python: 'python3.10',
        versions: '3.8 to 3.10',
      }),
  },
  {
    // The name `tfjs` belongs to isonet's backend.
    name: 'tfjs-layers',
    text: 'TensorFlow.js with its own layers, on WebAssembly (forward) or the TensorFlow library',
    works: ['forward', 'step'],
    // The Node package contains the whole library.
    locate: (cwd) => inNode('tfjs', cwd, tfjsNodeOf(cwd) === undefined ? TFJS : []),
  },
  {
    name: 'onnx-webgpu',
    text: "ONNX Runtime's own WebGPU provider",
    works: ['forward'],
    locate: (cwd) => inNode('onnxWebgpu', cwd, ['onnxruntime-node']),
  },
  {
    name: 'jax-js',
    text: 'jax-js, an array library for JavaScript, on WebAssembly',
    works: ['forward'],
    locate: (cwd) => inNode('jaxJs', cwd, ['@jax-js/jax']),
  },
];

/** The extensions of programs that a user can name by path. */
const PROGRAMS = ['.py', '.js', '.mjs', '.ts'];

/**
 * Finds a rival by its name, or the user's own program by its path: `./mine.py`. docs/rivals.md explains how to write one.
 * @throws UsageError for an unknown name, and for a path that is not a program
 */
export async function findRival(name: string, cwd: string): Promise<Rival> {
  const rival = rivals.find((candidate) => candidate.name === name);
  if (rival) return rival;
  const names = rivals.map((candidate) => candidate.name);
  const extension = extname(name);
  const isPath = isAbsolute(name) || /^\.\.?[/\\]/.test(name) || PROGRAMS.includes(extension);
  if (!isPath) throw unknownName('rival', name, [...names, `a program (${PROGRAMS.join(', ')})`]);
  const file = resolve(cwd, name);
  const found = await stat(file).catch(() => undefined);
  if (!found?.isFile()) throw new UsageError(`rival "${name}": there is no such file`);
  if (!PROGRAMS.includes(extension)) {
    throw new UsageError(`rival "${name}": expected a program that ends in ${PROGRAMS.join(', ')}`);
  }
  return {
    name,
    text: 'your own program',
    works: ['forward', 'step'],
    locate: () => Promise.resolve(programCommand(file, extension, cwd)),
  };
}

function programCommand(file: string, extension: string, cwd: string): Located {
  if (extension === '.py') return { command: [process.platform === 'win32' ? 'python' : 'python3', file] };
  // Node has this property since 22.10. It is true or a string if Node runs TypeScript.
  const strips = 'typescript' in process.features && process.features.typescript !== false;
  if (extension !== '.ts' || strips) return { command: [process.execPath, file] };
  try {
    return { command: [process.execPath, ...typescript(join(cwd, 'package.json')), file] };
  } catch {
    return {
      reason: `Node ${process.versions.node} cannot run TypeScript`,
      fix: 'npm install tsx, or use Node 22.18 or newer',
    };
  }
}

function inNode(module: string, cwd: string, needed: readonly Package[]): Promise<Located> {
  const missing = needed.filter((name) => entryOf(name, cwd) === undefined);
  if (missing.length === 0) return Promise.resolve({ command: nodeCommand(module, cwd) });
  return Promise.resolve({ reason: `${missing.join(' and ')}: not installed`, fix: npmInstall(...missing) });
}
