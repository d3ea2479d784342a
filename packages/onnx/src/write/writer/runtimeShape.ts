// Shapes as int64 values, which are constants or, if a size follows the batch, computed at run time.
import type { Graph, ValueId } from '@isonet/core';
import { dimOf, typeOf } from '@isonet/core';
import type { Dims } from './dims.ts';
import { numbersOf } from './dims.ts';
import type { Emitter } from './forms.ts';

/** The part of the writer that shapes need. */
interface ShapeWriter extends Pick<Emitter, 'emit' | 'int64'> {
  dims(value: ValueId): Dims;
  full(value: ValueId): string;
  onceHere(value: ValueId, what: string, make: () => string): string;
  refuse(message: string): Error;
}

/** Returns the name of a value's shape. @throws UnsupportedOpError if no input of the graph has a batch axis */
export function runtimeShape(writer: ShapeWriter, graph: Graph, value: ValueId): string {
  const dims = writer.dims(value);
  const numbers = numbersOf(dims);
  if (numbers) return writer.int64(numbers);
  const { shape } = typeOf(graph, value);
  const sizes = dims.map((dim, axis) => {
    if (typeof dim === 'number') return writer.int64([dim]);
    const { name, count } = runtimeBatch(writer, graph);
    const times = dimOf(shape, axis) / count;
    return times === 1 ? name : writer.emit('Mul', [name, writer.int64([times])]);
  });
  const [only] = sizes;
  return only !== undefined && sizes.length === 1 ? only : writer.emit('Concat', sizes, { axis: 0 });
}

/** Returns the name of the batch size at run time, `[1]`, and the batch size that the graph was built for. */
function runtimeBatch(writer: ShapeWriter, graph: Graph): { readonly name: string; readonly count: number } {
  for (const { value } of graph.inputs) {
    const axis = writer.dims(value).findIndex((dim) => typeof dim !== 'number');
    if (axis < 0) continue;
    const name = writer.onceHere(value, 'the batch', () =>
      writer.emit('Gather', [writer.emit('Shape', [writer.full(value)]), writer.int64([axis])], { axis: 0 }),
    );
    return { name, count: dimOf(typeOf(graph, value).shape, axis) };
  }
  throw writer.refuse('needs the batch size, but no input has a batch axis');
}
