// A whole graph as ONNX: runs a table of kernels over its nodes and names its inputs and outputs.
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
  /** The dims of every value; those of a static graph are its types'. */
  readonly dims: (value: ValueId) => Dims;
  /** The state's values, where they are written as initializers; otherwise the state is inputs. */
  readonly weights?: Tensors;
  /** How each op is written: has an entry for each op of the graph. */
  readonly table: Partial<OnnxKernels>;
  /** The graph in chunks, where it is written as a loop over them; `dims` are then static. */
  readonly chunks?: Chunked;
}

/** ONNX, and where the graph's own names went. */
export interface WrittenGraph {
  /** The graph of the model: nodes, initializers, inputs and outputs. */
  readonly graph: OnnxGraph;
  /** The names of the initializers that are weights; the others are constants. */
  readonly weights: ReadonlySet<string>;
  /** The inputs that stand in for randomUniform nodes. */
  readonly uniforms: readonly UniformInput[];
  /** ONNX's names of the graph's outputs. */
  readonly outputs: ReadonlyMap<string, string>;
  /** ONNX's names of the graph's updates, by the state that they update. */
  readonly updates: ReadonlyMap<string, string>;
}

/** True where the table writes a node; otherwise why it does not. */
export function supports(node: Node, table: Partial<OnnxKernels>): true | string {
  if (node.op === 'lrn' && node.attrs.size % 2 === 0) {
    return `ONNX Runtime's LRN takes windows of odd size, not ${node.attrs.size}; its decomposition is written`;
  }
  if (Object.hasOwn(table, node.op)) return true;
  if (Object.hasOwn(training, node.op)) return 'has no batch-independent form; use exportGraph';
  return `${node.op} has no ONNX operator of its own; its decomposition is written`;
}

/**
 * The graph, with the composites that the table does not write decomposed.
 * @throws UnsupportedOpError for a primitive that it does not write
 */
export function legal(graph: Graph, table: Partial<OnnxKernels>): Graph {
  return legalize(graph, (node) => supports(node, table));
}

/**
 * Writes a graph as ONNX.
 * @param graph as `legalize` leaves it with {@link supports}: every op in it is in the table
 * @throws UnsupportedOpError for what cannot be written
 * @throws DataError when a weight is missing or of another type
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
  const behind = chunks && around && writeLoop(chunks, around, writer, names, writeNodes);
  nameResults(behind ?? writer, results);

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
      nodes: [...writer.nodes, ...(behind?.nodes ?? [])],
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

/** Kernels are handed values by their ids. */
function same(value: ValueId): ValueId {
  return value;
}

/** Tells the writer what there is before the first node. Weights and constants are written when they are first used. */
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

/** The graph's inputs that are inputs in ONNX too; the key of random numbers is not, the numbers are fed instead. */
function fedInputs(graph: Graph, stateToo: boolean): readonly Named[] {
  const results = new Set([...graph.outputs, ...graph.updates].map(({ value }) => value));
  const onlyAKey = ({ value }: Named): boolean => {
    const users = graph.nodes.filter(({ inputs }) => inputs.includes(value));
    return users.length > 0 && users.every(({ op }) => op === 'randomUniform') && !results.has(value);
  };
  return [...graph.inputs.filter((input) => !onlyAKey(input)), ...(stateToo ? graph.state : [])];
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
