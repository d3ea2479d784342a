// The table of all cases. An op without cases does not compile.
import { type OpName, opNames } from '@isonet/core';
import type { Case } from '../case/case.ts';
import { combinations } from './combinations.ts';
import * as ops from './index.ts';

type Table = Readonly<Record<OpName, { readonly cases: readonly Case[] }>>;

const table: Table = ops;

/** The cases of each op, by the op's name. */
export const casesOf: Readonly<Record<OpName, readonly Case[]>> = Object.fromEntries(
  opNames.map((op) => [op, entryOf(op).cases]),
  // The type of Object.fromEntries forgets the keys.
) as Record<OpName, readonly Case[]>;

/** All cases: those of each op, then combinations of ops. */
export const cases: readonly Case[] = [...opNames.flatMap((op) => casesOf[op]), ...combinations];

/** @throws Error for an op without cases, which only code that was not type-checked can reach */
function entryOf(op: OpName): Table[OpName] {
  if (Object.hasOwn(table, op)) return table[op];
  throw new Error(
    `${op} has no cases: export them from packages/conformance/src/cases/index.ts, then run npx tsc -b`,
  );
}
