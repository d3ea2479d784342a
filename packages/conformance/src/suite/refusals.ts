// Verifies a device's refusals. The error of `compile` must list exactly the nodes that the device also refuses on their own; a wrong
// list fails the check.
import type { Device, Graph, Node, OpName, Value, ValueId } from '@isonet/core';
import {
  BackendError,
  deadCode,
  decompose,
  definitionOf,
  GraphBuilder,
  nodeText,
  typeOf,
  typesOf,
  UnsupportedOpError,
} from '@isonet/core';
import { forwarded } from '../forwarded.ts';

/** Thrown by `compile` of {@link withVerifiedRefusals} for a refusal whose list is correct. */
export class VerifiedRefusal extends UnsupportedOpError {
  override readonly name = 'VerifiedRefusal';
}

/**
 * Wraps a device so that an UnsupportedOpError of `compile` becomes a {@link VerifiedRefusal} if it lists exactly the
 * nodes that the device refuses on their own, and a BackendError `BROKEN_PROMISE` otherwise.
 */
export function withVerifiedRefusals(device: Device): Device {
  const compile: Device['compile'] = async (graph, options) => {
    try {
      return await device.compile(graph, options);
    } catch (cause) {
      if (!(cause instanceof UnsupportedOpError)) throw cause;
      const [mistake] = await refusalMistakes(device, graph, cause);
      if (mistake === undefined) throw new VerifiedRefusal(cause.message, cause.refusals);
      throw new BackendError('BROKEN_PROMISE', `${mistake}; compile reports: ${cause.message}`, { cause });
    }
  };
  return { ...forwarded(device), compile };
}

/** Returns the mistakes in a refusal's list, one line each. */
export async function refusalMistakes(
  device: Device,
  graph: Graph,
  { refusals }: UnsupportedOpError,
): Promise<readonly string[]> {
  if (refusals.length === 0) return ['an UnsupportedOpError of compile lists no refused node'];
  const listed = new Set(refusals.map(({ node }) => node));
  const refused = await refusedAlone(device, graph);
  // A device may ignore nodes whose results nothing reads.
  const needed = await refusedAlone(device, deadCode(graph));
  return [
    ...refusals.flatMap(({ node, reason }) => (reason === '' ? [`${node} is refused without a reason`] : [])),
    ...[...listed].flatMap((node) =>
      refused.has(node) ? [] : [`${node} is listed as refused, but compiles on its own`],
    ),
    ...[...needed].flatMap((node) =>
      listed.has(node) ? [] : [`${node} is refused on its own, but is not listed`],
    ),
  ];
}

/** Returns the nodes that a device refuses when each is compiled alone, as {@link nodeText}; for a composite, the refused parts. */
async function refusedAlone(device: Device, graph: Graph): Promise<ReadonlySet<string>> {
  const found = new Set<string>();
  for (const node of graph.nodes) {
    for (const op of await refusedOps(device, graph, node)) found.add(nodeText({ op, origin: node.origin }));
  }
  return found;
}

type Ops = readonly OpName[];

/** A cache by device and node: a network repeats the same nodes many times. */
const known = new WeakMap<Device, Map<string, Promise<Ops>>>();

function refusedOps(device: Device, graph: Graph, node: Node): Promise<Ops> {
  const answers = known.get(device) ?? new Map<string, Promise<Ops>>();
  known.set(device, answers);
  const repeated = node.inputs.map((value) => node.inputs.findIndex((other) => other === value));
  const key = JSON.stringify([node.op, node.attrs, typesOf(graph, node.inputs), repeated]);
  const answer = answers.get(key) ?? refusedIn(device, alone(graph, node), node.op);
  answers.set(key, answer);
  return answer;
}

/**
 * Returns the refused ops of a graph of one node: the op itself or, if it is a composite, ops of its decomposition.
 */
async function refusedIn(device: Device, graph: Graph, op: OpName): Promise<Ops> {
  try {
    const program = await device.compile(graph);
    await program[Symbol.asyncDispose]();
    return [];
  } catch (error) {
    if (!(error instanceof UnsupportedOpError)) throw error;
  }
  if (definitionOf(op).kind === 'primitive') return [op];
  const parts = decompose(graph, (node) => node.op === op);
  const refused: OpName[] = [];
  for (const node of parts.nodes) refused.push(...(await refusedOps(device, parts, node)));
  return refused;
}

/** Wraps the node in a graph whose inputs are fed. */
function alone(graph: Graph, { op, origin, inputs, attrs }: Node): Graph {
  const b = new GraphBuilder(op);
  const fed = new Map<ValueId, Value>();
  const feed = (value: ValueId): Value => {
    const input = fed.get(value) ?? b.input(`%${value}`, typeOf(graph, value));
    fed.set(value, input);
    return input;
  };
  const outputs = b.within(origin, () => b.emit(op, inputs.map(feed), attrs));
  outputs.forEach((output, i) => b.output(`y${i}`, output));
  return b.build();
}
