// The types that follow from the one table of ops, ops/index.ts.
import type { Value } from '../builder.ts';
import type { Attrs, Composite, Primitive } from './definition.ts';
import * as ops from './index.ts';

type Table = typeof ops;
export type OpName = keyof Table;
export type PrimitiveOp = { [K in OpName]: Table[K]['kind'] extends 'primitive' ? K : never }[OpName];
export type CompositeOp = Exclude<OpName, PrimitiveOp>;
type SignatureOf<K extends OpName> = NonNullable<Table[K]['signature']>;
export type AttrsOf<K extends OpName> = SignatureOf<K>['attrs'];
export type InputsOf<K extends OpName> = SignatureOf<K>['inputs'];
export type OutputsOf<K extends OpName> = SignatureOf<K>['outputs'];

/** An op's definition with its particular types forgotten: what passes work with. */
export type AnyDefinition =
  Primitive<Attrs, readonly Value[], readonly Value[]> | Composite<Attrs, readonly Value[], readonly Value[]>;

const table: Readonly<Record<OpName, AnyDefinition>> = ops;

/** Every op's name, in alphabetical order. */
export const opNames: readonly OpName[] = (Object.keys(ops) as OpName[]).toSorted();

export function definitionOf(op: OpName): AnyDefinition {
  return table[op];
}

/** Whether a name that came from outside (a JSON file, a command line) is an op. */
export function isOpName(name: string): name is OpName {
  return Object.hasOwn(ops, name);
}
