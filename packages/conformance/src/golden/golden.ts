// The second oracle: PyTorch's results for NiN and GoogLeNet, in golden/*.json. Reads the files and generates, bit
// for bit, the weights and images of those runs, whose SHA-256 hashes the files contain.
import type { Shape, TensorOf, Tensors } from '@isonet/core';
import { dimOf, float32, int32, sizeOf, streamKey } from '@isonet/core';
import { readJson } from '../files.ts';

export type GoldenModel = 'nin' | 'googlenet';

/** The L2 norm, the mean and 16 values at the positions of {@link sampledIndices}. */
export type Summary = readonly [norm: number, mean: number, samples: readonly number[]];
type Summaries = Readonly<Record<string, Summary>>;

/** PyTorch's results in float64. */
export interface GoldenResults {
  /** [n][classes] */
  readonly logits: readonly (readonly number[])[];
  /** Softmax cross-entropy, the mean over the batch. */
  readonly loss: number;
  /** The loss before each step and after the last. */
  readonly losses: readonly number[];
  /** Activations by layer, in the first step. */
  readonly acts: Summaries;
  /** Gradients by parameter, in the first step. */
  readonly grads: Summaries;
  /** Parameters after the last step. */
  readonly after: Summaries;
}

export interface GoldenCase {
  readonly init: 'xavier' | 'he';
  readonly input: {
    readonly size: number;
    readonly n: number;
    readonly labels: readonly number[];
    readonly sha256_f32le: string;
  };
  /** The learning rate of plain SGD on the same batch, without dropout. */
  readonly lr: number;
  readonly steps: number;
  readonly f64: GoldenResults;
}

export interface GoldenFile {
  readonly model: GoldenModel;
  readonly params: readonly (readonly [name: string, shape: Shape])[];
  readonly sha256_params_f32le: Readonly<Record<string, string>>;
  readonly cases: readonly GoldenCase[];
}

// Each URL is written out so that bundlers find the file.
const files: Readonly<Record<GoldenModel, URL>> = {
  nin: new URL('../../golden/nin.json', import.meta.url),
  googlenet: new URL('../../golden/googlenet.json', import.meta.url),
};

/** Reads PyTorch's results. The file is published with this package, so its structure is not validated. */
export async function readGolden(model: GoldenModel): Promise<GoldenFile> {
  return (await readJson(files[model])) as GoldenFile;
}

/**
 * Returns mulberry32, Tommy Ettinger's 32-bit generator, seeded with {@link streamKey} of the name (its FNV-1a hash).
 */
function generator(name: string): () => number {
  let state = streamKey(name);
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return (t ^ (t >>> 14)) >>> 0;
  };
}

/** Returns the first `count` words of the generator with this name. */
function words(name: string, count: number): readonly number[] {
  const next = generator(name);
  return Array.from({ length: count }, next);
}

/** Returns the top 24 bits of a word, as a number in [0, 1). */
function unit(word: number): number {
  return (word >>> 8) * 2 ** -24;
}

/** Returns the initial parameters, in the file's order. Biases are not 0, so that a forgotten bias shows. */
export function goldenParameters({ model, params }: GoldenFile, init: GoldenCase['init']): Tensors {
  return Object.fromEntries(
    params.map(([name, shape]) => {
      const bound = name.endsWith('.b') ? 0.05 : weightBound(shape, init);
      const values = words(`${model}.${name}`, sizeOf(shape)).map((word) => (unit(word) * 2 - 1) * bound);
      return [name, float32(shape, values)];
    }),
  );
}

/**
 * Returns the bound of a uniform filter `[K, C, k, k]` or dense weight `[out, in]` (Glorot and Bengio 2010; He et al.
 * 2015).
 */
function weightBound(shape: Shape, init: GoldenCase['init']): number {
  const field = sizeOf(shape.slice(2));
  const [fanIn, fanOut] = [dimOf(shape, 1) * field, dimOf(shape, 0) * field];
  return init === 'xavier' ? Math.sqrt(6 / (fanIn + fanOut)) : Math.sqrt(6 / fanIn);
}

/** `images: [n, 1, size, size]` in [0, 1), and their labels. */
export function goldenBatch(
  { model }: GoldenFile,
  { input: { size, n } }: GoldenCase,
): { readonly images: TensorOf<'float32'>; readonly labels: TensorOf<'int32'> } {
  const images = words(`${model}.input.${size}`, n * size * size).map(unit);
  const labels = words(`${model}.labels.${size}`, n).map((word) => word % 10);
  return { images: float32([n, 1, size, size], images), labels: int32([n], labels) };
}

/** Returns the positions of the 16 sampled values of a tensor. */
export function sampledIndices(name: string, size: number): readonly number[] {
  return words(`sample:${name}`, 16).map((word) => word % size);
}
