// Tells a refusal from a failure. `compile` may refuse nodes: then its error lists all of them, and each is refused on its own
// too. A device whose list is wrong has failed.
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

/** What `compile` of a device that is held to its word throws where its list of refusals is right. */
export class Refusal extends UnsupportedOpError {
  override readonly name = 'Refusal';
}

/**
 * The device, held to its word: an UnsupportedOpError of `compile` becomes a {@link Refusal} only where it lists the nodes
 * that the device refuses on their own, and all of them; elsewhere a BackendError `BROKEN_PROMISE`.
 */
export function heldToItsWord(device: Device): Device {
  const compile: Device['compile'] = async (graph, options) => {
    try {
      return await device.compile(graph, options);
    } catch (cause) {
      if (!(cause instanceof UnsupportedOpError)) throw cause;
      const [fault] = await faultsOfRefusal(device, graph, cause);
      if (fault === undefined) throw new Refusal(cause.message, cause.refusals);
      throw new BackendError('BROKEN_PROMISE', `${fault}; compile says: ${cause.message}`, { cause });
    }
  };
  return { ...forwarded(device), compile };
}

/** What is wrong with the list of a refusal, a line each. */
export async function faultsOfRefusal(
  device: Device,
  graph: Graph,
  { refusals }: UnsupportedOpError,
): Promise<readonly string[]> {
  if (refusals.length === 0)
    return ['an UnsupportedOpError of compile has to list the nodes that are refused'];
  const listed = new Set(refusals.map(({ node }) => node));
  const refused = await refusedAlone(device, graph);
  // Whether nodes that nothing reads are looked at is the device's affair.
  const needed = await refusedAlone(device, deadCode(graph));
  return [
    ...refusals.flatMap(({ node, reason }) => (reason === '' ? [`${node} is refused without a reason`] : [])),
    ...[...listed].flatMap((node) =>
      refused.has(node) ? [] : [`${node} is listed as refused, yet compiles on its own`],
    ),
    ...[...needed].flatMap((node) =>
      listed.has(node) ? [] : [`${node} is refused on its own, yet is not listed`],
    ),
  ];
}

/** The nodes that a device refuses when they are all that it is given, as {@link nodeText}; of a composite, its parts. */
async function refusedAlone(device: Device, graph: Graph): Promise<ReadonlySet<string>> {
  const found = new Set<string>();
  for (const node of graph.nodes) {
    for (const op of await refusedOps(device, graph, node)) found.add(nodeText({ op, origin: node.origin }));
  }
  return found;
}

type Ops = readonly OpName[];

/** By device and node: a network asks the same again and again. */
const known = new WeakMap<Device, Map<string, Promise<Ops>>>();

function refusedOps(device: Device, graph: Graph, node: Node): Promise<Ops> {
  const answers = known.get(device) ?? new Map<string, Promise<Ops>>();
  known.set(device, answers);
  const repeated = node.inputs.map((value) => node.inputs.findIndex((other) => other === value));
  const key = JSON.stringify([node.op, node.attrs, typesOf(graph, node.inputs), repeated]);
  const answer = answers.get(key) ?? ask(device, alone(graph, node), node.op);
  answers.set(key, answer);
  return answer;
}

/** Which ops of a graph of one node are refused: its own, or, where it is decomposed, those of its parts. */
async function ask(device: Device, graph: Graph, op: OpName): Promise<Ops> {
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

/** A graph of this node, fed with its inputs. */
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
