// The checks that every backend makes before a run, in one place, so that all say the same.
import { DataError } from './errors.ts';
import type { Graph } from './graph.ts';
import { typeOf } from './graph.ts';
import { sameShape, sizeOf, typeText } from './tensor.ts';
import type { Tensor, Tensors, TensorType } from './tensor.ts';

/** A tensor that the graph wants, from those that were given. @throws DataError when it is missing or of another type */
export function wanted(tensors: Tensors, name: string, type: TensorType, what: string): Tensor {
  const tensor = Object.hasOwn(tensors, name) ? tensors[name] : undefined;
  if (!tensor) throw new DataError('MISSING', `${what}: "${name}" (${typeText(type)}) is missing`);
  const sameDtype = tensor.dtype === type.dtype || (tensor.dtype === 'float64' && type.dtype === 'float32');
  if (!sameDtype || !sameShape(tensor.shape, type.shape)) {
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
 * The feeds in the order of the graph's inputs.
 * @throws DataError for a feed that is missing, of another type, or not wanted
 */
export function checkFeeds(graph: Graph, feeds: Tensors): readonly Tensor[] {
  const names = new Set(graph.inputs.map(({ name }) => name));
  for (const name of Object.keys(feeds)) {
    if (!names.has(name)) {
      throw new DataError(
        'UNKNOWN',
        `feeds: "${name}" is not an input of ${graph.name} (${[...names].join(', ')})`,
      );
    }
  }
  return graph.inputs.map(({ name, value }) => wanted(feeds, name, typeOf(graph, value), 'feeds'));
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

/** The values as float32, rounding the float64 of a wider device once. */
export function asFloat32(tensor: Tensor): Float32Array {
  if (tensor.dtype === 'float32') return tensor.data;
  if (tensor.dtype === 'float64') return Float32Array.from(tensor.data);
  throw new DataError('TYPE', `expected float32, got ${typeText(tensor)}`);
}
