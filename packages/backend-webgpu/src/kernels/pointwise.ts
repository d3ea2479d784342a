// The template for all pointwise ops, with one thread per element. If an input has a single element, every thread reads
// that element, so a broadcast scalar is never materialized (see lower.ts).
import { sizeOf } from '@isonet/core';
import type { Binding, Element, Lowered, NodeTensor, Param } from './kernel.ts';
import { dispatch, u32 } from './kernel.ts';

export interface Pointwise {
  /** The inputs, by their names in the expressions. */
  readonly reads: Readonly<Record<string, readonly [x: NodeTensor, element: Element]>>;
  /** The outputs, each with a WGSL expression of the inputs' elements, `params.<name>` and the position `i`. */
  readonly writes: readonly [PointwiseOutput, ...PointwiseOutput[]];
  readonly params?: Readonly<Record<string, Param>>;
  /** WGSL functions that the expressions call. */
  readonly functions?: string;
}

type PointwiseOutput = readonly [y: NodeTensor, element: Element, expression: string];

export function pointwise({ reads, writes, params, functions }: Pointwise): Lowered {
  const [[{ shape }]] = writes;
  const names = Object.keys(reads);
  const bindings = Object.entries(reads).map(([name, binding]): [string, Binding] => [`${name}_in`, binding]);
  const strides = Object.entries(reads).map(
    ([name, [x]]) => [`${name}_stride`, u32(sizeOf(x.shape) === 1 ? 0 : 1)] as const,
  );
  return [
    dispatch({
      reads: Object.fromEntries(bindings),
      writes: Object.fromEntries(writes.map(([y, element], i) => [`out${i}`, [y, element]])),
      params: { ...Object.fromEntries(strides), ...params },
      threads: sizeOf(shape),
      acceptsScalars: true,
      ...(functions === undefined ? {} : { functions }),
      body: [
        ...names.map((name) => `let ${name} = ${name}_in[i * params.${name}_stride];`),
        ...writes.map(([, , expression], i) => `out${i}[i] = ${expression};`),
      ].join('\n  '),
    }),
  ];
}
