// reduceSum(x), reduceMax(x): the sum or maximum over `axes`, which keep size 1. `x: [N, K], axes [1] -> [N, 1]`
// A thread combines at most TERMS elements. A longer row leaves partial results, which the next level, another
// dispatch, combines. Therefore the error of a sum grows with the number of levels, not with the number of elements.
// The order is fixed, and neither atomics nor workgroup memory are needed.
import { sizeOf } from '@isonet/core';
import type { Shape } from '@isonet/core';
import type { Axis } from './axes.ts';
import { axesOf, mergedAxes, offsetFunction } from './axes.ts';
import type { Dispatch, Element, Kernel, Operand } from './kernel.ts';
import { dispatch, temporary, u32 } from './kernel.ts';
import { RANKS } from './rank.ts';

const TERMS = 64;

/** A way to combine two elements into one. */
export type Combine = 'sum' | 'max';

/** The WGSL expression of `a` and `b` for each way to combine, and the element type that it reads. */
const combinations = {
  sum: { expression: 'a + b', element: 'f32' },
  max: { expression: 'select(a, b, rank(b) > rank(a))', element: 'u32' },
} as const satisfies Record<Combine, { readonly expression: string; readonly element: Element }>;

export const reduceSum: Kernel<'reduceSum'> = reduction('sum');
export const reduceMax: Kernel<'reduceMax'> = reduction('max');

function reduction(combine: Combine): Kernel<'reduceSum' | 'reduceMax'> {
  return ({ attrs: { axes } }, { inputs: [x], outputs: [y] }) => {
    if (axes.every((axis) => x.shape[axis] === 1)) return { aliasOf: x };
    return reduce({ from: x, to: y, shape: x.shape, axes, combine, temporaries: 0 });
  };
}

export interface Reduction {
  readonly from: Operand;
  readonly to: Operand;
  /** The shape of `from`. */
  readonly shape: Shape;
  readonly axes: readonly number[];
  readonly combine: Combine;
  /** The number of temporaries that the node already uses. */
  readonly temporaries: number;
}

export function reduce({ from, to, shape, axes, combine, temporaries }: Reduction): readonly Dispatch[] {
  const all = axesOf(shape);
  const kept = mergedAxes(all.filter((_, axis) => !axes.includes(axis)));
  const reduced = mergedAxes(all.filter((_, axis) => axes.includes(axis)));
  const rows = size(kept);
  const parts = Math.ceil(size(reduced) / TERMS);
  if (parts === 1) return [level(from, to, kept, reduced, parts, combine)];
  const partial = temporary(temporaries, rows * parts);
  return [
    level(from, partial, kept, reduced, parts, combine),
    ...reduce({
      from: partial,
      to,
      shape: [rows, parts],
      axes: [1],
      combine,
      temporaries: temporaries + 1,
    }),
  ];
}

/** Builds one level, `from -> to: [rows, parts]`. Part p of a row combines its elements p, p + parts, p + 2 parts, ... */
function level(
  from: Operand,
  to: Operand,
  kept: readonly Axis[],
  reduced: readonly Axis[],
  parts: number,
  combine: Combine,
): Dispatch {
  const { expression, element } = combinations[combine];
  const row = offsetFunction('row', kept);
  const term = offsetFunction('term', reduced);
  return dispatch({
    reads: { x: [from, element] },
    writes: { y: [to, element] },
    params: { parts: u32(parts), terms: u32(size(reduced)), ...row.params, ...term.params },
    threads: size(kept) * parts,
    functions: [row.source, term.source, ...(combine === 'max' ? [RANKS] : [])].join('\n'),
    body: `let start = row(i / params.parts);
  let part = i % params.parts;
  var a = x[start + term(part)];
  for (var t = part + params.parts; t < params.terms; t += params.parts) {
    let b = x[start + term(t)];
    a = ${expression};
  }
  y[i] = a;`,
  });
}

function size(axes: readonly Axis[]): number {
  return sizeOf(axes.map((axis) => axis.size));
}
