// The TensorFlow library's two providers: on NVIDIA's GPUs, and on the cpu.
import type { DeviceInfo } from '@isonet/core';
import { BackendError } from '@isonet/core';
import { start } from '../tf.ts';
import { tensorflow as tensorflowKernels } from '../tensorflow/index.ts';
import type { Package } from '../install/forms.ts';
import { cpuForm, cudaForm } from '../install/forms.ts';
import type { Library } from './library.ts';
import { checkTf32, lackOf, load, loadedLibrary } from './library.ts';
import { cardText, driverIsThere, processorText } from './machine.ts';
import { fixFor, hasBinding } from './places.ts';
import type { OpenProvider, Provider } from './provider.ts';
import { checkNoTf32, runtimeText } from './provider.ts';

const { package: cpuPackage } = cpuForm;
const { package: gpuPackage } = cudaForm;
const noDriver = 'an NVIDIA GPU, and there is no NVIDIA driver here';

export const cuda: Provider = {
  id: 'cuda',
  find: () => {
    const lack = cudaLack();
    return lack === undefined
      ? { id: 'cuda', kind: 'gpu', text: `TensorFlow on an NVIDIA GPU (${gpuPackage})` }
      : { id: 'cuda', ...lack };
  },
  open: async (options) => {
    const library = load(gpuPackage, 'cuda', options);
    const { name, version, usesGpu } = library;
    // It would compute on the cpu without a word.
    if (!usesGpu) {
      throw new BackendError(
        'NO_GPU',
        `tfjs: ${name} finds no GPU that it can use (${noGpuReason(version)}); open "tensorflow" for its cpu`,
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
    if (library?.usesGpu) {
      return { id: 'tensorflow', reason: 'TensorFlow computes on the GPU in this process', fix: hideGpu };
    }
    const name = library?.name ?? presentPackage();
    const lack = library ? undefined : lackOf(name);
    return lack === undefined
      ? { id: 'tensorflow', kind: 'cpu', text: `TensorFlow on the cpu (${name})` }
      : { id: 'tensorflow', reason: `it needs ${lack}`, fix: fixFor(cpuForm) };
  },
  open: async (options) => {
    checkNoTf32('tensorflow', options);
    const library = load(loadedLibrary()?.name ?? presentPackage(), 'tensorflow', options);
    const { name, version, threads, usesGpu } = library;
    if (usesGpu) {
      throw new BackendError(
        'GPU_IN_USE',
        `tfjs: TensorFlow computes on the GPU in this process; open "cuda", or ${hideGpu}`,
      );
    }
    const where = name === gpuPackage ? `${gpuPackage}, which found no GPU` : cpuPackage;
    const text = `TensorFlow ${version} on the cpu, ${threads} threads (${where})`;
    return opened(library, { id: 'tensorflow', kind: 'cpu', text });
  },
};

const hideGpu = 'hide the GPU with CUDA_VISIBLE_DEVICES=-1';

/** Why `cuda` cannot be had, as far as that shows without loading the library. */
function cudaLack(): { readonly reason: string; readonly fix: string } | undefined {
  const library = loadedLibrary();
  if (library?.usesGpu) return undefined;
  if (library?.name === gpuPackage) {
    const reason = `${gpuPackage} finds no GPU that it can use (${noGpuReason(library.version)})`;
    return { reason, fix: 'update the driver' };
  }
  if (!driverIsThere()) return { reason: `it needs ${noDriver}`, fix: 'install the driver of an NVIDIA GPU' };
  const lack = lackOf(gpuPackage);
  return lack === undefined ? undefined : { reason: `it needs ${lack}`, fix: fixFor(cudaForm) };
}

function noGpuReason(version: string): string {
  return driverIsThere()
    ? `driver, CUDA and cuDNN must fit TensorFlow ${version}: ${fixFor(cudaForm)} brings CUDA 12 and cuDNN 9`
    : 'there is no NVIDIA driver here';
}

/** The package for the GPU computes on the cpu too, where it is the only one. */
function presentPackage(): Package {
  return !hasBinding(cpuPackage) && hasBinding(gpuPackage) ? gpuPackage : cpuPackage;
}

async function opened(
  { name, tf, usesGpu, version, threads, tf32, environment, cudaPackages }: Library,
  info: DeviceInfo,
): Promise<OpenProvider> {
  await start(tf, 'tensorflow');
  const where = usesGpu ? [cardText(), `tf32 ${tf32 ? 'on' : 'off'}`, ...cudaPackages] : [];
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
      `TensorFlow ${version} of ${name}`, // Each package has a build of its own.
      `${threads} threads`,
      ...environment,
      processorText(),
      ...where,
    ),
  };
}
