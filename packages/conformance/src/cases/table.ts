// Cases, faults and formulas by op: an op without cases or faults, or a composite without a formula, does not compile.
import type { AttrsOf, CompositeOp, OpName } from '@isonet/core';
import { opNames } from '@isonet/core';
import type { Case } from '../case.ts';
import type { Fault } from '../faults/planted/fault.ts';
import type { Formula, Numbers } from '../formula.ts';
import { combinations } from './combinations.ts';
import * as ops from './index.ts';

/** What `cases/<op>.ts` exports. */
interface Tested<K extends OpName> {
  readonly cases: readonly Case[];
  /** How a kernel of it may be wrong. */
  readonly faults: readonly Fault<K>[];
}

interface TestedComposite<K extends CompositeOp> extends Tested<K> {
  /** What its decomposition computes. */
  readonly formula: Formula<K>;
}

type Table = { readonly [K in OpName]: K extends CompositeOp ? TestedComposite<K> : Tested<K> };

const tested: Table = ops;

/** The cases of each op, by its name. */
export const casesOf: Readonly<Record<OpName, readonly Case[]>> = Object.fromEntries(
  opNames.map((op) => [op, entryOf(op).cases]),
  // fromEntries forgets which names there are.
) as Record<OpName, readonly Case[]>;

/** Of every op, and of ops side by side. */
export const cases: readonly Case[] = [...opNames.flatMap((op) => casesOf[op]), ...combinations];

/** The faults that a kernel of this op may have. */
export function faultsOf(op: OpName): readonly Fault[] {
  // Each takes nodes of its own op alone, and gets no others; TypeScript cannot follow the two unions side by side.
  return entryOf(op).faults as readonly Fault[];
}

/** A formula with its op's particular types forgotten. */
export type AnyFormula = (
  inputs: readonly Numbers[],
  attrs: AttrsOf<OpName>,
) => readonly (readonly number[])[];

/** The formula of a composite; undefined for a primitive. */
export function formulaOf(op: OpName): AnyFormula | undefined {
  const entry = entryOf(op);
  // As with faults: it gets what its own op has.
  return 'formula' in entry ? (entry.formula as AnyFormula) : undefined;
}

/** @throws Error for an op without an entry: what runs without being compiled gets here */
function entryOf<K extends OpName>(op: K): Table[K] {
  if (Object.hasOwn(tested, op)) return tested[op];
  throw new Error(
    `${op} has no cases: export them from packages/conformance/src/cases/index.ts, then run npx tsc -b`,
  );
}
