// Decodes the numbers of a tensor in a file: every way in which ONNX stores them, each length checked before memory is taken.
import { DataError, shapeText, sizeOf } from '@isonet/core';
import type { HostTensor, Kind } from './hostTensor.ts';
import { hostTensor } from './hostTensor.ts';

/** The numbers of a tensor as they lie in the file. One of the lists, or `raw`, holds them; the others are empty. */
export interface StoredNumbers {
  /** For messages. */
  readonly name: string;
  readonly shape: readonly number[];
  /** ONNX's element type, by its number. */
  readonly elementType: number;
  /** Little-endian, of the type's own width. */
  readonly raw: Uint8Array;
  readonly floats: readonly number[];
  /** Of all integers up to 32 bits, bools, and the bits of 16-bit floats. */
  readonly int32s: readonly number[];
  readonly int64s: readonly bigint[];
  readonly doubles: readonly number[];
  readonly uint64s: readonly bigint[];
  /** How many strings it has, which are not read. */
  readonly strings: number;
}

interface ElementType {
  readonly text: string;
  readonly kind: Kind;
  /** Bytes of an element in `raw`. */
  readonly width: number;
  /** One element of `raw`. */
  readonly at: (view: DataView, offset: number) => number;
  /** The list that holds its numbers where `raw` is empty. */
  readonly list: (stored: StoredNumbers) => ArrayLike<number | bigint>;
  /** What an entry of the list stands for. Default: itself. */
  readonly from?: (entry: number) => number;
}

/** By ONNX's number. Strings and complex numbers are not read. */
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

/** The kind of an element type; undefined for one that is not read. */
export function kindOf(elementType: number): Kind | undefined {
  return TYPES.get(elementType)?.kind;
}

/** `float16`, or `type 8` for one that is not read. */
export function elementText(elementType: number): string {
  return TYPES.get(elementType)?.text ?? `type ${elementType}`;
}

/**
 * Checks that a tensor holds as many numbers as its shape needs, before memory is taken for them.
 * @throws DataError `ONNX` where it does not; a type that is not read is no error until its numbers are asked for
 */
export function checkLength(stored: StoredNumbers): void {
  const { name, shape, elementType, raw } = stored;
  const type = TYPES.get(elementType);
  const size = sizeOf(shape);
  if (!type) {
    // Types of 4 bits put two numbers into a byte.
    const most = 2 * raw.length + stored.strings;
    if (size <= most) return;
    throw fail(name, `expected ${size} values for ${shapeText(shape)}, got ${most} at most`);
  }
  const [expected, got, what] = isRaw(stored)
    ? [size * type.width, raw.length, 'bytes']
    : [size, type.list(stored).length, 'numbers'];
  if (expected === got) return;
  throw fail(name, `expected ${expected} ${what} for ${type.text} ${shapeText(shape)}, got ${got}`);
}

/**
 * Decodes the numbers of a tensor whose length was checked.
 * @throws DataError `ONNX` for a type that is not read
 */
export function decodeNumbers(stored: StoredNumbers): HostTensor {
  const { name, shape, elementType, raw } = stored;
  const type = TYPES.get(elementType);
  if (!type) {
    throw fail(
      name,
      `expected numbers, got ONNX's element type ${elementType} (a string or a complex number)`,
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
  // A copy, which is aligned (a Buffer's slice() is none); every machine that runs JavaScript today is little-endian.
  if (isFloat32) return hostTensor('float', shape, new Float32Array(new Uint8Array(raw).buffer));
  const view = new DataView(raw.buffer, raw.byteOffset, raw.byteLength);
  const data = kind === 'float' ? new Float32Array(sizeOf(shape)) : new Float64Array(sizeOf(shape));
  for (let i = 0; i < data.length; i++) data[i] = at(view, i);
  return hostTensor(kind, shape, data);
}

/** IEEE 754 binary16. */
function fromFloat16(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const [exponent, fraction] = [(bits >> 10) & 0x1f, bits & 0x3ff];
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 31) return fraction === 0 ? sign * Infinity : NaN;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

/** The upper half of a float32. */
function fromBfloat16(bits: number): number {
  return new Float32Array(Uint32Array.of(bits << 16).buffer)[0]!;
}
