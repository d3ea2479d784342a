// Reads a case of ONNX's backend tests as graphs, with their feeds and the expected outputs.
import type { Tensors } from '@isonet/core';
import { DataError, IsonetError, UnsupportedOpError } from '@isonet/core';
import type { FileValue, HostTensor, OnnxFile, ReadGraph } from '@isonet/onnx/read';
import { decodeOnnx, graphOf, graphTensor } from '@isonet/onnx/read';
import type { OnnxCase, OnnxDataSet } from './folder.ts';
import { dataSetsOf, modelOf } from './folder.ts';

/** A data set of a case, ready to run. */
export interface PreparedSet extends ReadGraph {
  readonly feeds: Tensors;
  /** The expected outputs, by their names in the graph. */
  readonly expected: ReadonlyMap<string, HostTensor>;
}

/** A case that was read, or the reason why it could not be read. */
export type Prepared =
  | { readonly key: string; readonly operators: readonly string[]; readonly sets: readonly PreparedSet[] }
  | { readonly key: string; readonly reason: string };

/**
 * Reads a case.
 *
 * The inputs that shapes depend on are bound while the graph is built: as few as possible, and integers before floats. All other
 * inputs are fed, integers as int32.
 */
export async function prepareOnnxCase(test: OnnxCase): Promise<Prepared> {
  const { key } = test;
  try {
    const file = decodeOnnx(await modelOf(test));
    const sets = (await dataSetsOf(test)).map((set) => preparedSet(file, set));
    if (sets.length === 0) return { key, reason: 'it has no data' };
    return { key, operators: [...new Set(file.graph.nodes.map(({ opType }) => opType))], sets };
  } catch (error) {
    if (!(error instanceof IsonetError)) throw error;
    if (!(error instanceof UnsupportedOpError)) return { key, reason: error.message };
    const reasons = new Set(error.refusals.map(({ op, reason }) => `${op}: ${reason}`));
    return { key, reason: [...reasons].join('; ') };
  }
}

/** Returns whether everything is computed while the graph is built, so that the case tests only the reader and not the device. */
export function isFolded(prepared: Prepared): boolean {
  return 'sets' in prepared && prepared.sets.every(({ feeds }) => Object.keys(feeds).length === 0);
}

function preparedSet(file: OnnxFile, set: OnnxDataSet): PreparedSet {
  const { graph } = file;
  const tensors = new Map<string, HostTensor>();
  for (const [i, input] of set.inputs.entries()) {
    const value = graph.inputs.find(({ name }) => name === input?.name) ?? graph.inputs[i];
    if (!value) throw fail(`input ${i} has data, but the model has no such input`);
    if (!input || value.elementType === 0) throw fail(`input "${value.name}" is not a tensor of numbers`);
    tensors.set(value.name, input.tensor);
  }
  const expected = graph.outputs.map(({ name }, i): readonly [string, HostTensor] => {
    const output = set.outputs.find((each) => each?.name === name) ?? set.outputs[i];
    if (!output) throw fail(`output "${name}" is not a tensor of numbers`);
    return [name, output.tensor];
  });
  // The data determines the sizes that the model leaves open.
  const inputs = graph.inputs.map((input): FileValue => {
    const dims = tensors.get(input.name)?.shape;
    return dims ? { ...input, dims } : input;
  });
  const sized = { ...file, graph: { ...graph, inputs } };
  const { bound, read } = withFewestBound(sized, tensors);
  const feeds = [...tensors].filter(([name]) => !bound.has(name));
  return {
    ...read,
    feeds: Object.fromEntries(feeds.map(([name, tensor]) => [name, graphTensor(tensor)])),
    expected: new Map(expected),
  };
}

/** The error for a case that cannot run here. */
function fail(problem: string): DataError {
  return new DataError('ONNX_CASES', problem);
}

interface Bound {
  readonly bound: ReadonlySet<string>;
  readonly read: ReadGraph;
}

/** If a case has more inputs than this, either all of them are fed or all are bound. */
const MAX_CHOICES = 6;

/** @throws the error that `graphOf` throws when all inputs are bound */
function withFewestBound(file: OnnxFile, tensors: ReadonlyMap<string, HostTensor>): Bound {
  const all = [...tensors].map(([name]) => name);
  const attempt = (names: readonly string[]): Bound => {
    const bound = new Set(names);
    const given = [...tensors].filter(([name]) => bound.has(name));
    return { bound, read: graphOf(file, { bound: Object.fromEntries(given) }) };
  };
  const sets = all.length > MAX_CHOICES ? [[]] : subsets(all).slice(0, -1);
  const cost = (names: readonly string[]): number =>
    names.reduce((sum, name) => sum + (tensors.get(name)?.kind === 'float' ? MAX_CHOICES + 1 : 1), 0);
  const everything = attempt(all);
  for (const names of sets.toSorted((a, b) => cost(a) - cost(b))) {
    try {
      return attempt(names);
    } catch (error) {
      if (!(error instanceof IsonetError)) throw error;
    }
  }
  return everything;
}

/** Returns all subsets, the full one last. */
function subsets(names: readonly string[]): readonly (readonly string[])[] {
  return Array.from({ length: 2 ** names.length }, (_, bits) =>
    names.filter((_name, i) => ((bits >> i) & 1) === 1),
  );
}
