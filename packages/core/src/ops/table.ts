// The definitions by op name. A missing or mismatched definition is a compile error.
import type { AnyDefinition, Definition, Fail } from './definition.ts';
import * as ops from './index.ts';
import type { OpName } from './signatures.ts';

const typed: { readonly [K in OpName]: Definition<K> } = ops;
const table: Readonly<Record<OpName, AnyDefinition>> = typed;

/** The names of all ops, in alphabetical order. */
export const opNames: readonly OpName[] = (Object.keys(ops) as OpName[]).toSorted();

/** Returns the definition of an op, without its specific types. */
export function definitionOf(op: OpName): AnyDefinition {
  return table[op];
}

/** Checks the number of inputs. @throws the error of `fail` if the op does not accept that number */
export function checkArity({ inputs }: AnyDefinition, count: number, fail: Fail): void {
  const variadic = inputs.some((name) => name.startsWith('...'));
  if (variadic ? count >= inputs.length : count === inputs.length) return;
  throw fail(`expected inputs (${inputs.join(', ')}), got ${count}`);
}

/** Returns true if an untrusted name (from a JSON file or a command line) is the name of an op. */
export function isOpName(name: string): name is OpName {
  return Object.hasOwn(ops, name);
}
