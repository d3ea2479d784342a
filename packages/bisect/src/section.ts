// Runs sections of a problem's graph.
import type { Section } from '@isonet/conformance/judging';
import { runOnce, tensorNamed, valueName } from '@isonet/conformance/judging';
import type { Device, Named, Tensor, Tensors, ValueId } from '@isonet/core';
import { defined } from '@isonet/core';
import type { Problem } from './problem.ts';

/** Values of a graph, by their id. */
export type Values = ReadonlyMap<ValueId, Tensor>;

/**
 * Returns the state and the feeds for a run of a section.
 * @param values the values at its borders, and possibly others
 */
export function inputsFor(
  { graph, borders }: Section,
  { state, feeds }: Problem,
  values: Values,
): { readonly state: Tensors; readonly feeds: Tensors } {
  const crossing = borders.map(
    (value) => [valueName(value), defined(values.get(value), `%${value}`)] as const,
  );
  return {
    state: picked(state, graph.state),
    feeds: picked({ ...feeds, ...Object.fromEntries(crossing) }, graph.inputs),
  };
}

/** Runs a section once. @returns the values read */
export async function evaluate(
  device: Device,
  part: Section,
  problem: Problem,
  values: Values,
): Promise<Values> {
  const { state, feeds } = inputsFor(part, problem, values);
  return valuesRead(part, await runOnce(device, part.graph, state, feeds));
}

/** Returns the outputs of a section by their value ids in the whole graph. */
export function valuesRead({ reads }: Section, outputs: Tensors): Values {
  return new Map(reads.map((value) => [value, tensorNamed(outputs, valueName(value))]));
}

function picked(tensors: Tensors, entries: readonly Named[]): Tensors {
  return Object.fromEntries(entries.map(({ name }) => [name, tensorNamed(tensors, name)]));
}
