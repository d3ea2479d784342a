// The mutants of every op: an op without an entry is a type error.
import type { OpName } from '@isonet/core';
import { opNames } from '@isonet/core';
import type { Mutant, Mutants } from './mutant.ts';
import { activations } from './ops/activations.ts';
import { arithmetic } from './ops/arithmetic.ts';
import { choices } from './ops/choices.ts';
import { convolutions } from './ops/convolutions.ts';
import { losses } from './ops/losses.ts';
import { normalizations } from './ops/normalizations.ts';
import { poolings } from './ops/poolings.ts';
import { products } from './ops/products.ts';
import { random } from './ops/random.ts';
import { rearrangements } from './ops/rearrangements.ts';
import { reductions } from './ops/reductions.ts';
import { updates } from './ops/updates.ts';

const table: Mutants<OpName> = {
  ...activations,
  ...arithmetic,
  ...choices,
  ...convolutions,
  ...losses,
  ...normalizations,
  ...poolings,
  ...products,
  ...random,
  ...rearrangements,
  ...reductions,
  ...updates,
};

/** A mutant and its op, without the op's static types. */
export interface NamedMutant extends Mutant {
  readonly op: OpName;
  /** `conv2d: a dropped tap` */
  readonly fullName: string;
}

export const mutants: readonly NamedMutant[] = opNames.flatMap((op) =>
  // A mutant only runs on nodes of its own op; the types cannot express that.
  (table[op] as readonly Mutant[]).map((mutant) => ({ ...mutant, op, fullName: `${op}: ${mutant.name}` })),
);

/** @throws Error when there is no mutant `conv2d: a dropped tap` */
export function mutantNamed(fullName: string): NamedMutant {
  const found = mutants.find((mutant) => mutant.fullName === fullName);
  if (!found) throw new Error(`there is no mutant "${fullName}"`);
  return found;
}
