// The checks before a run, shared by every backend so that all report errors the same way.
import { ranges } from '../arguments/forms.ts';
import { BackendError, DataError } from '../errors.ts';
import type { Graph } from '../graph/graph.ts';
import { typeOf } from '../graph/typeOf.ts';
import { sameType, sizeOf, typeText } from '../tensor.ts';
import type { Tensor, Tensors, TensorType } from '../tensor.ts';
import type { OpenOptions } from './contract.ts';

/**
 * Returns the tensor that the graph needs under this name.
 * @throws DataError if it is missing or has a different type
 */
export function wanted(tensors: Tensors, name: string, type: TensorType, what: string): Tensor {
  const tensor = Object.hasOwn(tensors, name) ? tensors[name] : undefined;
  if (!tensor) throw new DataError('MISSING', `${what}: "${name}" (${typeText(type)}) is missing`);
  if (!isHeldAs(tensor, type)) {
    throw new DataError('TYPE', `${what}: "${name}" expected ${typeText(type)}, got ${typeText(tensor)}`);
  }
  if (tensor.data.length !== sizeOf(tensor.shape)) {
    throw new DataError(
      'LENGTH',
      `${what}: "${name}" is ${typeText(tensor)} but holds ${tensor.data.length} values`,
    );
  }
  return tensor;
}

/**
 * The feeds that a graph expects. They are computed once per graph, because the checks can take almost as
 * long as a small run.
 */
export class GraphFeeds {
  readonly #graph: string;
  readonly #inputs: readonly { readonly name: string; readonly type: TensorType }[];
  readonly #names: ReadonlySet<string>;

  constructor(graph: Graph) {
    this.#graph = graph.name;
    this.#inputs = graph.inputs.map(({ name, value }) => ({ name, type: typeOf(graph, value) }));
    this.#names = new Set(graph.inputs.map(({ name }) => name));
  }

  /**
   * Returns the feeds in the order of the graph's inputs.
   * @throws DataError for a feed that is missing, unknown or of a different type
   */
  inOrder(feeds: Tensors): readonly Tensor[] {
    for (const name of Object.keys(feeds)) {
      if (!this.#names.has(name)) {
        const known = [...this.#names].join(', ');
        throw new DataError('UNKNOWN', `feeds: "${name}" is not an input of ${this.#graph} (${known})`);
      }
    }
    return this.#inputs.map(({ name, type }) => wanted(feeds, name, type, 'feeds'));
  }
}

/** Returns the requested names, by default all. @throws DataError for an unknown name */
export function checkNames(
  names: Iterable<string> | undefined,
  known: Iterable<string>,
  what: string,
): readonly string[] {
  const all = [...known];
  if (!names) return all;
  return [...names].map((name) => {
    if (!all.includes(name))
      throw new DataError('UNKNOWN', `${what}: no "${name}"; there are ${all.join(', ')}`);
    return name;
  });
}

/** Returns an output by name. @throws BackendError if the device returned no such output */
export function outputOf(outputs: Tensors, name: string): Tensor {
  const tensor = outputs[name];
  if (!tensor) throw new BackendError('OUTPUT', `the run returned no output "${name}"`);
  return tensor;
}

/** Returns the single value of an output of shape `[]`. @throws BackendError if it is missing or empty */
export function scalarOf(outputs: Tensors, name: string): number {
  const [value] = outputOf(outputs, name).data;
  if (value === undefined) throw new BackendError('OUTPUT', `the run returned an empty output "${name}"`);
  return value;
}

/** Returns the values as float32, rounding float64 values once. @throws DataError `TYPE` for other dtypes */
export function asFloat32(tensor: Tensor): Float32Array {
  if (tensor.dtype === 'float32') return tensor.data;
  if (tensor.dtype === 'float64') return Float32Array.from(tensor.data);
  throw new DataError('TYPE', `expected float32, got ${typeText(tensor)}`);
}

/** Returns true if a graph accepts the tensor for this type. A float64 tensor is accepted as float32. */
export function isHeldAs(tensor: TensorType, type: TensorType): boolean {
  return sameType(declaredType(tensor), type);
}

/** Returns the graph type of a stored value: float32 for float64. */
export function declaredType({ dtype, shape }: TensorType): TensorType {
  return { dtype: dtype === 'float64' ? 'float32' : dtype, shape: [...shape] };
}

/**
 * Returns a tensor in the device's type: float64 is rounded once, unless the device holds float64. Arrays of
 * other dtypes are shared, not copied.
 */
export function heldTensor(tensor: Tensor, heldAs: 'float32' | 'float64'): Tensor {
  if (tensor.dtype !== 'float64' || heldAs === 'float64') return tensor;
  return { dtype: 'float32', shape: tensor.shape, data: asFloat32(tensor) };
}

/** Creates the error for any operation on a disposed device. */
export function disposedDevice(backend: string): BackendError {
  return new BackendError('DISPOSED', `${backend}: the device is disposed; open it again`);
}

/**
 * Checks the options of a backend's `open`.
 * @param known the options that the backend has
 * @throws BackendError `UNKNOWN_OPTION` for any other option; `OPTION` for a value out of range
 */
export function checkOptions(
  backend: string,
  options: OpenOptions,
  known: readonly (keyof OpenOptions)[],
): void {
  const names: readonly string[] = known;
  for (const [name, value] of Object.entries(options)) {
    if (value !== undefined && !names.includes(name)) {
      const list = known.length === 0 ? 'none' : known.join(', ');
      throw new BackendError('UNKNOWN_OPTION', `${backend}: unknown option "${name}"; known: ${list}`);
    }
  }
  const { threads } = options;
  if (threads !== undefined && !ranges.threads.fits(threads)) {
    throw new BackendError('OPTION', `${backend}: threads: expected ${ranges.threads.text}, got ${threads}`);
  }
}
