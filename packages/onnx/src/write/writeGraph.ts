// Writes a whole graph as ONNX: runs a table of kernels over its nodes and names its inputs and outputs.
import type { Chunked, Graph, Named, Node, Tensors, ValueId } from '@isonet/core';
import { kernelFor, legalize, nodeText, typeOf, UnsupportedOpError, wanted } from '@isonet/core';
import { surroundings, writeLoop } from './loop.ts';
import { training } from './training.ts';
import type { UniformInput } from './uniform.ts';
import type { Dims } from './writer/dims.ts';
import { staticDims } from './writer/dims.ts';
import type { OnnxGraph, OnnxValue } from './writer/encode.ts';
import { Names } from './writer/names.ts';
import type { OnnxKernels } from './writer/writer.ts';
import { Writer } from './writer/writer.ts';

export interface WriteOptions {
  /** Returns the dims of a value. For a static graph, they come from its type. */
  readonly dims: (value: ValueId) => Dims;
  /** The values of the state, to write as initializers. Without them, the state becomes inputs. */
  readonly weights?: Tensors;
  /** The kernels, with an entry for each op of the graph. */
  readonly table: Partial<OnnxKernels>;
  /** The graph in chunks, to write as a loop over them. All dims are then static. */
  readonly chunks?: Chunked;
}

/** A graph as ONNX, and the ONNX names of its outputs and updates. */
export interface WrittenGraph {
  /** The graph of the model: nodes, initializers, inputs and outputs. */
  readonly graph: OnnxGraph;
  /** The names of the initializers that are weights. All others are constants. */
  readonly weights: ReadonlySet<string>;
  /** The inputs that replace randomUniform nodes. */
  readonly uniforms: readonly UniformInput[];
  /** The ONNX names of the graph's outputs. */
  readonly outputs: ReadonlyMap<string, string>;
  /** The ONNX names of the graph's updates, by the state that they update. */
  readonly updates: ReadonlyMap<string, string>;
}

/** Returns true if the table writes a node; otherwise, the reason why not. */
export function supports(node: Node, table: Partial<OnnxKernels>): true | string {
  if (node.op === 'lrn' && node.attrs.size % 2 === 0) {
    return `ONNX Runtime's LRN needs an odd window size, got ${node.attrs.size}; its decomposition is written instead`;
  }
  if (Object.hasOwn(table, node.op)) return true;
  if (Object.hasOwn(training, node.op)) return 'has no batch-independent form; use exportGraph';
  return `${node.op} has no matching ONNX operator; its decomposition is written instead`;
}

/**
 * Decomposes the composites that the table does not write.
 * @throws UnsupportedOpError for a primitive that the table does not write
 */
export function legal(graph: Graph, table: Partial<OnnxKernels>): Graph {
  return legalize(graph, (node) => supports(node, table));
}

/**
 * Writes a graph as ONNX.
 * @param graph the result of `legalize` with {@link supports}: every op in it is in the table
 * @throws UnsupportedOpError for an op that cannot be written
 * @throws DataError if a weight is missing or of the wrong type
 */
export function writeGraph(graph: Graph, { dims, weights, table, chunks }: WriteOptions): WrittenGraph {
  const [valueNames, nodeNames] = [new Names(), new Names()];
  const inputs = fedInputs(graph, weights === undefined);
  for (const { name } of [...graph.inputs, ...graph.state]) valueNames.unique(name);
  const last = chunks?.after ?? graph;
  const outputs = last.outputs.map(({ name, value }) => ({
    value,
    inGraph: name,
    name: valueNames.unique(name),
  }));
  const updates = last.updates.map(({ name, value }) => ({
    value,
    inGraph: name,
    name: valueNames.unique(`next/${name}`),
  }));
  const results = [...outputs, ...updates];
  const around = chunks && surroundings(graph, chunks);
  const first = around?.graph ?? graph;
  const writer = new Writer(first, chunks ? staticDims(first) : dims, valueNames, nodeNames);
  bind(first, weights, writer);
  const writeNodes = (nodesOf: Graph, target: Writer): void => {
    for (const node of nodesOf.nodes) {
      target.begin(node);
      const kernel = kernelFor(table, node);
      if (!kernel) throw new UnsupportedOpError(`${nodeText(node)}: ${String(supports(node, table))}`);
      kernel(same, same, target);
    }
  };
  writeNodes(first, writer);
  const names = { values: valueNames, nodes: nodeNames };
  const afterLoop = chunks && around && writeLoop(chunks, around, writer, names, writeNodes);
  nameResults(afterLoop ?? writer, results);

  const typed =
    (of: Graph) =>
    ({ name, value }: Named): OnnxValue => ({
      name,
      dtype: typeOf(of, value).dtype,
      dims: of === graph ? dims(value) : typeOf(of, value).shape,
    });
  const uniforms = writer.uniforms.map(({ name, shape }): OnnxValue => ({
    name,
    dtype: 'float32',
    dims: shape,
  }));
  return {
    graph: {
      name: graph.name,
      nodes: [...writer.nodes, ...(afterLoop?.nodes ?? [])],
      initializers: writer.initializers,
      inputs: [...inputs.map(typed(graph)), ...uniforms],
      outputs: results.map(typed(last)),
    },
    weights: writer.weights,
    uniforms: writer.uniforms,
    outputs: new Map(outputs.map(({ inGraph, name }) => [inGraph, name])),
    updates: new Map(updates.map(({ inGraph, name }) => [inGraph, name])),
  };
}

/** Kernels receive values as ids. */
function same(value: ValueId): ValueId {
  return value;
}

/** Registers inputs, state and constants with the writer. Weights and constants are written on first use. */
function bind(graph: Graph, weights: Tensors | undefined, writer: Writer): void {
  for (const { name, value } of graph.inputs) writer.set(value, name);
  for (const { name, value } of graph.state) {
    if (weights === undefined) {
      writer.set(value, name);
      continue;
    }
    writer.defer(value, () => writer.weight(name, wanted(weights, name, typeOf(graph, value), 'weights')));
  }
  for (const { value, data } of graph.constants) writer.defer(value, () => writer.constant(data));
}

/**
 * Returns the graph's inputs that are also inputs in ONNX. The key of the random numbers is not one of them, because
 * the numbers themselves are fed.
 */
function fedInputs(graph: Graph, includesState: boolean): readonly Named[] {
  const results = new Set([...graph.outputs, ...graph.updates].map(({ value }) => value));
  const isOnlyKey = ({ value }: Named): boolean => {
    const users = graph.nodes.filter(({ inputs }) => inputs.includes(value));
    return users.length > 0 && users.every(({ op }) => op === 'randomUniform') && !results.has(value);
  };
  return [...graph.inputs.filter((input) => !isOnlyKey(input)), ...(includesState ? graph.state : [])];
}

/** Gives each result its public name. A result that no node produces (an input passed straight through) goes through Identity. */
function nameResults(writer: Writer, results: readonly Named[]): void {
  writer.begin(undefined);
  const current = results.map(({ name, value }) => ({ name, from: writer.full(value) }));
  const made = new Set(writer.nodes.flatMap(({ outputs }) => outputs));
  const renamed = new Map<string, string>();
  for (const { name, from } of current) {
    const free = made.has(from) && !renamed.has(from);
    renamed.set(free ? from : writer.emit('Identity', [from]), name);
  }
  writer.rename(renamed);
}
