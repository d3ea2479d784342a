import { dimOf, shape2, shape4 } from '@isonet/core';
import { instead, operands, rising, rounded } from '../devices.js';
/** A matrix, or each of a batch of them. */
function isSquare({ shape }) {
  const [rows, columns] = shape2(shape.slice(-2));
  return rows === columns;
}
export const wrongArrays = {
  'biasAdd: forgotten': instead('biasAdd', (_, [x]) => [x]),
  'reduceSum: no axes taken for all': instead('reduceSum', (b, [x], { attrs }) => {
    if (attrs.axes.length > 0) return undefined;
    const all = b.op.reduceSum(x, { axes: x.shape.map((_, axis) => axis) });
    return [b.op.broadcast(all, { shape: x.shape })];
  }),
  'select: by multiplication': instead('select', (b, [condition, x, y]) => {
    const [one, none] = [b.fill(1, x.shape), b.fill(0, x.shape)];
    const chosen = b.op.mul(b.op.select(condition, one, none), x);
    return [b.op.add(chosen, b.op.mul(b.op.select(condition, none, one), y))];
  }),
  'randomUniform: another stream': instead('randomUniform', (b, [random], { attrs }) => [
    b.op.randomUniform(random, { ...attrs, stream: attrs.stream + 1 }),
  ]),
  'argMax: the last of a tie': operands('argMax', (b, [x]) => [rising(b, x)]),
  'cast: to the nearest': instead('cast', (b, [x], { attrs }) => {
    if (attrs.to !== 'int32' || x.dtype !== 'float32') return undefined;
    const up = b.op.greater(x, b.fill(0, x.shape));
    const half = b.op.select(up, b.fill(0.5, x.shape), b.fill(-0.5, x.shape));
    return [b.op.cast(b.op.add(x, half), attrs)];
  }),
  'concat: the last input first': operands('concat', (_, inputs) => [
    ...inputs.slice(-1),
    ...inputs.slice(0, -1),
  ]),
  'gather: negative indices count from the end': instead('gather', (b, [x, indices], { attrs }) => {
    const places = b.op.cast(indices, { to: 'float32' });
    const none = b.fill(0, places.shape);
    const ends = b.fill(dimOf(x.shape, attrs.axis), places.shape);
    const counted = b.op.add(places, b.op.select(b.op.greater(none, places), ends, none));
    return [b.op.gather(x, b.op.cast(counted, { to: 'int32' }), attrs)];
  }),
  'gather: the nearest entry for an index outside': instead('gather', (b, [x, indices], { attrs }) => {
    const places = b.op.cast(indices, { to: 'float32' });
    const nearest = b.op.clip(places, { low: 0, high: dimOf(x.shape, attrs.axis) - 1 });
    return [b.op.gather(x, b.op.cast(nearest, { to: 'int32' }), attrs)];
  }),
  'batchMatMul: the first y for every x': operands('batchMatMul', (b, [x, y]) => {
    const first = b.op.slice(y, { starts: [0, 0, 0], sizes: y.shape.with(0, 1) });
    return [x, b.op.broadcast(first, { shape: y.shape })];
  }),
  'batchMatMul: a square matrix is never transposed': instead('batchMatMul', (b, [x, y], { attrs }) => [
    b.op.batchMatMul(x, y, {
      transposeA: attrs.transposeA && !isSquare(x),
      transposeB: attrs.transposeB && !isSquare(y),
    }),
  ]),
  'matMul: inputs in TF32': operands('matMul', (b, inputs) => inputs.map((input) => rounded(b, input, 11))),
  'matMul: a square matrix is never transposed': instead('matMul', (b, [x, y], { attrs }) => [
    b.op.matMul(x, y, {
      transposeA: attrs.transposeA && !isSquare(x),
      transposeB: attrs.transposeB && !isSquare(y),
    }),
  ]),
  'pad: by zeros': instead('pad', (b, [x], { attrs }) => [b.op.pad(x, { ...attrs, value: 0 })]),
  'transpose: the inverse permutation': instead('transpose', (b, [x], { attrs: { permutation } }) => {
    const inverse = permutation.map((_, axis) => permutation.indexOf(axis));
    const shape = permutation.map((axis) => dimOf(x.shape, axis));
    return [b.op.reshape(b.op.transpose(x, { permutation: inverse }), { shape })];
  }),
  'upsampleNearest2d: whole images side by side': instead('upsampleNearest2d', (b, [x], { attrs }) => {
    const [n, c, h, w] = shape4(x.shape);
    const [down, right] = attrs.scales;
    const single = b.op.reshape(x, { shape: [n * c, 1, h, 1, w] });
    const copies = b.op.broadcast(single, { shape: [n * c, down, h, right, w] });
    return [b.op.reshape(copies, { shape: [n, c, h * down, w * right] })];
  }),
};
//# sourceMappingURL=arrays.js.map
