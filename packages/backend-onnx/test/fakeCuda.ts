// Fakes of the NVIDIA libraries that ONNX Runtime's real CUDA provider links to, built with a C compiler. Memory functions use host
// memory, and all other functions do nothing and succeed. That is enough to create sessions, which shows whether the provider has a
// kernel for each node.
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DRIVER_LIBRARY } from '../src/runtime/cuda/files.ts';

const HEADER = `
#include <stdlib.h>
#include <string.h>
static long handle[64];
`;

const allocate = (name: string): string =>
  `int ${name}(void **p, size_t n) { *p = calloc(1, n ? n : 1); return 0; }`;
const copy = (name: string): string =>
  `int ${name}(void *to, const void *from, size_t n) { memcpy(to, from, n); return 0; }`;
const set = (name: string): string => `int ${name}(void *p, int v, size_t n) { memset(p, v, n); return 0; }`;
const release = (name: string): string => `int ${name}(void *p) { free(p); return 0; }`;
const number = (name: string, value: number): string => `int ${name}(int *v) { *v = ${value}; return 0; }`;
const text = (name: string): string => `const char *${name}() { return "fake"; }`;

/** The functions whose results are used. */
const BODIES: Readonly<Record<string, string>> = {
  cudaMalloc: allocate('cudaMalloc'),
  cudaMallocAsync: allocate('cudaMallocAsync'),
  cudaMallocHost: allocate('cudaMallocHost'),
  cudaHostAlloc: allocate('cudaHostAlloc'),
  cudaFree: release('cudaFree'),
  cudaFreeHost: release('cudaFreeHost'),
  cudaMemcpy: copy('cudaMemcpy'),
  cudaMemcpyAsync: copy('cudaMemcpyAsync'),
  cudaMemset: set('cudaMemset'),
  cudaMemsetAsync: set('cudaMemsetAsync'),
  cudaGetDevice: number('cudaGetDevice', 0),
  cudaGetDeviceCount: number('cudaGetDeviceCount', 1),
  cudaDriverGetVersion: number('cudaDriverGetVersion', 13_000),
  cudaRuntimeGetVersion: number('cudaRuntimeGetVersion', 13_000),
  cudaDeviceGetAttribute: number('cudaDeviceGetAttribute', 9),
  cudaMemGetInfo: 'int cudaMemGetInfo(size_t *a, size_t *b) { *a = *b = 1ul << 33; return 0; }',
  // Compute capability 9.9, and 9 for every other property.
  cudaGetDeviceProperties:
    'int cudaGetDeviceProperties(int *p) { for (int i = 0; i < 250; i++) p[i] = 9; return 0; }',
  cudaGetErrorName: text('cudaGetErrorName'),
  cudaGetErrorString: text('cudaGetErrorString'),
  cudnnGetErrorString: text('cudnnGetErrorString'),
  cudnnGetVersion: 'size_t cudnnGetVersion() { return 91900; }',
  __cudaRegisterFatBinary: 'void *__cudaRegisterFatBinary() { return handle; }',
};

function bodyOf(name: string): string {
  if (/Create/.test(name)) return `int ${name}(void **h) { *h = handle; return 0; }`;
  return BODIES[name] ?? `int ${name}() { return 0; }`;
}

/** Builds a library with these functions. If `versioned`, their symbol version is the library's name. */
function build(folder: string, library: string, names: readonly string[], versioned: boolean): void {
  const source = join(folder, `${library}.c`);
  writeFileSync(source, [HEADER, ...names.map(bodyOf)].join('\n'));
  const script = join(folder, `${library}.map`);
  writeFileSync(script, `${library} { global: *; };\n`);
  const options = ['-w', '-shared', '-fPIC', `-Wl,-soname,${library}`, '-o', join(folder, library), source];
  execFileSync('gcc', versioned ? [`-Wl,--version-script=${script}`, ...options] : options);
}

/** Builds all libraries that a provider needs. @param provider the path of the provider */
export function fakeCuda(folder: string, provider: string): void {
  const maxBuffer = 1 << 30;
  const wanted = execFileSync('nm', ['-D', '--undefined-only', provider], { encoding: 'utf8', maxBuffer })
    .split('\n')
    .flatMap((line) => /\s(\w+)(?:@+\S+)?$/.exec(line)?.[1] ?? []);
  const of = (pattern: RegExp): readonly string[] => wanted.filter((name) => pattern.test(name));
  build(folder, DRIVER_LIBRARY, [...of(/^cu[A-Z]/), 'cuInit', 'cuDriverGetVersion'], false);
  build(folder, 'libcudart.so.13', of(/^(__)?cuda[A-Z]/), true);
  build(folder, 'libcublas.so.13', of(/^cublas(?!Lt)/), true);
  build(folder, 'libcublasLt.so.13', of(/^cublasLt/), true);
  build(folder, 'libcurand.so.10', of(/^curand/), true);
  build(folder, 'libnvrtc.so.13', ['nvrtcVersion'], false);
  // cuDNN is opened by name, and its functions are looked up by name.
  const named = execFileSync('strings', ['-n', '8', provider], { encoding: 'utf8', maxBuffer });
  const functions = new Set(named.match(/\bcudnn[A-Z]\w+\b/g) ?? []);
  build(folder, 'libcudnn.so.9', [...functions.add('cudnnGetVersion')], false);
}
