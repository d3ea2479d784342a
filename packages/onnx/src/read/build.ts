// Builds a graph of the file: runs the reader of each node, in order, over the values so far.
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

/** What a file is built in. */
export interface BuildOptions {
  readonly scope: Scope;
  readonly batch: BatchSize;
  /** What is fed, by the names of the file's inputs. */
  readonly inputs: ReadonlyMap<string, Operand>;
  /** Initializers that are learned wherever they are read: those in slots for weights are anyway. */
  readonly learned?: readonly string[];
  /** Called with what a user should know. */
  readonly note?: (text: string) => void;
}

/** What became of a file. */
export interface BuiltFile {
  /** By the names of the file's outputs. */
  readonly outputs: ReadonlyMap<string, Operand>;
  /** The file's numbers for each parameter and buffer that was declared, by name. */
  readonly values: ReadonlyMap<string, HostTensor>;
}

/**
 * Builds the network of a file.
 * @throws UnsupportedOpError listing every node that cannot be read, with its name, operator, operator set and why
 * @throws DataError `ONNX` where the file is wrong by itself: an input that nothing defines, say
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
    maxPlaces: new Map(),
    budget: budgetOf([...file.graph.initializers.values()].map(({ shape }) => sizeOf(shape))),
    branch: unreachable,
    part: scope,
  };
  const builder = new Builder(file, frame);
  const outputs = builder.graph(file.graph, inputs);
  builder.check();
  if (frame.fixed.size > 0) {
    const nodes = [...frame.fixed].map((node) => `"${node}"`);
    note(`weights that are computed from constants are not trained: those of ${listed(nodes, ', ')}`);
  }
  for (const [name, node] of frame.constantIn) {
    if (!frame.parameters.has(name)) continue;
    note(
      `"${name}" is trained where it is a weight, and stays as it is in "${node}"; name it in the option parameters to train it there, too`,
    );
  }
  return {
    outputs: new Map(file.graph.outputs.map(({ name }, i) => [name, builder.result(outputs, i, name)])),
    values: frame.stored,
  };
}

function ignore(): void {}

function unreachable(): never {
  throw new DataError('ONNX', 'a branch is read outside of its node');
}

/** A node that failed, or depends on one that did. */
type Results = ReadonlyMap<string, Operand>;

class Builder {
  readonly #file: OnnxFile;
  readonly #frame: Frame;
  /** Tensors of the file that were asked for. */
  readonly #initializers = new Map<FileTensor, Known>();
  /** The names of everything in the file that can be a parameter. */
  readonly #names = new Set<string>();
  readonly #refusals: Refusal[] = [];
  /** Results of nodes that were refused, and of those that depend on them. */
  readonly #lost = new Set<string>();
  /** What nodes or the file itself take, and how often. */
  readonly #wanted: ReadonlyMap<string, number>;

  constructor(file: OnnxFile, frame: Frame) {
    this.#file = file;
    this.#wanted = usesIn(file.graph);
    this.#frame = frame;
  }

  /** Runs the nodes of a graph. @returns its outputs; undefined for one that a refused node would have given */
  graph(graph: FileGraph, outer: Results): readonly (Operand | undefined)[] {
    const values = new Map<string, Operand>(outer);
    for (const [name, tensor] of graph.initializers) {
      if (this.#wanted.has(name)) values.set(name, this.#initializer(name, tensor));
    }
    for (const node of graph.nodes) this.#node(node, values);
    return graph.outputs.map(({ name }) => values.get(name));
  }

  result(outputs: readonly (Operand | undefined)[], i: number, name: string): Operand {
    const output = outputs[i];
    if (output) return output;
    throw new DataError('ONNX', `output "${name}": no node gives it`);
  }

  /** @throws UnsupportedOpError when a node was refused */
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

  /** Floats that can be learned. Branches of different nodes may use a name twice. */
  #storedOperand(name: string, tensor: HostTensor): Known {
    if (tensor.kind !== 'float') return new Known(tensor);
    let own = name;
    for (let i = 2; this.#names.has(own); i++) own = `${name}_${i}`;
    this.#names.add(own);
    return new Known(tensor, { name: own, tensor, through: (parameter) => parameter });
  }

  #node(node: FileNode, values: Map<string, Operand>): void {
    const { domain, opType, outputs } = node;
    const again = outputs.find((name) => name !== '' && (values.has(name) || this.#lost.has(name)));
    if (again !== undefined) throw new DataError('ONNX', `node "${node.name}": "${again}" is defined twice`);
    const lose = (): void => {
      for (const name of outputs) if (name !== '') this.#lost.add(name);
    };
    for (const name of node.inputs) {
      if (name !== '' && !values.has(name) && !this.#lost.has(name)) {
        throw new DataError(
          'ONNX',
          `node "${node.name}": nothing before it defines its input "${name}"; nodes must be sorted, without cycles`,
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
      return refuse('functions of a file are not read; inline them, as onnx.inliner does');
    }
    if (!read || opset === undefined) return refuse('there is no reader for this operator');
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
        throw new NodeError('the branch that it takes cannot be read');
      });
    let results: readonly Operand[] = [];
    this.#frame.scope.part(node.name, (part) => {
      const reader = new NodeReader({ ...this.#frame, branch, part }, node, opset, operands);
      const got = read(reader);
      results = Array.isArray(got) ? got : [got as Operand];
      const [unread] = reader.attributes.unread();
      if (unread !== undefined) throw reader.fail(`attribute ${unread} is not read`);
      const made = results.filter((result) => result instanceof Value);
      const large = made.find(({ shape }) => sizeOf(shape) > MAX_VALUES);
      if (large) throw reader.fail(`expected at most 2^31 values in a result, got ${shapeText(large.shape)}`);
      if (reader.isLearned) for (const value of made) this.#frame.learnedFrom.add(value);
      return made;
    });
    node.outputs.forEach((name, i) => {
      if (name === '') return;
      const result = results[i];
      if (!result && !this.#wanted.has(name)) return;
      if (!result) throw new NodeError(`output ${i} ("${name}") is not read`);
      values.set(name, result instanceof Known ? this.#own(node, name, result) : result);
    });
  }

  /**
   * A known result of a node. What a Constant node holds can be learned, as what an initializer holds can. A copy of an initializer
   * that others read as well is one of its own: PyTorch stores equal tensors once, such as the ones of all fresh batch norms, and
   * gives the others their names by Identity nodes.
   */
  #own({ opType, inputs: [input] }: FileNode, name: string, result: Known): Known {
    const { stored, tensor } = result;
    const isCopy = opType === 'Identity' && stored?.name === input && isShared(this.#wanted, input);
    return isCopy || (!stored && input === undefined) ? this.#storedOperand(name, tensor) : result;
  }
}

/** As of a tensor in a file: no device holds more. */
const MAX_VALUES = 2 ** 31;

/** So many are named in a message; an error's `refusals` are all of them. */
const MAX_LISTED = 10;

function listed(texts: readonly string[], separator: string): string {
  const more = texts.length - MAX_LISTED;
  return [...texts.slice(0, MAX_LISTED), ...(more > 0 ? [`and ${more} more`] : [])].join(separator);
}
