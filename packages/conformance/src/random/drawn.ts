// The cases that random checks draw. The package exports types from this file, so it must not mention types of fast-check.
import { type AttrsOf, type OpName, type Shape, shapeText, type Tensor } from '@isonet/core';
import { type Case, exact, node } from '../case/case.ts';

/** The options of random checks. */
export interface RandomOptions {
  /** Cases per op, default 25: about a second on a device that takes 20 ms per graph. */
  readonly runs?: number;
  /** The seed of the cases; a different seed draws different cases. */
  readonly seed?: number;
  /** The path of a reported failure; only that case is run. It is valid only with the check and the seed of the report. */
  readonly path?: string;
}

/** A drawn case, and its geometry in one line. */
export interface Drawn {
  readonly test: Case;
  readonly text: string;
}

interface Details {
  /** Defines the case; default {@link exact}. */
  readonly define?: typeof exact;
  readonly kinked?: boolean;
  /** Appears in the text between the shapes and the attributes. */
  readonly data?: Geometry;
}

type Geometry = Readonly<Record<string, Shape | number | boolean>>;

/** Returns the case of a single node on these feeds, described by its shapes and attributes. */
export function drawnNode<Op extends OpName>(
  op: Op,
  feeds: Readonly<Record<string, Tensor>>,
  attrs: AttrsOf<Op> & Geometry,
  { define = exact, kinked = false, data = {} }: Details = {},
): Drawn {
  const shapes = Object.fromEntries(Object.entries(feeds).map(([name, { shape }]) => [name, shape]));
  return {
    test: define(`${op}/random`, feeds, node(op, attrs), { kinked }),
    text: textOf({ ...shapes, ...data, ...attrs }),
  };
}

/** `x [1, 2, 3, 3], strides [2, 1], groups 1` */
export function textOf(geometry: Geometry): string {
  return Object.entries(geometry)
    .map(([name, value]) => `${name} ${typeof value === 'object' ? shapeText(value) : value}`)
    .join(', ');
}
