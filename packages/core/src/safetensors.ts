// Encodes and decodes safetensors (https://github.com/huggingface/safetensors): named tensors in one block of
// bytes, which consists of an eight-byte little-endian length, a JSON header and the data. It works on bytes;
// the caller reads and writes files. It supports only little-endian machines: every platform with WebGPU or
// ONNX Runtime is little-endian.
import type { Entry, Metadata } from './safetensorsHeader.ts';
import {
  asciiJson,
  fail,
  MAX_ENTRIES,
  MAX_HEADER_BYTES,
  MAX_RANK,
  METADATA,
  NAME_OF,
  quoted,
  readHeader,
} from './safetensorsHeader.ts';
import type { DType, Tensor, TensorOf, Tensors } from './tensor.ts';
import { sizeOf, typeText } from './tensor.ts';

/** The contents of a safetensors file. */
export interface Safetensors {
  readonly tensors: Tensors;
  readonly metadata: Metadata;
}

/**
 * Encodes tensors, ordered by name, as the bytes of a file. The same tensors always produce the same bytes.
 * @throws DataError `SAFETENSORS` for a tensor named `__metadata__`, for data that does not fit its shape,
 * and for anything above the limits of {@link decodeSafetensors}: 32,768 tensors, 32,768 metadata entries, 8
 * dimensions, 2^24 header bytes
 */
export function encodeSafetensors(tensors: Tensors, metadata: Metadata = {}): Uint8Array {
  const entries = Object.entries(tensors).toSorted(([a], [b]) => (a < b ? -1 : 1));
  checkCount(entries.length, 'tensors');
  checkCount(Object.keys(metadata).length, 'metadata');
  const fields = Object.keys(metadata).length > 0 ? [`"${METADATA}":${JSON.stringify(metadata)}`] : [];
  let end = 0;
  for (const [name, { dtype, shape, data }] of entries) {
    if (name === METADATA) throw fail(`a tensor cannot be named ${METADATA}`);
    if (shape.length > MAX_RANK) {
      throw fail(`tensor ${quoted(name)}: expected at most ${MAX_RANK} dimensions, got ${shape.length}`);
    }
    if (data.length !== sizeOf(shape)) {
      throw fail(`tensor ${quoted(name)} is ${typeText({ dtype, shape })} but holds ${data.length} values`);
    }
    const begin = end;
    end += data.byteLength;
    fields.push(
      `${JSON.stringify(name)}:${JSON.stringify({ dtype: NAME_OF[dtype], shape, data_offsets: [begin, end] })}`,
    );
  }
  // Pads with spaces to a multiple of 8, as the reference writer does, so that readers can memory-map the data.
  const json = asciiJson(`{${fields.join(',')}}`);
  const header = json.padEnd(Math.ceil(json.length / 8) * 8);
  if (header.length > MAX_HEADER_BYTES) {
    throw fail(
      `expected a header of at most ${MAX_HEADER_BYTES} bytes, got ${header.length}; shorten names and metadata`,
    );
  }
  const bytes = new Uint8Array(8 + header.length + end);
  new DataView(bytes.buffer).setUint32(0, header.length, true);
  for (let i = 0; i < header.length; i++) bytes[8 + i] = header.charCodeAt(i);
  let at = 8 + header.length;
  for (const [, { data }] of entries) {
    bytes.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), at);
    at += data.byteLength;
  }
  return bytes;
}

function checkCount(count: number, what: string): void {
  if (count > MAX_ENTRIES) throw fail(`expected at most ${MAX_ENTRIES} ${what}, got ${count}`);
}

/**
 * Decodes the tensors and the metadata of a file. The tensors are copies.
 * @param file the name of the file, for errors
 * @throws DataError `SAFETENSORS` if a length is out of bounds, the header is not valid JSON of this format, a tensor has an
 * unknown dtype, or offsets leave gaps, overlap or do not fit dtype and shape
 */
export function decodeSafetensors(bytes: Uint8Array, file = 'safetensors'): Safetensors {
  const { entries, metadata, dataStart } = readHeader(bytes, file);
  let end = 0;
  for (const entry of entries) {
    if (entry.begin !== end) {
      throw fail(
        `tensor ${quoted(entry.name)}: expected its data to start at byte ${end}, got ${entry.begin}`,
        file,
      );
    }
    end = entry.end;
  }
  const got = bytes.length - dataStart;
  if (end !== got)
    throw fail(`expected ${end} bytes of data, got ${got}; the file is truncated or damaged`, file);
  const [data, small] = [bytes.subarray(dataStart), new ArrayBuffer(SMALL_BYTES)];
  const scratch: Scratch = {
    bool: new Uint8Array(small),
    float32: new Float32Array(small),
    float64: new Float64Array(small),
    int32: new Int32Array(small),
    uint32: new Uint32Array(small),
  };
  function* tensors(): Generator<[string, Tensor]> {
    for (const entry of entries) {
      const { name, dtype } = entry;
      if (dtype === 'bool') checkBools(entry, data, file);
      yield [
        name,
        entry.end - entry.begin > SMALL_BYTES ? largeTensor(entry, data) : smallTensor(entry, data, scratch),
      ];
    }
  }
  return { tensors: Object.fromEntries(tensors()), metadata };
}

/**
 * The size up to which engines store a typed array's values inside the object. Allocating a separate buffer
 * costs about 250 bytes more, and would dominate the time to read many small tensors.
 */
const SMALL_BYTES = 64;

/** Views of one shared buffer of {@link SMALL_BYTES}. */
type Scratch = { readonly [D in DType]: TensorOf<D>['data'] };

function checkBools({ name, begin, end }: Entry, data: Uint8Array, file: string): void {
  for (let i = begin; i < end; i++) {
    if (data[i] !== 0 && data[i] !== 1) throw fail(`tensor ${quoted(name)}: a bool is neither 0 nor 1`, file);
  }
}

/** Copies an entry's bytes into a new buffer, because an entry may be misaligned for its typed array. */
function largeTensor({ dtype, shape, begin, end }: Entry, bytes: Uint8Array): Tensor {
  // Not slice(): Node's Buffer, a subclass of Uint8Array, returns a view.
  const own = new Uint8Array(bytes.subarray(begin, end));
  if (dtype === 'float32') return { dtype, shape, data: new Float32Array(own.buffer) };
  if (dtype === 'float64') return { dtype, shape, data: new Float64Array(own.buffer) };
  if (dtype === 'int32') return { dtype, shape, data: new Int32Array(own.buffer) };
  if (dtype === 'uint32') return { dtype, shape, data: new Uint32Array(own.buffer) };
  return { dtype, shape, data: own };
}

/** Copies an entry's bytes without a separate buffer, as a slice of a typed array. */
function smallTensor({ dtype, shape, begin, end }: Entry, bytes: Uint8Array, scratch: Scratch): Tensor {
  scratch.bool.set(bytes.subarray(begin, end));
  const count = sizeOf(shape);
  if (dtype === 'float32') return { dtype, shape, data: scratch.float32.slice(0, count) };
  if (dtype === 'float64') return { dtype, shape, data: scratch.float64.slice(0, count) };
  if (dtype === 'int32') return { dtype, shape, data: scratch.int32.slice(0, count) };
  if (dtype === 'uint32') return { dtype, shape, data: scratch.uint32.slice(0, count) };
  return { dtype, shape, data: scratch.bool.slice(0, count) };
}
