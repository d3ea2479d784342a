// Host tensors and their types. A tensor here is plain host memory; devices have their own handles.
import { ShapeError } from './errors.ts';

interface TypedArrays {
  readonly float32: Float32Array;
  /** Never used in graphs. The float64 reference backend returns float32 values in this type. */
  readonly float64: Float64Array;
  readonly int32: Int32Array;
  readonly uint32: Uint32Array;
  /** One byte per value, 0 or 1. */
  readonly bool: Uint8Array;
}

/** The type of a tensor's elements. Graphs use every dtype but float64. */
export type DType = keyof TypedArrays;
/** The array class that holds the elements of each dtype. */
export const arrayClasses: Readonly<Record<DType, new (length: number) => TypedArrays[DType]>> = {
  float32: Float32Array,
  float64: Float64Array,
  int32: Int32Array,
  uint32: Uint32Array,
  bool: Uint8Array,
};

/** The size of each axis; `[]` is a scalar. */
export type Shape = readonly number[];

/** The dtype and shape of a value. `shape: []` is a scalar. */
export interface TensorType {
  readonly dtype: DType;
  readonly shape: Shape;
}

/** A tensor of one dtype: host data, row-major. */
export interface TensorOf<D extends DType> {
  /** The type of each element. */
  readonly dtype: D;
  /** The size of each axis; `[]` is a scalar. */
  readonly shape: Shape;
  /** The elements in row-major order. */
  readonly data: TypedArrays[D];
}

/** A host tensor in row-major order: images are NCHW, filters OIHW. */
export type Tensor = { readonly [D in DType]: TensorOf<D> }[DType];

/** Tensors by name: feeds, outputs, state. */
export type Tensors = Readonly<Record<string, Tensor>>;

/** A shape with four axes: `[N, C, H, W]` for images, `[O, I, KH, KW]` for filters. */
export type Shape4 = readonly [number, number, number, number];

/** Narrows a shape to four axes. @throws ShapeError if its rank is not 4 */
export function shape4(shape: Shape): Shape4 {
  const [d0, d1, d2, d3] = shape;
  if (d0 === undefined || d1 === undefined || d2 === undefined || d3 === undefined || shape.length !== 4) {
    throw new ShapeError(`expected four axes, got ${shapeText(shape)}`);
  }
  return [d0, d1, d2, d3];
}

/** Narrows a shape to two axes. @throws ShapeError if its rank is not 2 */
export function shape2(shape: Shape): readonly [number, number] {
  const [rows, columns] = shape;
  if (rows === undefined || columns === undefined || shape.length !== 2) {
    throw new ShapeError(`expected two axes, got ${shapeText(shape)}`);
  }
  return [rows, columns];
}

/** Returns the size of one axis. @throws ShapeError if the axis does not exist */
export function dimOf(shape: Shape, axis: number): number {
  const dim = shape[axis];
  if (dim === undefined) throw new ShapeError(`${shapeText(shape)} has no axis ${axis}`);
  return dim;
}

/** Returns the number of elements in `shape`. */
export function sizeOf(shape: Shape): number {
  return shape.reduce((product, dim) => product * dim, 1);
}

/** Returns true if two shapes are equal. */
export function sameShape(a: Shape, b: Shape): boolean {
  return a.length === b.length && a.every((dim, axis) => dim === b[axis]);
}

/** Returns true if two types have the same dtype and shape. */
export function sameType(a: TensorType, b: TensorType): boolean {
  return a.dtype === b.dtype && sameShape(a.shape, b.shape);
}

/** Formats a type: `float32 [8, 1, 28, 28]`. */
export function typeText(type: TensorType): string {
  return `${type.dtype} ${shapeText(type.shape)}`;
}

/** Formats a shape: `[8, 1, 28, 28]`. */
export function shapeText(shape: Shape): string {
  return `[${shape.join(', ')}]`;
}

/**
 * Creates a float32 tensor; `data` defaults to zeros.
 * @throws ShapeError if the number of values does not match `shape`
 */
export function float32(shape: Shape, data?: Float32Array | readonly number[]): TensorOf<'float32'> {
  const values =
    data instanceof Float32Array ? data : Float32Array.from(data ?? new Float32Array(sizeOf(shape)));
  return checked({ dtype: 'float32', shape, data: values });
}

/**
 * Creates an int32 tensor, e.g. for labels.
 * @throws ShapeError if the length does not match `shape`, or a value is not a 32-bit integer
 */
export function int32(shape: Shape, data: Int32Array | readonly number[]): TensorOf<'int32'> {
  return checked({
    dtype: 'int32',
    shape,
    data: data instanceof Int32Array ? data : whole(Int32Array, data),
  });
}

/**
 * Creates a uint32 tensor.
 * @throws ShapeError if the length does not match `shape`, or a value is not an unsigned 32-bit integer
 */
export function uint32(shape: Shape, data: Uint32Array | readonly number[]): TensorOf<'uint32'> {
  return checked({
    dtype: 'uint32',
    shape,
    data: data instanceof Uint32Array ? data : whole(Uint32Array, data),
  });
}

/**
 * Converts numbers to a typed array. Rejects values that the conversion would silently change: NaN to 0, 1.5
 * to 1.
 */
function whole<T extends Int32Array | Uint32Array>(
  kind: new (values: readonly number[]) => T,
  data: readonly number[],
): T {
  const values = new kind(data);
  const changed = data.findIndex((value, i) => values[i] !== value);
  if (changed < 0) return values;
  const dtype = values instanceof Int32Array ? 'int32' : 'uint32';
  throw new ShapeError(`tensor ${dtype}: expected 32-bit integers, got ${data[changed]} at index ${changed}`);
}

/** Creates a bool tensor, one byte per value. @throws ShapeError if the length does not match `shape` */
export function bool(shape: Shape, data: Uint8Array | readonly boolean[]): TensorOf<'bool'> {
  return checked({
    dtype: 'bool',
    shape,
    data: data instanceof Uint8Array ? data : Uint8Array.from(data, Number),
  });
}

/** Creates a float32 scalar of shape `[]`. */
export function scalar(value: number): TensorOf<'float32'> {
  return float32([], [value]);
}

function checked<T extends Tensor>(tensor: T): T {
  if (tensor.data.length !== sizeOf(tensor.shape)) {
    throw new ShapeError(
      `tensor ${typeText(tensor)}: expected ${sizeOf(tensor.shape)} values, got ${tensor.data.length}`,
    );
  }
  return tensor;
}
