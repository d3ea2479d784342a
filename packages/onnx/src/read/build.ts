// Builds a graph from a file: runs the reader of each node, in order, on the values built so far.
import type { Refusal, Scope } from '@isonet/core';
import {
  DataError,
  IsonetError,
  nodesByReason,
  shapeText,
  sizeOf,
  UnsupportedOpError,
  Value,
} from '@isonet/core';
import type { FileGraph, FileNode, FileTensor, OnnxFile } from './file.ts';
import { budgetOf } from './host/budget.ts';
import type { HostTensor } from './hostTensor.ts';
import type { BatchSize, Frame } from './node.ts';
import { NodeError, NodeReader } from './node.ts';
import type { Operand } from './operand.ts';
import { Known } from './operand.ts';
import { readOps } from './table.ts';
import { isShared, usesIn } from './uses.ts';

/** The context that a file is built in. */
export interface BuildOptions {
  readonly scope: Scope;
  readonly batch: BatchSize;
  /** The operands to feed, by the names of the file's inputs. */
  readonly inputs: ReadonlyMap<string, Operand>;
  /** Initializers to learn wherever they are read. An initializer that is read as a weight is always learned. */
  readonly learned?: readonly string[];
  /** Called with each note for the user. */
  readonly note?: (text: string) => void;
}

/** The result of building a file. */
export interface BuiltFile {
  /** The file's outputs, by name. */
  readonly outputs: ReadonlyMap<string, Operand>;
  /** The file's values for each declared parameter and buffer, by name. */
  readonly values: ReadonlyMap<string, HostTensor>;
}

/**
 * Builds the network of a file.
 * @throws UnsupportedOpError listing every node that cannot be read, with its name, operator, operator set and the reason
 * @throws DataError `ONNX` for an invalid file, such as one with an undefined input
 */
export function buildFile(
  file: OnnxFile,
  { scope, batch, inputs, learned = [], note = ignore }: BuildOptions,
): BuiltFile {
  const frame: Frame = {
    scope,
    batch,
    note,
    learned: new Set(learned),
    parameters: new Map(),
    stored: new Map(),
    constants: new Map(),
    constantIn: new Map(),
    fixed: new Set(),
    learnedFrom: new Set(),
    poolOfIndices: new Map(),
    budget: budgetOf([...file.graph.initializers.values()].map(({ shape }) => sizeOf(shape))),
    branch: unreachable,
    part: scope,
  };
  const builder = new Builder(file, frame);
  const outputs = builder.graph(file.graph, inputs);
  builder.check();
  if (frame.fixed.size > 0) {
    const nodes = [...frame.fixed].map((node) => `"${node}"`);
    note(`weights computed from constants are not trained: those of ${listed(nodes, ', ')}`);
  }
  for (const [name, node] of frame.constantIn) {
    if (!frame.parameters.has(name)) continue;
    note(
      `"${name}" is trained where it is a weight but stays constant in "${node}"; list it in the option parameters to train it there too`,
    );
  }
  return {
    outputs: new Map(file.graph.outputs.map(({ name }, i) => [name, builder.result(outputs, i, name)])),
    values: frame.stored,
  };
}

function ignore(): void {}

function unreachable(): never {
  throw new DataError('ONNX', 'a branch is read outside its node');
}

/** Operands by name, excluding the results of refused nodes and of the nodes that depend on them. */
type Results = ReadonlyMap<string, Operand>;

class Builder {
  readonly #file: OnnxFile;
  readonly #frame: Frame;
  /** The operand of each initializer used so far. */
  readonly #initializers = new Map<FileTensor, Known>();
  /** Names reserved for tensors that may become parameters. */
  readonly #names = new Set<string>();
  readonly #refusals: Refusal[] = [];
  /** Results of refused nodes, and of the nodes that depend on them. */
  readonly #lost = new Set<string>();
  /** How often each value is used, by a node or as an output of the file. */
  readonly #uses: ReadonlyMap<string, number>;

  constructor(file: OnnxFile, frame: Frame) {
    this.#file = file;
    this.#uses = usesIn(file.graph);
    this.#frame = frame;
  }

