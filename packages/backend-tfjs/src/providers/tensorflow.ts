// The TensorFlow library's two providers: on NVIDIA's GPUs, and on the cpu.
import type { DeviceInfo } from '@isonet/core';
import { BackendError } from '@isonet/core';
import { start } from '../tf.ts';
import { tensorflow as tensorflowKernels } from '../tensorflow/index.ts';
import type { Library, Package } from './library.ts';
import { checkTf32, entryOf, hasBinding, load, loadedLibrary } from './library.ts';
import { cardText, processorText } from './machine.ts';
import type { OpenProvider, Provider } from './provider.ts';
import { checkNoTf32, runtimeText } from './provider.ts';

const cpuPackage = '@tensorflow/tfjs-node';
const gpuPackage = '@tensorflow/tfjs-node-gpu';

export const cuda: Provider = {
  id: 'cuda',
  find: () => {
    const there = loadedLibrary()?.usesGpu ?? hasBinding(gpuPackage);
    return there
      ? { id: 'cuda', kind: 'gpu', text: `TensorFlow on an NVIDIA GPU (${gpuPackage})` }
      : undefined;
  },
  open: async (options) => {
    const library = load(gpuPackage, 'cuda', options);
    const { name, version, usesGpu } = library;
    // It would compute on the cpu without a word.
    if (!usesGpu) {
      throw new BackendError(
        'NO_GPU',
        `tfjs: ${name} finds no GPU that it can use (driver, CUDA and cuDNN must fit TensorFlow ${version}); ` +
          'open "tensorflow" for its cpu',
      );
    }
    checkTf32(library, 'cuda', options);
    const text = `TensorFlow ${version} on an NVIDIA GPU (${name})`;
    return opened(library, { id: 'cuda', kind: 'gpu', text });
  },
};

export const tensorflow: Provider = {
  id: 'tensorflow',
  find: () => {
    const library = loadedLibrary();
    const there = library ? !library.usesGpu : hasBinding(cpuPackage);
    const name = library ? library.name : cpuPackage;
    return there ? { id: 'tensorflow', kind: 'cpu', text: `TensorFlow on the cpu (${name})` } : undefined;
  },
  open: async (options) => {
    checkNoTf32('tensorflow', options);
    const library = load(loadedLibrary()?.name ?? presentPackage(), 'tensorflow', options);
    const { name, version, threads, usesGpu } = library;
    if (usesGpu) {
      throw new BackendError(
        'GPU_IN_USE',
        'tfjs: TensorFlow computes on the GPU in this process; open "cuda", or hide the GPU with CUDA_VISIBLE_DEVICES=-1',
      );
    }
    const where = name === gpuPackage ? `${gpuPackage}, which found no GPU` : cpuPackage;
    const text = `TensorFlow ${version} on the cpu, ${threads} threads (${where})`;
    return opened(library, { id: 'tensorflow', kind: 'cpu', text });
  },
};

/** The package for the GPU computes on the cpu too, where it is the only one. */
function presentPackage(): Package {
  return entryOf(cpuPackage) === undefined && entryOf(gpuPackage) !== undefined ? gpuPackage : cpuPackage;
}

async function opened(
  { tf, usesGpu, version, threads, tf32, environment }: Library,
  info: DeviceInfo,
): Promise<OpenProvider> {
  await start(tf, 'tensorflow');
  const where = usesGpu ? [cardText(), `tf32 ${tf32 ? 'on' : 'off'}`] : [];
  return {
    info,
    // Its threads round subnormals to zero, and its max pooling ignores NaN. The GPU has not been held to its bits.
    claims: {
      heldAs: 'float32',
      reproducible: !usesGpu,
      subnormals: false,
      nonFinite: false,
      maxima: { max: 'none', reduceMax: 'none', maxPool2d: 'none' },
    },
    tf,
    backendName: 'tensorflow',
    images: tensorflowKernels(tf),
    settings: { threads: Number(threads), tf32 },
    runtime: runtimeText(
      tf,
      `TensorFlow ${version}`,
      `${threads} threads`,
      ...environment,
      processorText(),
      ...where,
    ),
  };
}
