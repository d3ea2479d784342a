// Wrong products, reductions, choices and rearrangements.
import type { Value } from '@isonet/core';
import type { Replace } from '../devices.ts';
import { operands, rising, rounded } from '../devices.ts';

export const wrongArrays: Readonly<Record<string, Replace>> = {
  'biasAdd: forgotten': (_, node, [x]) => (node.op === 'biasAdd' && x ? [x] : undefined),
  'reduceSum: no axes taken for all': (b, node, [x]) => {
    if (node.op !== 'reduceSum' || !x || node.attrs.axes.length > 0) return undefined;
    const all = b.op.reduceSum(x, { axes: x.shape.map((_, axis) => axis) });
    return [b.op.broadcast(all, { shape: x.shape })];
  },
  'select: by multiplication': (b, node, [condition, x, y]) => {
    if (node.op !== 'select' || !condition || !x || !y) return undefined;
    const [one, none] = [b.fill(1, x.shape), b.fill(0, x.shape)];
    const chosen = b.op.mul(b.op.select(condition, one, none), x);
    return [b.op.add(chosen, b.op.mul(b.op.select(condition, none, one), y))];
  },
  'randomUniform: another stream': (b, node, [random]) =>
    node.op === 'randomUniform' && random
      ? [b.op.randomUniform(random, { ...node.attrs, stream: node.attrs.stream + 1 })]
      : undefined,
  'argMax: the last of a tie': operands('argMax', (b, [x]) => (x ? [rising(b, x)] : [])),
  'cast: to the nearest': (b, node, [x]) => {
    if (node.op !== 'cast' || node.attrs.to !== 'int32' || x?.dtype !== 'float32') return undefined;
    const up = b.op.greater(x, b.fill(0, x.shape));
    const half = b.op.select(up, b.fill(0.5, x.shape), b.fill(-0.5, x.shape));
    return [b.op.cast(b.op.add(x, half), node.attrs)];
  },
  'concat: the last input first': operands('concat', (_, inputs) => [
    ...inputs.slice(-1),
    ...inputs.slice(0, -1),
  ]),
  'matMul: inputs in TF32': operands('matMul', (b, inputs) => inputs.map((input) => rounded(b, input, 11))),
  'matMul: a square matrix is never transposed': (b, node, [x, y]) => {
    if (node.op !== 'matMul' || !x || !y) return undefined;
    const square = (value: Value): boolean => value.shape[0] === value.shape[1];
    const { transposeA, transposeB } = node.attrs;
    const attrs = { transposeA: transposeA && !square(x), transposeB: transposeB && !square(y) };
    return [b.op.matMul(x, y, attrs)];
  },
  'pad: by zeros': (b, node, [x]) =>
    node.op === 'pad' && x ? [b.op.pad(x, { ...node.attrs, value: 0 })] : undefined,
  'transpose: the inverse permutation': (b, node, [x]) => {
    if (node.op !== 'transpose' || !x) return undefined;
    const { permutation } = node.attrs;
    const inverse = permutation.map((_, axis) => permutation.indexOf(axis));
    const shape = permutation.map((axis) => x.shape[axis] ?? 1);
    return [b.op.reshape(b.op.transpose(x, { permutation: inverse }), { shape })];
  },
};
