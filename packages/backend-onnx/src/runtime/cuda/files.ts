// The folder that holds ONNX Runtime with its CUDA provider and NVIDIA's libraries: where it lies, and which files it has.
import { isAbsolute, join, resolve } from 'node:path';
import { userCache } from '@isonet/native';
import { library } from '../library.ts';

/** What the provider was built for. */
export const CUDA = '13';
/** NVIDIA's driver for that version of CUDA: https://docs.nvidia.com/cuda/cuda-toolkit-release-notes */
export const OLDEST_DRIVER = 580;
/** The variable that names another folder. */
export const VARIABLE = 'ISONET_ONNX_CUDA';
export const MANIFEST = 'manifest.json';
export const FORMAT = 'isonet-onnxruntime-cuda';
/** How to install it. Names the package, so that npx cannot pick up a stranger's program. */
export const COMMAND = 'npx -p @isonet/backend-onnx isonet-onnx-cuda';

/** The addon and the library itself, which looks for its providers in its own folder. */
export const RUNTIME_FILES: readonly string[] = [library.addon, 'libonnxruntime.so.1'];
/** The provider, in two parts. */
export const PROVIDER = 'libonnxruntime_providers_cuda.so';
export const PROVIDER_FILES: readonly string[] = ['libonnxruntime_providers_shared.so', PROVIDER];
/** The driver's part of CUDA, which no package brings. */
export const DRIVER_LIBRARY = 'libcuda.so.1';
/** cuDNN's own part, which opens its engines by name. */
export const CUDNN = 'libcudnn.so.9';
/** What the provider links to or opens by name, each after what it needs itself. */
export const LIBRARIES: readonly string[] = [
  'libcudart.so.13',
  'libcublasLt.so.13',
  'libcublas.so.13',
  'libcurand.so.10',
  'libnvrtc.so.13',
  CUDNN,
];

/** The folder: `$ISONET_ONNX_CUDA`, else the one in the user's cache; undefined where there is no home. */
export function folderPath(): string | undefined {
  const named = process.env[VARIABLE];
  if (named !== undefined && named !== '') return isAbsolute(named) ? named : resolve(named);
  const cache = userCache();
  return cache === undefined
    ? undefined
    : join(cache, 'isonet', `onnxruntime-${library.version}-cuda${CUDA}`);
}
