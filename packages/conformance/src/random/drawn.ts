// The cases that random checks draw. The package exports types from this file, so it uses none of fast-check.
import { type AttrsOf, type OpName, type Shape, shapeText, type Tensor } from '@isonet/core';
import { type Case, exact, node } from '../case/case.ts';

/** The options of random checks. */
export interface RandomOptions {
  /** Cases per op, default 25: about a second on a device that takes 20 ms per graph. */
  readonly runs?: number;
  /** Another seed draws other cases. */
  readonly seed?: number;
  /** The path of a reported failure: repeats that case alone. It is valid for one check and its seed. */
  readonly path?: string;
}

/** A case that was drawn, and its geometry in one line. */
export interface Drawn {
  readonly test: Case;
  readonly text: string;
}

interface Details {
  /** Default {@link exact}. */
  readonly define?: typeof exact;
  readonly kinked?: boolean;
  /** Goes into the text, between the shapes and the attributes. */
  readonly data?: Geometry;
}

type Geometry = Readonly<Record<string, Shape | number | boolean>>;

/** The case of a single node on these feeds, described by its shapes and attributes. */
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
    .map(([name, of]) => `${name} ${typeof of === 'object' ? shapeText(of) : of}`)
    .join(', ');
}
