// The checks that every backend makes before a run, in one place, so that all say the same.
import { ranges } from '../arguments/forms.ts';
import { BackendError, DataError } from '../errors.ts';
import type { Graph } from '../graph/graph.ts';
import { typeOf } from '../graph/typeOf.ts';
import { sameType, sizeOf, typeText } from '../tensor.ts';
import type { Tensor, Tensors, TensorType } from '../tensor.ts';
import type { OpenOptions } from './contract.ts';

/** A tensor that the graph wants, from those that were given. @throws DataError when it is missing or of another type */
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

/** What a graph is fed. It is worked out once: a small run takes little longer than its checks. */
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
   * The feeds in the order of the graph's inputs.
   * @throws DataError for a feed that is missing, of another type, or not wanted
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

/** The names that a read asks for, all by default. @throws DataError for one that is not there */
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

/** An output that was read. @throws BackendError when the device gave none of that name */
export function outputOf(outputs: Tensors, name: string): Tensor {
  const tensor = outputs[name];
  if (!tensor) throw new BackendError('OUTPUT', `the run gave no "${name}"`);
  return tensor;
}

/** The only value of an output `[]`. @throws BackendError when there is none */
export function scalarOf(outputs: Tensors, name: string): number {
  const [value] = outputOf(outputs, name).data;
  if (value === undefined) throw new BackendError('OUTPUT', `the run gave an empty "${name}"`);
  return value;
}

/** The values as float32, rounding the float64 of a wider device once. @throws DataError `TYPE` for other dtypes */
export function asFloat32(tensor: Tensor): Float32Array {
  if (tensor.dtype === 'float32') return tensor.data;
  if (tensor.dtype === 'float64') return Float32Array.from(tensor.data);
  throw new DataError('TYPE', `expected float32, got ${typeText(tensor)}`);
}

/** Whether a tensor may be given where a graph has this type: float64 is taken for float32. */
export function isHeldAs(tensor: TensorType, type: TensorType): boolean {
  return sameType(declaredType(tensor), type);
}

/** The type in a graph of a value that was held: float32 where float64 is held. */
export function declaredType({ dtype, shape }: TensorType): TensorType {
  return { dtype: dtype === 'float64' ? 'float32' : dtype, shape: [...shape] };
}

/** A tensor as a device holds it: float64 is rounded once, unless the device holds float64. Other arrays stay as they are. */
export function heldTensor(tensor: Tensor, heldAs: 'float32' | 'float64'): Tensor {
  if (tensor.dtype !== 'float64' || heldAs === 'float64') return tensor;
  return { dtype: 'float32', shape: tensor.shape, data: asFloat32(tensor) };
}

/** What a device that was disposed of says to whatever it is asked. */
export function disposedDevice(backend: string): BackendError {
  return new BackendError('DISPOSED', `${backend}: the device is disposed; open it again`);
}

/**
 * Checks what a backend was opened with.
 * @param known the options that it has
 * @throws BackendError `UNKNOWN_OPTION` for another one; `OPTION` for one out of its range
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
