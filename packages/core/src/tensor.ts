// Host data and the types that describe it. A tensor here is plain memory: devices hold their own.
import { ShapeError } from './errors.ts';

interface TypedArrays {
  readonly float32: Float32Array;
  /** Never in a graph; what the float64 reference returns for its float32 values. */
  readonly float64: Float64Array;
  readonly int32: Int32Array;
  readonly uint32: Uint32Array;
  /** One byte a value, 0 or 1. */
  readonly bool: Uint8Array;
}

/** The type of a tensor's numbers. Graphs use all of them but float64. */
export type DType = keyof TypedArrays;
/** The size of each axis; `[]` is a scalar. */
export type Shape = readonly number[];

/** What a value is, without its data. `shape: []` is a scalar. */
export interface TensorType {
  readonly dtype: DType;
  readonly shape: Shape;
}

/** A tensor of one dtype: host data, row-major. */
export interface TensorOf<D extends DType> {
  /** The type of each value. */
  readonly dtype: D;
  /** The size of each axis; `[]` is a scalar. */
  readonly shape: Shape;
  /** The values in row-major order, as many as the shape holds. */
  readonly data: TypedArrays[D];
}

/** Host data, row-major: images are NCHW, filters OIHW. */
export type Tensor = { readonly [D in DType]: TensorOf<D> }[DType];

/** Tensors by name: feeds, outputs, state. */
export type Tensors = Readonly<Record<string, Tensor>>;

/** `[N, C, H, W]` of images, `[O, I, KH, KW]` of filters. */
export type Shape4 = readonly [number, number, number, number];

/** @throws ShapeError unless the shape has four axes */
export function shape4(shape: Shape): Shape4 {
  const [d0, d1, d2, d3] = shape;
  if (d0 === undefined || d1 === undefined || d2 === undefined || d3 === undefined || shape.length !== 4) {
    throw new ShapeError(`expected four axes, got ${shapeText(shape)}`);
  }
  return [d0, d1, d2, d3];
}

/** @throws ShapeError unless the shape has two axes */
export function shape2(shape: Shape): readonly [number, number] {
  const [rows, columns] = shape;
  if (rows === undefined || columns === undefined || shape.length !== 2) {
    throw new ShapeError(`expected two axes, got ${shapeText(shape)}`);
  }
  return [rows, columns];
}

/** The size of one axis. @throws ShapeError when there is no such axis */
export function dimOf(shape: Shape, axis: number): number {
  const dim = shape[axis];
  if (dim === undefined) throw new ShapeError(`${shapeText(shape)} has no axis ${axis}`);
  return dim;
}

/** The number of values in `shape`. */
export function sizeOf(shape: Shape): number {
  return shape.reduce((product, dim) => product * dim, 1);
}

/** Whether two shapes have the same axes. */
export function sameShape(a: Shape, b: Shape): boolean {
  return a.length === b.length && a.every((dim, axis) => dim === b[axis]);
}

/** Whether two types have the same dtype and shape. */
export function sameType(a: TensorType, b: TensorType): boolean {
  return a.dtype === b.dtype && sameShape(a.shape, b.shape);
}

/** `float32 [8, 1, 28, 28]` */
export function typeText(type: TensorType): string {
  return `${type.dtype} ${shapeText(type.shape)}`;
}

/** `[8, 1, 28, 28]` */
export function shapeText(shape: Shape): string {
  return `[${shape.join(', ')}]`;
}

/**
 * A float32 tensor; `data` defaults to zeros.
 * @throws ShapeError when `data` does not hold exactly as many values as `shape`.
 */
export function float32(shape: Shape, data?: Float32Array | readonly number[]): TensorOf<'float32'> {
  const values =
    data instanceof Float32Array ? data : Float32Array.from(data ?? new Float32Array(sizeOf(shape)));
  return checked({ dtype: 'float32', shape, data: values });
}

/** An int32 tensor, e.g. labels. @throws ShapeError when the length does not fit, or a number is not a whole one of 32 bits. */
export function int32(shape: Shape, data: Int32Array | readonly number[]): TensorOf<'int32'> {
  return checked({
    dtype: 'int32',
    shape,
    data: data instanceof Int32Array ? data : whole(Int32Array, data),
  });
}

/** A uint32 tensor. @throws ShapeError when the length does not fit, or a number is not a whole one of 32 bits. */
export function uint32(shape: Shape, data: Uint32Array | readonly number[]): TensorOf<'uint32'> {
  return checked({
    dtype: 'uint32',
    shape,
    data: data instanceof Uint32Array ? data : whole(Uint32Array, data),
  });
}

/** An array would make 0 of NaN, and 1 of 1.5, silently. */
function whole<T extends Int32Array | Uint32Array>(
  kind: new (values: readonly number[]) => T,
  data: readonly number[],
): T {
  const values = new kind(data);
  const changed = data.findIndex((value, i) => values[i] !== value);
  if (changed < 0) return values;
  const dtype = values instanceof Int32Array ? 'int32' : 'uint32';
  throw new ShapeError(
    `tensor ${dtype}: expected whole numbers of 32 bits, got ${data[changed]} at index ${changed}`,
  );
}

/** A bool tensor, one byte a value. @throws ShapeError when the length does not fit. */
export function bool(shape: Shape, data: Uint8Array | readonly boolean[]): TensorOf<'bool'> {
  return checked({
    dtype: 'bool',
    shape,
    data: data instanceof Uint8Array ? data : Uint8Array.from(data, Number),
  });
}

/** A float32 scalar, `[]`. */
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