  /** Runs the nodes of a graph. @returns its outputs; undefined for an output of a refused node */
  graph(graph: FileGraph, outer: Results): readonly (Operand | undefined)[] {
    const values = new Map<string, Operand>(outer);
    for (const [name, tensor] of graph.initializers) {
      if (this.#uses.has(name)) values.set(name, this.#initializer(name, tensor));
    }
    for (const node of graph.nodes) this.#node(node, values);
    return graph.outputs.map(({ name }) => values.get(name));
  }

  result(outputs: readonly (Operand | undefined)[], i: number, name: string): Operand {
    const output = outputs[i];
    if (output) return output;
    throw new DataError('ONNX', `output "${name}": no node produces it`);
  }

  /** @throws UnsupportedOpError if a node was refused */
  check(): void {
    if (this.#refusals.length === 0) return;
    const lines = [...nodesByReason(this.#refusals)].map(([text, nodes]) => {
      const quoted = nodes.map((node) => `"${node}"`);
      return `${text} (${listed(quoted, ', ')})`;
    });
    const count = this.#refusals.length === 1 ? 'a node' : `${this.#refusals.length} nodes`;
    throw new UnsupportedOpError(
      `${count} of the ONNX file cannot be read: ${listed(lines, '; ')}`,
      this.#refusals,
    );
  }

  #initializer(name: string, tensor: FileTensor): Known {
    const made = this.#initializers.get(tensor) ?? this.#storedOperand(name, tensor.decode());
    this.#initializers.set(tensor, made);
    return made;
  }

  /** Returns a stored tensor as an operand. Floats can be learned; their names are made unique, as branches may repeat a name. */
  #storedOperand(name: string, tensor: HostTensor): Known {
    if (tensor.kind !== 'float') return new Known(tensor);
    let unique = name;
    for (let i = 2; this.#names.has(unique); i++) unique = `${name}_${i}`;
    this.#names.add(unique);
    return new Known(tensor, { name: unique, tensor, through: (parameter) => parameter });
  }

  #node(node: FileNode, values: Map<string, Operand>): void {
    const { domain, opType, outputs } = node;
    const duplicate = outputs.find((name) => name !== '' && (values.has(name) || this.#lost.has(name)));
    if (duplicate !== undefined)
      throw new DataError('ONNX', `node "${node.name}": "${duplicate}" is defined twice`);
    const lose = (): void => {
      for (const name of outputs) if (name !== '') this.#lost.add(name);
    };
    for (const name of node.inputs) {
      if (name !== '' && !values.has(name) && !this.#lost.has(name)) {
        throw new DataError(
          'ONNX',
          `node "${node.name}": nothing before it defines its input "${name}"; sort the nodes topologically`,
        );
      }
    }
    const opset = this.#file.opsets.get(domain);
    const op = `${domain === '' ? '' : `${domain}.`}${opType} (operator set ${opset ?? 'missing'})`;
    const refuse = (reason: string): void => {
      this.#refusals.push({ node: node.name, op, reason });
      lose();
    };
    const read = domain === '' && Object.hasOwn(readOps, opType) ? readOps[opType] : undefined;
    if (this.#file.functions.has(`${domain}.${opType}`)) {
      return refuse('functions defined in the file are not supported; inline them with onnx.inliner');
    }
    if (!read || opset === undefined) return refuse('this operator is not supported');
    if (node.inputs.some((name) => this.#lost.has(name))) return lose();
    try {
      const operands = node.inputs.map((name) => values.get(name));
      this.#run(node, opset, operands, values, read);
    } catch (error) {
      if (!(error instanceof IsonetError) || error instanceof UnsupportedOpError) throw error;
      refuse(error.message);
    }
  }

  #run(
    node: FileNode,
    opset: number,
    operands: readonly (Operand | undefined)[],
    values: Map<string, Operand>,
    read: (node: NodeReader) => Operand | readonly Operand[],
  ): void {
    const branch = (graph: FileGraph): readonly Operand[] =>
      this.graph(graph, values).map((output) => {
        if (output) return output;
        throw new NodeError('the selected branch cannot be read');
      });
    let results: readonly Operand[] = [];
    this.#frame.scope.part(node.name, (part) => {
      const reader = new NodeReader({ ...this.#frame, branch, part }, node, opset, operands);
      const got = read(reader);
      results = Array.isArray(got) ? got : [got as Operand];
      const [unread] = reader.attributes.unread();
      if (unread !== undefined) throw reader.fail(`attribute ${unread} is not supported`);
      const made = results.filter((result) => result instanceof Value);
      const large = made.find(({ shape }) => sizeOf(shape) > MAX_VALUES);
      if (large) throw reader.fail(`expected at most 2^31 values in a result, got ${shapeText(large.shape)}`);
      if (reader.isLearned) for (const value of made) this.#frame.learnedFrom.add(value);
      return made;
    });
    node.outputs.forEach((name, i) => {
      if (name === '') return;
      const result = results[i];
      if (!result && !this.#uses.has(name)) return;
      if (!result) throw new NodeError(`output ${i} ("${name}") is not supported`);
      values.set(name, result instanceof Known ? this.#resultOf(node, name, result) : result);
    });
  }

  /**
   * Returns a known result of a node as an operand. The tensor of a Constant node can be learned, like an initializer.
   * A copy of an initializer that other nodes also read can be learned independently of the original: PyTorch stores
   * equal tensors once, such as the all-ones weights of newly initialized batch norms, and produces the other copies
   * with Identity nodes.
   */
  #resultOf({ opType, inputs: [input] }: FileNode, name: string, result: Known): Known {
    const { stored, tensor } = result;
    const isCopy = opType === 'Identity' && stored?.name === input && isShared(this.#uses, input);
    return isCopy || (!stored && input === undefined) ? this.#storedOperand(name, tensor) : result;
  }
}

/** The maximum number of values in a tensor, both here and in a file. */
const MAX_VALUES = 2 ** 31;

/** The maximum number of nodes or reasons in a message. The `refusals` of the error list all of them. */
const MAX_LISTED = 10;

function listed(texts: readonly string[], separator: string): string {
  const more = texts.length - MAX_LISTED;
  return [...texts.slice(0, MAX_LISTED), ...(more > 0 ? [`and ${more} more`] : [])].join(separator);
}
