// Reads a whole ONNX graph as an isonet graph, with any number of inputs and outputs, and with the weights as state.
// This can also read exported training steps.
import type { Graph, Tensors } from '@isonet/core';
import { DataError, float32, GraphBuilder, Scope } from '@isonet/core';
import { buildFile } from './build.ts';
import type { ExternalData } from './external.ts';
import { decodeOnnx } from './decode.ts';
import type { FileValue, OnnxFile } from './file.ts';
import type { HostTensor } from './hostTensor.ts';
import { graphTensor } from './hostTensor.ts';
import type { Operand } from './operand.ts';
import { Known } from './operand.ts';
import { elementText, kindOf } from './tensors.ts';

/** Options of {@link graphOf}. */
export interface GraphOptions {
  /** Sizes that the file leaves open, by the names that it gives them: `{ N: 32 }`. */
  readonly dims?: Readonly<Record<string, number>>;
  /** Inputs to bind now instead of feeding them later: integers that shapes depend on. */
  readonly bound?: Readonly<Record<string, HostTensor>>;
}

/** Options of {@link readGraph}. */
export interface ReadGraphOptions extends GraphOptions {
  /** The external data files, by the names that the .onnx file gives them. */
  readonly externalData?: ExternalData;
}

/** A graph, and the values of its state. */
export interface ReadGraph {
  /** The graph, in inference mode. Integers of all widths are int32. */
  readonly graph: Graph;
  /** The file's values for all of the graph's state. */
  readonly values: Tensors;
}

/**
 * Reads any ONNX graph as it is: a final activation stays, and inputs and outputs keep their names.
 * @throws DataError `ONNX` for bytes that are not an ONNX file; UnsupportedOpError listing every node that cannot be read
 */
export function readGraph(bytes: Uint8Array, { externalData, ...options }: ReadGraphOptions = {}): ReadGraph {
  return graphOf(decodeOnnx(bytes, externalData), options);
}

/** Builds the graph of a decoded file. @throws as {@link readGraph} */
export function graphOf(file: OnnxFile, { dims = {}, bound = {} }: GraphOptions = {}): ReadGraph {
  const b = new GraphBuilder(file.graph.name);
  const scope = Scope.root(b, { training: false });
  const inputs = file.graph.inputs.map((input): readonly [string, Operand] => {
    const { name } = input;
    const tensor = Object.hasOwn(bound, name) ? bound[name] : undefined;
    return [
      name,
      tensor ? new Known(tensor) : b.input(name, { dtype: dtypeOf(input), shape: shapeOf(input, dims) }),
    ];
  });
  const built = buildFile(file, { scope, batch: { declared: 1, bound: 1 }, inputs: new Map(inputs) });
  for (const [name, operand] of built.outputs) {
    b.output(name, operand instanceof Known ? b.constant(graphTensor(operand.tensor)) : operand);
  }
  const values = [...built.values].map(
    ([key, tensor]) => [key, float32(tensor.shape, Float32Array.from(tensor.data))] as const,
  );
  return { graph: b.build(), values: Object.fromEntries(values) };
}

function dtypeOf({ name, elementType }: FileValue): 'float32' | 'int32' | 'bool' {
  const kind = kindOf(elementType);
  if (kind === undefined)
    throw new DataError('ONNX', `input "${name}": ${elementText(elementType)} is not supported`);
  return ({ float: 'float32', int: 'int32', bool: 'bool' } as const)[kind];
}

function shapeOf({ name, dims }: FileValue, sizes: Readonly<Record<string, number>>): readonly number[] {
  if (!dims) throw new DataError('ONNX', `input "${name}": expected a shape, got none`);
  return dims.map((dim, axis) => {
    // Some exporters write -1 for an open size.
    if (typeof dim === 'number' && dim > 0) return dim;
    const open = typeof dim === 'number' || dim === '' ? `${axis}` : dim;
    const size = Object.hasOwn(sizes, open) ? sizes[open] : undefined;
    if (size !== undefined) return size;
    throw new DataError(
      'ONNX',
      `input "${name}": the file leaves the size of axis ${axis} open; set it with dims: { '${open}': 1 }`,
    );
  });
}
