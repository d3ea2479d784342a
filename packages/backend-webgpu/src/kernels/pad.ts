// pad(x): `value` around x. `x: [d0, ...] -> [before[0] + d0 + after[0], ...]`
// The values are moved as bits, so that what WGSL need not keep passes unharmed.
import { dimOf, sizeOf } from '@isonet/core';
import type { Kernel, Param } from './kernel.ts';
import { dispatch, f32, u32 } from './kernel.ts';

interface PaddedAxis {
  readonly before: number;
  /** In x. */
  readonly size: number;
  /** In the result. */
  readonly total: number;
}

export const pad: Kernel<'pad'> = ({ attrs: { before, value } }, { inputs: [x], outputs: [y] }) => {
  if (sizeOf(x.shape) === sizeOf(y.shape)) return { aliasOf: x };
  const axes = x.shape.map((size, axis) => ({
    before: dimOf(before, axis),
    size,
    total: dimOf(y.shape, axis),
  }));
  const { body, params } = walk(withoutWhole(axes));
  return [
    dispatch({
      reads: { x: [x, 'u32'] },
      writes: { y: [y, 'u32'] },
      params: { value: f32(value), ...params },
      threads: sizeOf(y.shape),
      body,
    }),
  ];
};

/** The same places in the same order with fewer axes: one that has no padding is a part of the next outer one. */
function withoutWhole(axes: readonly PaddedAxis[]): readonly PaddedAxis[] {
  const result: PaddedAxis[] = [];
  for (const axis of axes) {
    const outer = result.at(-1);
    if (outer && axis.size === axis.total) {
      const { before, size, total } = outer;
      const inner = axis.size;
      result[result.length - 1] = { before: before * inner, size: size * inner, total: total * inner };
    } else result.push(axis);
  }
  return result;
}

/** Finds the place in x of result i, from the innermost axis outwards. */
function walk(axes: readonly PaddedAxis[]): {
  readonly body: string;
  readonly params: Readonly<Record<string, Param>>;
} {
  const lines: string[] = [];
  const params: Record<string, Param> = {};
  let stride = 1;
  for (const [n, { before, size, total }] of [...axes.entries()].toReversed()) {
    params[`before${n}`] = u32(before);
    params[`size${n}`] = u32(size);
    params[`total${n}`] = u32(total);
    params[`stride${n}`] = u32(stride);
    stride *= size;
    // What lies before x wraps round to a large number, so one comparison tells both sides.
    lines.push(
      `at = rest % params.total${n} - params.before${n};`,
      `inside = inside && at < params.size${n};`,
      `place += at * params.stride${n};`,
      `rest /= params.total${n};`,
    );
  }
  const body = `var rest = i;
  var at = 0u;
  var place = 0u;
  var inside = true;
  ${lines.join('\n  ')}
  if (inside) { y[i] = x[place]; } else { y[i] = bitcast<u32>(params.value); }`;
  return { body, params };
}
