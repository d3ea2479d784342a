// The formula of every composite: a composite without a formula is a type error.
import type { AttrsOf, CompositeOp, OpName } from '@isonet/core';
import { activations } from './activations.ts';
import { arrays } from './arrays.ts';
import type { Formulas, Operand } from './formula.ts';
import { losses } from './losses.ts';
import { normalizations } from './normalizations.ts';
import { updates } from './updates.ts';

const table: Formulas<CompositeOp> = {
  ...activations,
  ...arrays,
  ...losses,
  ...normalizations,
  ...updates,
};

/** A formula without the static types of its op. */
type AnyFormula = (inputs: readonly Operand[], attrs: AttrsOf<OpName>) => readonly (readonly number[])[];

/** Returns the formula of a composite; undefined for a primitive. */
export function formulaOf(op: OpName): AnyFormula | undefined {
  const formula = table[op as CompositeOp] as Formulas<CompositeOp>[CompositeOp] | undefined;
  // Callers pass operands of the same op; the types cannot express that.
  return formula as AnyFormula | undefined;
}
