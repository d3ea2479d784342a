// Resize (operator set 10 and later) and Upsample (7 and 9), one axis at a time.
import type { Value } from '@isonet/core';
import { dimOf, sizeOf } from '@isonet/core';
import { indexCount } from '../../host/budget.ts';
import type { NodeReader, ReadOp, ReadOps } from '../../node.ts';
import type { Operand } from '../../operand.ts';
import { Known } from '../../operand.ts';
import { pickedAlong } from '../layout/picked.ts';
import type { Nearest, Scaling } from './coordinates.ts';
import { coordinateOf, nearestOf, oldNearest } from './coordinates.ts';
import type { Interpolation } from './interpolation.ts';
import { interpolationMatrix } from './interpolation.ts';
import { scalingsOf } from './scalings.ts';

const Resize: ReadOp = (node) => {
  const { attributes, opset } = node;
  const mode = attributes.string('mode', 'nearest');
  const transformation = attributes.string(
    'coordinate_transformation_mode',
    opset < 11 ? 'asymmetric' : 'half_pixel',
  );
  const scalings = scalingsOf(node);
  const coordinate = coordinateOf(node, transformation);
  attributes.ignore('extrapolation_value'); // Only for tf_crop_and_resize.
  const named = attributes.string('nearest_mode', 'round_prefer_floor');
  const interpolation = {
    coordinate,
    cubic: attributes.float('cubic_coeff_a', -0.75),
    excludesOutside: attributes.int('exclude_outside', 0) !== 0,
    antialias: attributes.int('antialias', 0) !== 0,
  };
  if (mode === 'nearest') {
    if (interpolation.antialias) throw node.fail('antialias requires mode linear or cubic');
    const nearest = opset < 11 ? oldNearest : nearestOf(node, named);
    return copied(node, scalings, (i, scaling) => nearest(coordinate(i, scaling), scaling));
  }
  if (mode !== 'linear' && mode !== 'cubic') throw node.fail(`unknown mode ${mode}`);
  return interpolated(node, scalings, { ...interpolation, mode });
};

const Upsample: ReadOp = (node) => {
  const mode = node.attributes.string('mode', 'nearest');
  const scalings = scalingsOf(node);
  const coordinate = coordinateOf(node, 'asymmetric');
  if (mode === 'nearest') return copied(node, scalings, (i, scaling) => Math.floor(coordinate(i, scaling)));
  if (mode !== 'linear') throw node.fail(`unknown mode ${mode}`);
  return interpolated(node, scalings, {
    mode,
    coordinate,
    cubic: 0,
    excludesOutside: false,
    antialias: false,
  });
};

export const resize: ReadOps = { Resize, Upsample };

/** Resizes by copying: each pixel of the result is a copy of one in the original. */
function copied(node: NodeReader, scalings: readonly Scaling[], at: Nearest): Operand {
  const indices = scalings.map((scaling) =>
    Array.from({ length: indexCount(node, scaling.to) }, (_, i) =>
      Math.min(Math.max(at(i, scaling), 0), scaling.from - 1),
    ),
  );
  const factors = indices.map((list, axis) => integerFactor(list, dimOf(node.shape(0), axis)));
  const [n, c, vertical, horizontal] = factors;
  const x = node.input(0);
  if (n === 1 && c === 1 && vertical !== undefined && horizontal !== undefined && factors.length === 4) {
    if (!(x instanceof Known) && x.dtype === 'float32') {
      return node.op.upsampleNearest2d(x, { scales: [vertical, horizontal] });
    }
  }
  return indices.reduce<Operand>((result, list, axis) => pickedAlong(node, result, axis, list), x);
}

/**
 * Returns how often each entry is repeated, if all entries are repeated equally often and in order; otherwise
 * undefined.
 */
function integerFactor(indices: readonly number[], size: number): number | undefined {
  const factor = indices.length / size;
  return Number.isInteger(factor) && indices.every((index, i) => index === Math.floor(i / factor))
    ? factor
    : undefined;
}

/** Resizes by multiplying by a constant matrix along each axis that changes. */
function interpolated(node: NodeReader, scalings: readonly Scaling[], how: Interpolation): Value {
  return scalings.reduceRight((x, scaling, axis) => {
    const { from, to, exact } = scaling;
    if (from === to && exact === from) return x;
    return productAlong(node, x, axis, node.constant(interpolationMatrix(node, scaling, how)));
  }, node.float(0));
}

/** Multiplies each line of x along an axis by the matrix. `x: [.., from, ..], m: [to, from] -> [.., to, ..]` */
function productAlong({ op }: NodeReader, x: Value, axis: number, m: Value): Value {
  const from = dimOf(x.shape, axis);
  const order = [...x.shape.keys()].toSpliced(axis, 1);
  order.push(axis);
  const isLast = axis === x.shape.length - 1;
  const lines = isLast ? x : op.transpose(x, { permutation: order });
  const rows = op.reshape(lines, { shape: [sizeOf(x.shape) / from, from] });
  const product = op.matMul(rows, m, { transposeA: false, transposeB: true });
  const full = op.reshape(product, { shape: [...lines.shape.slice(0, -1), dimOf(m.shape, 0)] });
  if (isLast) return full;
  return op.transpose(full, { permutation: [...x.shape.keys()].map((at) => order.indexOf(at)) });
}
