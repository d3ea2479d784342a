// The CUDA folder, which contains ONNX Runtime with its CUDA provider and NVIDIA's libraries: its location and its files.
import { isAbsolute, join, resolve } from 'node:path';
import { userCache } from '@isonet/native';
import { library } from '../library.ts';

/** The version of CUDA that the provider was built for. */
export const CUDA = '13';
/** The oldest NVIDIA driver for that version of CUDA: https://docs.nvidia.com/cuda/cuda-toolkit-release-notes */
export const OLDEST_DRIVER = 580;
/** The environment variable that names another folder. */
export const VARIABLE = 'ISONET_ONNX_CUDA';
export const MANIFEST = 'manifest.json';
export const FORMAT = 'isonet-onnxruntime-cuda';
/** The command that installs the folder. It names the package, so that npx cannot run someone else's program of that name. */
export const COMMAND = 'npx -p @isonet/backend-onnx isonet-onnx-cuda';

/** The addon and the library, which looks for its providers in its own folder. */
export const RUNTIME_FILES: readonly string[] = [library.addon, 'libonnxruntime.so.1'];
/** The provider, which consists of two files. */
export const PROVIDER = 'libonnxruntime_providers_cuda.so';
export const PROVIDER_FILES: readonly string[] = ['libonnxruntime_providers_shared.so', PROVIDER];
/** The driver's CUDA library, which no package contains. */
export const DRIVER_LIBRARY = 'libcuda.so.1';
/** cuDNN's main library, which opens its engines by name. */
export const CUDNN = 'libcudnn.so.9';
/** The libraries that the provider links to or opens by name, each after its own dependencies. */
export const LIBRARIES: readonly string[] = [
  'libcudart.so.13',
  'libcublasLt.so.13',
  'libcublas.so.13',
  'libcurand.so.10',
  'libnvrtc.so.13',
  CUDNN,
];

/** Returns the folder: `$ISONET_ONNX_CUDA`, otherwise a folder in the user's cache; undefined if there is no home folder. */
export function folderPath(): string | undefined {
  const named = process.env[VARIABLE];
  if (named !== undefined && named !== '') return isAbsolute(named) ? named : resolve(named);
  const cache = userCache();
  return cache === undefined
    ? undefined
    : join(cache, 'isonet', `onnxruntime-${library.version}-cuda${CUDA}`);
}
