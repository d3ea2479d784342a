// Decodes the values of a tensor in a file from any of ONNX's storage formats. Lengths are checked before memory is allocated.
import { DataError, shapeText, sizeOf } from '@isonet/core';
import type { HostTensor, Kind } from './hostTensor.ts';
import { hostTensor } from './hostTensor.ts';

/** The values of a tensor as stored in the file. Either `raw` or one of the lists holds them; the others are empty. */
export interface StoredNumbers {
  /** The name used in messages. */
  readonly name: string;
  readonly shape: readonly number[];
  /** ONNX's code for the element type. */
  readonly elementType: number;
  /** Little-endian, in the width of the element type. */
  readonly raw: Uint8Array;
  readonly floats: readonly number[];
  /** Integers of up to 32 bits, bools, and the bits of 16-bit floats. */
  readonly int32s: readonly number[];
  readonly int64s: readonly bigint[];
  readonly doubles: readonly number[];
  readonly uint64s: readonly bigint[];
  /** The number of strings, which are not supported. */
  readonly strings: number;
}

interface ElementType {
  readonly text: string;
  readonly kind: Kind;
  /** The size of an element in `raw`, in bytes. */
  readonly width: number;
  /** Reads one element of `raw`. */
  readonly at: (view: DataView, offset: number) => number;
  /** Returns the list that holds the values if `raw` is empty. */
  readonly list: (stored: StoredNumbers) => ArrayLike<number | bigint>;
  /** Converts an entry of the list to its value. Default: the entry itself. */
  readonly from?: (entry: number) => number;
}

/** Element types by ONNX's code. Strings and complex numbers are not supported. */
const TYPES: ReadonlyMap<number, ElementType> = new Map<number, ElementType>([
  [
    1,
    { text: 'float32', kind: 'float', width: 4, at: (v, i) => v.getFloat32(i, true), list: (s) => s.floats },
  ],
  [2, { text: 'uint8', kind: 'int', width: 1, at: (v, i) => v.getUint8(i), list: (s) => s.int32s }],
  [3, { text: 'int8', kind: 'int', width: 1, at: (v, i) => v.getInt8(i), list: (s) => s.int32s }],
  [4, { text: 'uint16', kind: 'int', width: 2, at: (v, i) => v.getUint16(i, true), list: (s) => s.int32s }],
  [5, { text: 'int16', kind: 'int', width: 2, at: (v, i) => v.getInt16(i, true), list: (s) => s.int32s }],
  [6, { text: 'int32', kind: 'int', width: 4, at: (v, i) => v.getInt32(i, true), list: (s) => s.int32s }],
  [
    7,
    {
      text: 'int64',
      kind: 'int',
      width: 8,
      at: (v, i) => Number(v.getBigInt64(i, true)),
      list: (s) => s.int64s,
    },
  ],
  [
    9,
    { text: 'bool', kind: 'bool', width: 1, at: (v, i) => Math.min(v.getUint8(i), 1), list: (s) => s.int32s },
  ],
  [
    10,
    {
      text: 'float16',
      kind: 'float',
      width: 2,
      at: (v, i) => fromFloat16(v.getUint16(i, true)),
      list: (s) => s.int32s,
      from: fromFloat16,
    },
  ],
  [
    11,
    { text: 'float64', kind: 'float', width: 8, at: (v, i) => v.getFloat64(i, true), list: (s) => s.doubles },
  ],
  [12, { text: 'uint32', kind: 'int', width: 4, at: (v, i) => v.getUint32(i, true), list: (s) => s.uint64s }],
  [
    13,
    {
      text: 'uint64',
      kind: 'int',
      width: 8,
      at: (v, i) => Number(v.getBigUint64(i, true)),
      list: (s) => s.uint64s,
    },
  ],
  [
    16,
    {
      text: 'bfloat16',
      kind: 'float',
      width: 2,
      at: (v, i) => fromBfloat16(v.getUint16(i, true)),
      list: (s) => s.int32s,
      from: fromBfloat16,
    },
  ],
]);

/** Returns the kind of an element type; undefined if it is not supported. */
export function kindOf(elementType: number): Kind | undefined {
  return TYPES.get(elementType)?.kind;
}

/** Returns the name of an element type: `float16`, or `type 8` for an unsupported one. */
export function elementText(elementType: number): string {
  return TYPES.get(elementType)?.text ?? `type ${elementType}`;
}

/**
 * Checks, before memory is allocated, that a tensor holds as many values as its shape needs. An unsupported element type is not an
 * error until the values are decoded.
 * @throws DataError `ONNX` if the lengths differ
 */
export function checkLength(stored: StoredNumbers): void {
  const { name, shape, elementType, raw } = stored;
  const type = TYPES.get(elementType);
  const size = sizeOf(shape);
  if (!type) {
    // 4-bit types pack two values into a byte.
    const most = 2 * raw.length + stored.strings;
    if (size <= most) return;
    throw fail(name, `expected ${size} values for ${shapeText(shape)}, got ${most} at most`);
  }
  const [expected, got, what] = isRaw(stored)
    ? [size * type.width, raw.length, 'bytes']
    : [size, type.list(stored).length, 'values'];
  if (expected === got) return;
  throw fail(name, `expected ${expected} ${what} for ${type.text} ${shapeText(shape)}, got ${got}`);
}

/**
 * Decodes the values of a tensor whose length has been checked.
 * @throws DataError `ONNX` for an unsupported element type
 */
export function decodeNumbers(stored: StoredNumbers): HostTensor {
  const { name, shape, elementType, raw } = stored;
  const type = TYPES.get(elementType);
  if (!type) {
    throw fail(
      name,
      `ONNX element type ${elementType} (strings or complex numbers, for example) is not supported`,
    );
  }
  const { kind, width, at, list, from = (entry: number): number => entry } = type;
  if (isRaw(stored)) return fromRaw(kind, shape, raw, (view, i) => at(view, i * width), elementType === 1);
  return hostTensor(
    kind,
    shape,
    Array.from(list(stored), (entry) => from(Number(entry))),
  );
}

function isRaw({ raw, shape }: StoredNumbers): boolean {
  return raw.length > 0 || shape.includes(0);
}

function fail(name: string, problem: string): DataError {
  return new DataError('ONNX', `tensor "${name}": ${problem}`);
}

function fromRaw(
  kind: Kind,
  shape: readonly number[],
  raw: Uint8Array,
  at: (view: DataView, index: number) => number,
  isFloat32: boolean,
): HostTensor {
  // The copy is aligned (a Buffer's slice() would not copy). Every machine that runs JavaScript today is little-endian.
  if (isFloat32) return hostTensor('float', shape, new Float32Array(new Uint8Array(raw).buffer));
  const view = new DataView(raw.buffer, raw.byteOffset, raw.byteLength);
  const data = kind === 'float' ? new Float32Array(sizeOf(shape)) : new Float64Array(sizeOf(shape));
  for (let i = 0; i < data.length; i++) data[i] = at(view, i);
  return hostTensor(kind, shape, data);
}

/** Converts an IEEE 754 binary16. */
function fromFloat16(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const [exponent, fraction] = [(bits >> 10) & 0x1f, bits & 0x3ff];
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 31) return fraction === 0 ? sign * Infinity : NaN;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

/** Converts a bfloat16, the upper half of a float32. */
function fromBfloat16(bits: number): number {
  return new Float32Array(Uint32Array.of(bits << 16).buffer)[0]!;
}
