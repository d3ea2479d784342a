// The template of all elementwise ops: one thread per value. An input of one value is read by every thread, so a number
// that was broadcast need not be written out (see lower.ts).
import { sizeOf } from '@isonet/core';
import type { Binding, Element, KernelContext, Lowered, Param } from './kernel.ts';
import { dispatch, input, output, u32 } from './kernel.ts';

export interface Elementwise {
  /** The inputs, in the op's order, by their names in the expressions. */
  readonly inputs: Readonly<Record<string, Element>>;
  /** One WGSL expression per output, of the inputs' values, `params.<name>` and the position `i`. */
  readonly outputs: readonly (readonly [element: Element, expression: string])[];
  readonly params?: Readonly<Record<string, Param>>;
  readonly functions?: string;
}

export function elementwise(
  context: KernelContext,
  { inputs, outputs, params = {}, functions }: Elementwise,
): Lowered {
  const threads = sizeOf(context.outputs[0]?.shape ?? []);
  const names = Object.keys(inputs);
  const reads = Object.entries(inputs).map(([name, element], i): [string, Binding] => [
    `${name}_in`,
    [input(i), element],
  ]);
  const strides = names.map((name, i) => {
    const size = sizeOf(context.inputs[i]?.shape ?? []);
    return [`${name}_stride`, u32(size === 1 ? 0 : 1)] as const;
  });
  const writes = outputs.map(([element], i): [string, Binding] => [`out${i}`, [output(i), element]]);
  return [
    dispatch({
      reads: Object.fromEntries(reads),
      writes: Object.fromEntries(writes),
      params: { ...Object.fromEntries(strides), ...params },
      threads,
      takesSingles: true,
      ...(functions === undefined ? {} : { functions }),
      body: [
        ...names.map((name) => `let ${name} = ${name}_in[i * params.${name}_stride];`),
        ...outputs.map(([, expression], i) => `out${i}[i] = ${expression};`),
      ].join('\n  '),
    }),
  ];
}

/** An op of floats that gives a float: `unary(context, 'exp(x)')`. */
export function unary(context: KernelContext, expression: string): Lowered {
  return elementwise(context, { inputs: { x: 'f32' }, outputs: [['f32', expression]] });
}

/** An op of two floats that gives a float: `binary(context, 'x + y')`. */
export function binary(context: KernelContext, expression: string): Lowered {
  return elementwise(context, { inputs: { x: 'f32', y: 'f32' }, outputs: [['f32', expression]] });
}
