// The definitions by op name. A signature without a definition, or a definition of another form, does not compile.
import type { AnyDefinition, Definition, Fail } from './definition.ts';
import * as ops from './index.ts';
import type { OpName } from './signatures.ts';

const typed: { readonly [K in OpName]: Definition<K> } = ops;
const table: Readonly<Record<OpName, AnyDefinition>> = typed;

/** Every op's name, in alphabetical order. */
export const opNames: readonly OpName[] = (Object.keys(ops) as OpName[]).toSorted();

/** The definition of an op, its particular types forgotten. */
export function definitionOf(op: OpName): AnyDefinition {
  return table[op];
}

/** @throws what `fail` makes when an op does not take this number of inputs */
export function checkArity({ inputs }: AnyDefinition, count: number, fail: Fail): void {
  const variadic = inputs.some((name) => name.startsWith('...'));
  if (variadic ? count >= inputs.length : count === inputs.length) return;
  throw fail(`expected inputs (${inputs.join(', ')}), got ${count}`);
}

/** Whether a name that came from outside (a JSON file, a command line) is an op. */
export function isOpName(name: string): name is OpName {
  return Object.hasOwn(ops, name);
}
