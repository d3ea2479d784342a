// maxPool2d(x): the maximum of each window; padding never wins. `x: [N, C, H, W] -> [N, C, OH, OW]`
import type { MaxPool2dAttrs, Shape } from '@isonet/core';
import { sizeOf } from '@isonet/core';
import type { Kernel, Param } from './kernel.ts';
import { dispatch, input, output, u32 } from './kernel.ts';

export const maxPool2d: Kernel<'maxPool2d'> = ({ attrs }, { inputs: [x], outputs: [y] }) => [
  dispatch({
    reads: { x: [input(0), 'f32'] },
    writes: { y: [output(0), 'f32'] },
    params: poolGeometry(x?.shape ?? [], y?.shape ?? [], attrs),
    threads: sizeOf(y?.shape ?? []),
    body: overWindow('y[i] = most;'),
  }),
];

/** The sizes that pooling and its gradient read: x [N, C, H, W], y [N, C, OH, OW]. */
export function poolGeometry(x: Shape, y: Shape, attrs: MaxPool2dAttrs): Readonly<Record<string, Param>> {
  const [h = 0, w = 0] = x.slice(2);
  const [oh = 0, ow = 0] = y.slice(2);
  const { kernel, strides, pads } = attrs;
  const [kh, kw] = kernel;
  const sizes = {
    h,
    w,
    oh,
    ow,
    kh,
    kw,
    strideH: strides[0],
    strideW: strides[1],
    top: pads[0],
    left: pads[1],
  };
  return Object.fromEntries(Object.entries(sizes).map(([name, value]) => [name, u32(value)]));
}

/** Finds the first maximum of window i of x, `most`, and its position `place`; then `store`s what is wanted of it. */
export function overWindow(store: string): string {
  return `let plane = i / (params.oh * params.ow) * params.h * params.w;
  let top = i32(i / params.ow % params.oh * params.strideH) - i32(params.top);
  let left = i32(i % params.ow * params.strideW) - i32(params.left);
  let first_row = u32(max(top, 0));
  let first_column = u32(max(left, 0));
  let end_row = u32(min(top + i32(params.kh), i32(params.h)));
  let end_column = u32(min(left + i32(params.kw), i32(params.w)));
  var place = plane + first_row * params.w + first_column;
  var most = x[place];
  for (var row = first_row; row < end_row; row++) {
    for (var column = first_column; column < end_column; column++) {
      let at = plane + row * params.w + column;
      let value = x[at];
      if (value > most) {
        most = value;
        place = at;
      }
    }
  }
  ${store}`;
}
