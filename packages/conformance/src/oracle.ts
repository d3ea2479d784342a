// The float64 oracle: the reference's results for a case and the bounds around them, computed once per process.
import { reference } from '@isonet/backend-reference';
import type { Device, Graph, Program, Tensors } from '@isonet/core';
import { decompose } from '@isonet/core';
import type { Case } from './case/case.ts';
import { errorBounds } from './rounding/bounds.ts';

/** Returns a function that calls `make` on its first call and returns that result on every call. */
export function lazily<T>(make: () => T): () => T {
  let kept: { readonly value: T } | undefined;
  return () => (kept ??= { value: make() }).value;
}

/** Opens the reference's device on the first call; returns the same device on every call. */
export const referenceDevice: () => Promise<Device> = lazily(() => reference.open());

/** Compiles a graph, runs it once and disposes the program. */
export async function runOnce(
  device: Device,
  graph: Graph,
  state: Tensors,
  feeds: Tensors,
): Promise<Tensors> {
  return await runProgram(device, await device.compile(graph), state, feeds);
}

/** Runs a program once and disposes it. */
export async function runProgram(
  device: Device,
  program: Program,
  state: Tensors,
  feeds: Tensors,
): Promise<Tensors> {
  await using compiled = program;
  await using held = await device.createState(state);
  return await compiled.run(held, feeds).read();
}

export interface Expected {
  readonly outputs: Tensors;
  /** By output name; an output without a bound must be exact. */
  readonly bounds: Tensors;
}

const known = new WeakMap<Case, Promise<Expected>>();

/**
 * Returns the outputs of a case's backward graph (of its forward graph if it has no gradient) and, for a bounded
 * case, their bounds.
 */
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
 * Returns the bounds of a graph's outputs, by name.
 * @throws Error if rounding could flip a comparison in the graph, because no bound is valid then
 */
export async function boundsOf(graph: Graph, state: Tensors, feeds: Tensors): Promise<Tensors> {
  const primitive = decompose(graph, () => true);
  const all = await runOnce(await referenceDevice(), errorBounds(primitive), state, feeds);
  const close = Object.entries(all).filter(
    ([name, { data }]) => name.startsWith('undecided/') && data[0] !== 0,
  );
  if (close.length > 0) throw new Error(`${graph.name}: the data are too close to a kink to be judged`);
  return Object.fromEntries(
    Object.entries(all).flatMap(([name, bound]) =>
      name.startsWith('bound/') ? [[name.slice(6), bound]] : [],
    ),
  );
}
