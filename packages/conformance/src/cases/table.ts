// The table of all cases. An op without cases is a type error.
import { type OpName, opNames } from '@isonet/core';
import type { Case } from '../case/case.ts';
import { combinations } from './combinations.ts';
import * as ops from './index.ts';

type Table = Readonly<Record<OpName, { readonly cases: readonly Case[] }>>;

const table: Table = ops;

/** The cases of each op, by the op's name. */
export const casesOf: Readonly<Record<OpName, readonly Case[]>> = Object.fromEntries(
  opNames.map((op) => [op, entryOf(op).cases]),
  // The type of Object.fromEntries loses the keys.
) as Record<OpName, readonly Case[]>;

/** All cases: those of each op, then combinations of ops. */
export const cases: readonly Case[] = [...opNames.flatMap((op) => casesOf[op]), ...combinations];

/** @throws Error if the op has no cases, which only code that bypasses the type checker can cause */
function entryOf(op: OpName): Table[OpName] {
  if (Object.hasOwn(table, op)) return table[op];
  throw new Error(
    `${op} has no cases: export them from packages/conformance/src/cases/index.ts, then run npx tsc -b`,
  );
}
