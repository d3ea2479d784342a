// The TensorFlow library's two providers: on NVIDIA GPUs, and on the CPU.
import type { DeviceInfo } from '@isonet/core';
import { BackendError } from '@isonet/core';
import { start } from '../tf.ts';
import { tensorflow as tensorflowKernels } from '../tensorflow/index.ts';
import type { Package } from '../install/forms.ts';
import { commandFor, cpuForm, cudaForm } from '../install/forms.ts';
import type { Library } from './library.ts';
import { checkTf32, lackOf, load, loadedLibrary } from './library.ts';
import { cardText, driverIsThere, processorText } from './machine.ts';
import { fixFor, hasBinding } from './places.ts';
import type { OpenProvider, Provider } from './provider.ts';
import { checkNoTf32, runtimeText } from './provider.ts';

const { package: cpuPackage } = cpuForm;
const { package: gpuPackage } = cudaForm;
const noDriver = 'no NVIDIA driver is installed';

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
    // Without a GPU the library would silently compute on the CPU.
    if (!usesGpu) {
      throw new BackendError(
        'NO_GPU',
        `tfjs: ${name} finds no usable GPU (${noGpuReason(version)}); open "tensorflow" to compute on the CPU`,
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
      return { id: 'tensorflow', reason: 'TensorFlow uses the GPU in this process', fix: hideGpu };
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
        `tfjs: TensorFlow uses the GPU in this process; open "cuda", or ${hideGpu}`,
      );
    }
    const where = name === gpuPackage ? `${gpuPackage}, which found no GPU` : cpuPackage;
    const text = `TensorFlow ${version} on the cpu, ${threads} threads (${where})`;
    return opened(library, { id: 'tensorflow', kind: 'cpu', text });
  },
};

const hideGpu = 'start the process with CUDA_VISIBLE_DEVICES=-1 to hide the GPU';

/** Returns why `cuda` is unavailable, as far as that can be detected without loading the library. */
function cudaLack(): { readonly reason: string; readonly fix: string } | undefined {
  const library = loadedLibrary();
  if (library?.usesGpu) return undefined;
  if (library?.name === gpuPackage) {
    const reason = `${gpuPackage} finds no usable GPU (${noGpuReason(library.version)})`;
    return { reason, fix: 'update the driver' };
  }
  if (!driverIsThere()) {
    return { reason: `it needs an NVIDIA GPU, but ${noDriver}`, fix: "install the GPU's driver" };
  }
  const lack = lackOf(gpuPackage);
  return lack === undefined ? undefined : { reason: `it needs ${lack}`, fix: fixFor(cudaForm) };
}

function noGpuReason(version: string): string {
  return driverIsThere()
    ? `driver, CUDA and cuDNN must match TensorFlow ${version}: ${commandFor(cudaForm)} installs CUDA 12 and cuDNN 9`
    : noDriver;
}

/**
 * Returns the installed package. The GPU package also computes on the CPU, so it is used if only it has a native
 * binding.
 */
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
    // TensorFlow's threads flush subnormals to zero, and its max pooling ignores NaN. Reproducibility on a GPU is untested.
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
      `TensorFlow ${version} of ${name}`, // each package has its own build
      `${threads} threads`,
      ...environment,
      processorText(),
      ...where,
    ),
  };
}
