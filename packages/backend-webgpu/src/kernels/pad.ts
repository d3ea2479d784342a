// pad(x): surrounds x with `value`. `x: [d0, ...] -> [before[0] + d0 + after[0], ...]`
// Elements are copied as bits, so that NaN, infinities and subnormals are preserved. WGSL does not guarantee that for
// floats.
import { dimOf, sizeOf } from '@isonet/core';
import type { Kernel, Param } from './kernel.ts';
import { dispatch, f32, u32 } from './kernel.ts';

interface PaddedAxis {
  readonly before: number;
  /** The size in x. */
  readonly size: number;
  /** The size in the result. */
  readonly total: number;
}

export const pad: Kernel<'pad'> = ({ attrs: { before, value } }, { inputs: [x], outputs: [y] }) => {
  if (sizeOf(x.shape) === sizeOf(y.shape)) return { aliasOf: x };
  const axes = x.shape.map((size, axis) => ({
    before: dimOf(before, axis),
    size,
    total: dimOf(y.shape, axis),
  }));
  const { body, params } = locate(mergeUnpadded(axes));
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

/** Returns fewer axes for the same positions in the same order: an axis without padding merges into the next outer one. */
function mergeUnpadded(axes: readonly PaddedAxis[]): readonly PaddedAxis[] {
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

/** Generates the WGSL that finds the position in x of result i, from the innermost axis outwards. */
function locate(axes: readonly PaddedAxis[]): {
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
    // A position before x wraps around to a large value, so one comparison checks both bounds.
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
