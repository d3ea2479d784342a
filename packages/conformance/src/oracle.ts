// What the float64 reference says to a case, and the bounds around it: computed once per process, however many devices ask.
import { reference } from '@isonet/backend-reference';
import type { Device, Graph, Tensors } from '@isonet/core';
import { decompose } from '@isonet/core';
import type { Case } from './case/case.ts';
import { errorBounds } from './rounding/bounds.ts';

/** What `make` gives, made when it is first asked for, and kept: expensive numbers are computed once per process. */
export function lazily<T>(make: () => T): () => T {
  let kept: { readonly value: T } | undefined;
  return () => (kept ??= { value: make() }).value;
}

/** The reference's device, opened once. */
export const referenceDevice: () => Promise<Device> = lazily(() => reference.open());

/** Compiles, runs once and lets go. */
export async function runOnce(
  device: Device,
  graph: Graph,
  state: Tensors,
  feeds: Tensors,
): Promise<Tensors> {
  await using program = await device.compile(graph);
  await using held = await device.createState(state);
  return await program.run(held, feeds).read();
}

export interface Expected {
  readonly outputs: Tensors;
  /** By output; none for one that must be exact. */
  readonly bounds: Tensors;
}

const known = new WeakMap<Case, Promise<Expected>>();

/** The outputs of a case's backward graph (forward, where it has none), and the bounds if it is judged by them. */
export function expectedOf(test: Case): Promise<Expected> {
  const found = known.get(test) ?? evaluate(test);
  known.set(test, found);
  return found;
}

async function evaluate(test: Case): Promise<Expected> {
  const graph = test.backward() ?? test.forward();
  const outputs = await runOnce(await referenceDevice(), graph, {}, test.feeds);
  return { outputs, bounds: test.judged === 'exact' ? {} : await boundsOf(graph, {}, test.feeds) };
}

/**
 * The bounds of a graph's outputs, by their names.
 * @throws Error when a comparison in the graph could turn by rounding: then no bound holds
 */
export async function boundsOf(graph: Graph, state: Tensors, feeds: Tensors): Promise<Tensors> {
  const primitive = decompose(graph, () => true);
  const all = await runOnce(await referenceDevice(), errorBounds(primitive), state, feeds);
  const close = Object.entries(all).filter(
    ([name, { data }]) => name.startsWith('undecided/') && data[0] !== 0,
  );
  if (close.length > 0) throw new Error(`${graph.name}: its data stand too close to a kink to be judged`);
  return Object.fromEntries(
    Object.entries(all).flatMap(([name, bound]) =>
      name.startsWith('bound/') ? [[name.slice(6), bound]] : [],
    ),
  );
}
