// The shared parts of the pooling kernels: their params, the window of a result, and the windows over a pixel. Gradients gather, so
// no two threads write to the same position and no atomics are needed.
import type { MaxPool2dAttrs, Shape } from '@isonet/core';
import { shape4 } from '@isonet/core';
import type { Param } from './kernel.ts';
import { u32s } from './kernel.ts';

/** Returns the params of a pooling. `x [N, C, H, W], y [N, C, OH, OW]` */
export function poolGeometry(x: Shape, y: Shape, attrs: MaxPool2dAttrs): Readonly<Record<string, Param>> {
  const [, , h, w] = shape4(x);
  const [, , oh, ow] = shape4(y);
  const { kernel, strides, pads } = attrs;
  const [kh, kw] = kernel;
  const steps = { strideH: strides[0], strideW: strides[1], top: pads[0], left: pads[1] };
  return u32s({ h, w, oh, ow, kh, kw, ...steps });
}

/** WGSL for the part of window i inside x, from `first_row`, `first_column` up to but excluding `end_row`, `end_column`. */
const windowInside = `let plane = i / (params.oh * params.ow) * params.h * params.w;
  let top = i32(i / params.ow % params.oh * params.strideH) - i32(params.top);
  let left = i32(i % params.ow * params.strideW) - i32(params.left);
  let first_row = u32(max(top, 0));
  let first_column = u32(max(left, 0));
  let end_row = u32(min(top + i32(params.kh), i32(params.h)));
  let end_column = u32(min(left + i32(params.kw), i32(params.w)));`;

/**
 * Generates WGSL that finds the first maximum of window i of x: its bits `most` and its position `place`. It ends with the code
 * `store`, which uses them. NaN counts as larger than every number. The code calls the functions of `RANKS` in rank.ts.
 */
export function firstMaximum(store: string): string {
  return `${windowInside}
  var place = plane + first_row * params.w + first_column;
  var most = x[place];
  var highest = rank(most);
  for (var row = first_row; row < end_row; row++) {
    for (var column = first_column; column < end_column; column++) {
      let at = plane + row * params.w + column;
      let value = x[at];
      let height = rank(value);
      if (height > highest) {
        most = value;
        highest = height;
        place = at;
      }
    }
  }
  ${store}`;
}

/** Generates WGSL that sums window i of x, `sum`, over its `inside` pixels. It ends with the code `store`, which uses them. */
export function windowSum(store: string): string {
  return `${windowInside}
  let inside = (end_row - first_row) * (end_column - first_column);
  var sum = 0.0;
  for (var row = first_row; row < end_row; row++) {
    for (var column = first_column; column < end_column; column++) {
      sum += x[plane + row * params.w + column];
    }
  }
  ${store}`;
}

/**
 * Generates WGSL that writes to dx, for pixel i, a sum over the windows that cover it. The code `term` adds to `sum` the
 * contribution of `window`, at (`oh`, `ow`).
 */
export function overWindowsOf(term: string): string {
  return `let plane = i / (params.h * params.w);
  // Window oh covers the rows from oh * strideH - top on: the first that covers this one, and the last.
  let below = i / params.w % params.h + params.top;
  let right = i % params.w + params.left;
  let first_oh = (max(below + 1u, params.kh) - params.kh + params.strideH - 1u) / params.strideH;
  let first_ow = (max(right + 1u, params.kw) - params.kw + params.strideW - 1u) / params.strideW;
  let last_oh = min(below / params.strideH, params.oh - 1u);
  let last_ow = min(right / params.strideW, params.ow - 1u);
  var sum = 0.0;
  for (var oh = first_oh; oh <= last_oh; oh++) {
    for (var ow = first_ow; ow <= last_ow; ow++) {
      let window = (plane * params.oh + oh) * params.ow + ow;
      ${term}
    }
  }
  dx[i] = sum;`;
}
