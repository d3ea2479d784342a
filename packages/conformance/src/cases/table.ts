// Cases and faults by op: an op without cases or without faults does not compile.
import type { OpName } from '@isonet/core';
import { opNames } from '@isonet/core';
import type { Case } from '../case.ts';
import type { Fault } from '../faults/planted/fault.ts';
import { combinations } from './combinations.ts';
import * as ops from './index.ts';

/** What `cases/<op>.ts` exports. */
interface Tested<K extends OpName> {
  readonly cases: readonly Case[];
  /** How a kernel of it may be wrong. */
  readonly faults: readonly Fault<K>[];
}

const tested: { readonly [K in OpName]: Tested<K> } = ops;

export const casesOf: Readonly<Record<OpName, readonly Case[]>> = Object.fromEntries(
  opNames.map((op) => [op, tested[op].cases]),
  // fromEntries forgets which names there are.
) as Record<OpName, readonly Case[]>;

/** Of every op, and of ops side by side. */
export const cases: readonly Case[] = [...opNames.flatMap((op) => casesOf[op]), ...combinations];

/** The faults that a kernel of this op may have. */
export function faultsOf(op: OpName): readonly Fault[] {
  // Each takes nodes of its own op alone, and gets no others; TypeScript cannot follow the two unions side by side.
  return tested[op].faults as readonly Fault[];
}
