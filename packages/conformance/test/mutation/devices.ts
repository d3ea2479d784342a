// Devices that are wrong on purpose (which kernels, stands beside this file). A check that none of them fails proves
// nothing; the tests of this package hold the suite to them.
import type {
  CopyOptions,
  Device,
  Each,
  Execution,
  Graph,
  InputsOf,
  Node,
  NodeOf,
  OpName,
  Program,
  Value,
} from '@isonet/core';
import { copyInto, copyResults, float32, GraphBuilder, sizeOf } from '@isonet/core';
import { forwarded, forwardedProgram } from '../../src/forwarded.ts';

/** What stands in a node's place, or undefined where the node stays. */
export type Replace = (b: GraphBuilder, node: Node, inputs: readonly Value[]) => readonly Value[] | undefined;

/** The device, but it computes some nodes otherwise. */
export function withKernel(device: Device, replace: Replace): Device {
  const plant = (graph: Graph): Graph => {
    const b = new GraphBuilder(graph.name);
    const emit: CopyOptions['emit'] = (node, inputs) =>
      replace(b, node, inputs) ?? b.emit(node.op, inputs, node.attrs);
    copyResults(b, graph, copyInto(b, graph, { emit }));
    return b.build();
  };
  return { ...forwarded(device), compile: (graph, options) => device.compile(plant(graph), options) };
}

/** The device, but the updates of a run are committed one by one: each sees those before it. */
export function withEarlyUpdates(device: Device): Device {
  const compile: Device['compile'] = async (graph, options) => {
    const first = await device.compile({ ...graph, updates: [] }, options);
    const updates = await Promise.all(
      graph.updates.map((update) => device.compile({ ...graph, outputs: [], updates: [update] }, options)),
    );
    const run: Program['run'] = (state, feeds): Execution => {
      const execution = first.run(state, feeds);
      for (const update of updates) update.run(state, feeds).discard();
      return execution;
    };
    const dispose = async (): Promise<void> => {
      for (const program of [first, ...updates]) await program[Symbol.asyncDispose]();
    };
    return { ...forwardedProgram(first), graph, run, [Symbol.asyncDispose]: dispose };
  };
  return { ...forwarded(device), compile };
}

/**
 * Rounded to `bits` significant bits, in float64 arithmetic (Dekker 1971; Veltkamp's splitting). Only for a device that
 * computes in float64.
 */
export function rounded(b: GraphBuilder, value: Value, bits: number): Value {
  const scaled = b.op.mul(value, b.fill(2 ** (53 - bits), value.shape));
  return b.op.sub(scaled, b.op.sub(scaled, value));
}

/** Every result of every op rounded to float32: not a fault, but what an honest device does. */
export const roundedToFloat32: Replace = (b, node, inputs) =>
  b
    .emit(node.op, inputs, node.attrs)
    .map((value) => (value.dtype === 'float32' ? rounded(b, value, 24) : value));

/** What stands in the place of one op's nodes. */
export function instead<K extends OpName>(
  op: K,
  make: (b: GraphBuilder, inputs: Each<InputsOf<K>, Value>, node: NodeOf<K>) => readonly Value[] | undefined,
): Replace {
  return (b, node, inputs) =>
    // As many inputs as the node has; the signature of Replace forgets it.
    isOf(op, node) ? make(b, inputs as Each<InputsOf<K>, Value>, node) : undefined;
}

function isOf<K extends OpName>(op: K, node: Node): node is Node & NodeOf<K> {
  return node.op === op;
}

/** The operands of one op changed on their way in. */
export function operands<K extends OpName>(
  op: K,
  change: (b: GraphBuilder, inputs: Each<InputsOf<K>, Value>) => readonly Value[],
): Replace {
  return instead(op, (b, inputs, { attrs }) => b.emit(op, change(b, inputs), attrs));
}

/** x, a little more from value to value: of equal ones, the last is the largest. */
export function rising(b: GraphBuilder, x: Value): Value {
  const ramp = Array.from({ length: sizeOf(x.shape) }, (_, i) => i * 1e-9);
  return b.op.add(x, b.constant(float32(x.shape, ramp)));
}
